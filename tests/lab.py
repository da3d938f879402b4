"""A real JupyterLab for tests: a server for this machine alone, a tab of a browser, notebooks that run."""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from terminal import ROOT

PATIENCE = 60.0  # seconds for what takes two on an idle machine
KERNEL = "this-python"
OPTIONS = {
    "ServerApp.ip": "127.0.0.1",
    "ServerApp.port": 0,  # one that is free
    "ServerApp.open_browser": False,
    "ServerApp.allow_root": True,
    "ServerApp.shutdown_no_activity_timeout": 600,  # should nobody be left to end it
    "MappingKernelManager.cull_idle_timeout": 300,
    "LabApp.expose_app_in_browser": True,
    "LabApp.news_url": "",
    "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    "LabApp.extension_manager": "readonly",
}
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # every output is in the page, seen or not
}


def wait_for(condition, what):
    """Ask again and again until something is true; return it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE:.0f} s in vain for {what}")


class Lab:
    """A JupyterLab server in a folder of its own, which knows nothing of the user's settings."""

    def __init__(self, folder, browser):
        self.folder, self.token = Path(folder), secrets.token_hex(16)
        self.context = browser.new_context(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")
        self.context.set_default_timeout(1000 * PATIENCE)
        self._prepare()
        command = [
            sys.executable,
            "-m",
            "jupyterlab",
            *(f"--{name}={value}" for name, value in OPTIONS.items()),
        ]
        self._log = (self.folder / "log.txt").open("wb")
        self._process = subprocess.Popen(
            [*command, f"--ServerApp.root_dir={self.folder / 'notebooks'}"],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=os.environ | self._variables(),
        )
        try:
            self.address = wait_for(self._find_address, "the server")
        except BaseException:
            self.stop()
            raise

    def _variables(self):
        places = {
            "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }  # fmt: skip
        return {"JUPYTER_TOKEN": self.token, "PYTHONPATH": str(ROOT)} | {
            name: str(self.folder / place) for name, place in places.items()
        }

    def _prepare(self):
        """Write the settings, and a kernel that runs this Python with this package."""
        (self.folder / "notebooks").mkdir()
        self._write_json(f"data/kernels/{KERNEL}/kernel.json", {
            "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": KERNEL, "language": "python", "env": {"PYTHONPATH": str(ROOT)},
        })  # fmt: skip
        for name, values in SETTINGS.items():
            self._write_json(f"settings/@jupyterlab/{name}.jupyterlab-settings", values)

    def _write_json(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data), encoding="utf-8")

    def _find_address(self):
        """The address that the server has written down, once it answers there."""
        assert self._process.poll() is None, self.log
        for path in (self.folder / "runtime").glob("jpserver-*.json"):
            try:
                address = json.loads(path.read_text(encoding="utf-8"))["url"].rstrip("/")
                self._ask(f"{address}/api/status")
            except (ValueError, OSError):  # half written, or not listening yet
                return None
            return address
        return None

    def _ask(self, url, method="GET"):
        request = urllib.request.Request(url, method=method, headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.read()

    @property
    def log(self):
        return (self.folder / "log.txt").read_text(encoding="utf-8", errors="replace")

    def stop(self):
        """End the server, which ends its kernels, and wait until it is gone."""
        self.context.close()
        try:
            self._ask(f"{self.address}/api/shutdown", "POST")
            self._process.wait(PATIENCE)
        except (AttributeError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
        self._process.wait()
        self._log.close()

    def open(self, name, cells):
        """Open a new notebook of some cells of code in a new tab."""
        code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
        self._write_json(f"notebooks/{name}", {
            "cells": [code | {"id": f"cell-{i}", "source": cell} for i, cell in enumerate(cells)],
            "metadata": {"kernelspec": {"name": KERNEL, "display_name": KERNEL, "language": "python"}},
            "nbformat": 4, "nbformat_minor": 5,
        })  # fmt: skip
        return Notebook(self, name)

    def open_file(self, name):
        """Open a notebook that lies in the folder in a new tab."""
        return Notebook(self, name)


# What the page is asked to do; `jupyterapp` is JupyterLab's own object, put there by an option of the server.
READY = """async () => {
    await jupyterapp.restored;
    const panel = jupyterapp.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
}"""
RUN = """async (i) => {
    const { content, sessionContext } = jupyterapp.shell.currentWidget;
    content.activeCellIndex = i;
    content.deselectAll();
    await jupyterapp.commands.execute("notebook:run-cell");
    return content.widgets[i].model.outputs.toJSON();
}"""

RUN_ALL = """async () => {
    const { content } = jupyterapp.shell.currentWidget;
    await jupyterapp.commands.execute("notebook:run-all-cells");
    const code = content.widgets.filter((cell) => cell.model.type === "code");
    return code.map((cell) => cell.model.outputs.toJSON());
}"""


class Notebook:
    """A notebook in a tab: cells to run, outputs to look at, what the tab asked for and complained of."""

    def __init__(self, lab, name):
        self.requests, self.complaints = [], []
        self._lab = lab
        self.tab = lab.context.new_page()
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("websocket", lambda socket: self.requests.append(socket.url))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.goto(f"{lab.address}/doc/tree/{name}?token={lab.token}")
        self.tab.wait_for_function("() => globalThis.jupyterapp?.shell.currentWidget?.sessionContext")
        self.tab.evaluate(READY)

    def run(self, i):
        """Run a cell to its end; return the text that it printed or showed."""
        return self._read(self.tab.evaluate(RUN, i))

    def start(self, i):
        """Start a cell; return what waits for its end, and then does as `run` does."""
        self.tab.evaluate(f"(i) => {{ globalThis.running = ({RUN})(i); }}", i)
        return lambda: self._read(self.tab.evaluate("() => globalThis.running"))

    def run_all(self):
        """Run all cells to the end; return for each cell of code what it printed or showed."""
        return [self._read(outputs) for outputs in self.tab.evaluate(RUN_ALL)]

    def choose_theme(self, name):
        self.tab.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })", name)

    def save(self):
        self.tab.evaluate("() => jupyterapp.shell.currentWidget.context.save()")

    def _read(self, outputs):
        errors = [output for output in outputs if output["output_type"] == "error"]
        assert not errors, "\n".join(errors[0]["traceback"])
        return "".join(_text(output) for output in outputs)

    def output(self, i):
        """What stands below a cell."""
        return self.tab.locator(".jp-Cell").nth(i).locator(".jp-OutputArea-output")

    @property
    def strange_requests(self):
        """The requests that went to anything but the server."""
        host = self._lab.address.partition("://")[2].partition("/")[0]
        own = (f"http://{host}/", f"ws://{host}/", "data:", "blob:")
        return [url for url in self.requests if not url.startswith(own)]

    def close(self):
        """Shut the kernel down and close the tab."""
        self.tab.evaluate("async () => { await jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")
        self.tab.close()


def _text(output):
    if output["output_type"] == "stream":
        return "".join(output["text"])
    return "".join(output["data"].get("text/plain", ""))
