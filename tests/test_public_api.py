"""What users may rely on: the names, their documentation, their signatures, what an import brings."""

import doctest
import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import sys
import tomllib

import pytest
from terminal import ROOT

import neurograph as ng

PUBLIC = [
    "ACTIVATIONS", "Activation", "Adam", "CODES", "CheckpointError", "ChecksumError", "Constant",
    "DataError", "DivergedError", "Drawing", "ExponentialDecay", "FileFormatError", "Finding",
    "GradientCheck", "History", "InvalidNetworkError", "InverseTimeDecay", "LOSSES", "LimitError",
    "Loss", "LossCurve", "LossSurface", "MissingExtraError", "NeurographError", "NotLayeredError",
    "OptionError", "Page", "Program", "RMSprop", "Report", "Restarts", "Rprop", "SGD", "Search", "Step",
    "StepDecay", "Trace", "UnsafeFileError", "VersionError", "WeightError", "Witness", "WorkerError",
    "__version__", "add_bias", "add_hidden", "add_input", "add_output", "add_relays", "backward",
    "backward_steps", "biases", "check", "check_gradients", "compile_network", "connect", "draw",
    "dumps", "example_network", "exhaustive_search", "explore", "fit", "forward", "forward_steps",
    "freeze", "inputs", "is_feed_forward", "is_layered", "kind", "layers", "levels", "load", "loads",
    "loss_curve", "loss_surface", "mlp", "outputs", "plot_activations", "plot_decision_surface",
    "plot_history", "plot_loss_curve", "plot_loss_surface", "plot_restarts", "random_network",
    "randomize_weights", "read_csv", "register_activation", "restarts", "resume", "save",
    "search_rounds", "split_edge", "to_dot", "to_mermaid", "to_tikz", "topological_order", "unfreeze",
    "validate", "weights", "widget",
]  # fmt: skip

# What stands before the star: the subject, as the design has it. All else is given by its name.
SUBJECTS = {
    "add_bias": "net neuron", "add_hidden": "net neuron", "add_input": "net neuron",
    "add_output": "net neuron", "add_relays": "net", "backward": "net X Y", "backward_steps": "net X Y",
    "biases": "net", "check": "net", "check_gradients": "net X Y", "compile_network": "net",
    "connect": "net source target", "dumps": "net", "example_network": "seed",
    "draw": "net trace step", "exhaustive_search": "net X Y", "explore": "net X Y", "fit": "net X Y",
    "forward": "net X", "forward_steps": "net X", "freeze": "net edges", "inputs": "net",
    "is_feed_forward": "net", "is_layered": "net",
    "kind": "net neuron", "layers": "net", "levels": "net", "load": "path", "loads": "text",
    "loss_curve": "net X Y edge", "loss_surface": "net X Y first second", "mlp": "sizes", "outputs": "net",
    "plot_activations": "names", "plot_decision_surface": "net X Y", "plot_history": "history",
    "plot_loss_curve": "curve", "plot_loss_surface": "surface", "plot_restarts": "runs",
    "random_network": "", "randomize_weights": "net", "read_csv": "path net",
    "register_activation": "name f df", "restarts": "net X Y", "resume": "path", "save": "net path",
    "search_rounds": "net values", "split_edge": "net source target neuron", "to_dot": "net",
    "to_mermaid": "net", "to_tikz": "net", "topological_order": "net", "unfreeze": "net edges",
    "validate": "net", "weights": "net", "widget": "net X Y",
}  # fmt: skip

FUNCTIONS = [name for name in PUBLIC if inspect.isfunction(getattr(ng, name))]
CLASSES = [name for name in PUBLIC if inspect.isclass(getattr(ng, name))]
TABLES = ["ACTIVATIONS", "LOSSES", "CODES"]
PACKAGES = ["neurograph", *(m.name for m in pkgutil.walk_packages(ng.__path__, "neurograph.") if m.ispkg)]


def test_the_public_names_are_these():
    assert sorted(ng.__all__) == PUBLIC
    assert len(set(ng.__all__)) == len(ng.__all__)


def test_every_public_name_is_a_function_a_class_a_table_or_the_version():
    assert {*FUNCTIONS, *CLASSES, *TABLES, "__version__"} == set(PUBLIC)


@pytest.mark.parametrize("name", [*FUNCTIONS, *CLASSES])
def test_every_public_docstring_says_what_it_is_in_its_first_line(name):
    first = inspect.getdoc(getattr(ng, name)).splitlines()[0]
    assert first.endswith((".", ":", "``.", ";")) or len(first) > 40
    assert first[0].isupper() or first[0] in "`:0123456789"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_has_an_example(name):
    docstring = inspect.getdoc(getattr(ng, name))
    assert "Examples\n--------" in docstring
    assert doctest.DocTestParser().get_examples(docstring)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_argument_and_every_error_is_documented_here_or_where_the_docstring_points(name):
    docstring = inspect.getdoc(getattr(ng, name))
    points = re.search(r"[Pp]arameters\s+and\s+errors\s+are\s+those\s+of\s+:func:", docstring)
    for argument in set(inspect.signature(getattr(ng, name)).parameters) - {"net"}:  # always the network
        assert re.search(rf"\b{argument}\b", docstring) or points, f"{argument} is not documented"


@pytest.mark.parametrize("name", CLASSES)
def test_every_public_class_is_documented_by_its_parameters_an_example_or_what_it_is(name):
    cls = getattr(ng, name)
    docstring = inspect.getdoc(cls)
    assert docstring
    if not issubclass(cls, Exception):
        assert "Parameters\n------" in docstring or ">>>" in docstring


def test_every_table_is_read_only_and_documented():
    for name in TABLES:
        table = getattr(ng, name)
        assert len(table) > 4
        with pytest.raises(TypeError):
            table["new"] = None


@pytest.mark.parametrize("name", FUNCTIONS)
def test_everything_but_the_subject_is_given_by_its_name(name):
    parameters = inspect.signature(getattr(ng, name)).parameters.values()
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    assert " ".join(positional) == SUBJECTS[name]
    assert not any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_argument_and_every_result_has_a_type(name):
    signature = inspect.signature(getattr(ng, name))
    assert signature.return_annotation is not signature.empty
    assert all(parameter.annotation is not parameter.empty for parameter in signature.parameters.values())


@pytest.mark.parametrize("package", PACKAGES)
def test_no_function_has_the_name_of_a_module_beside_it(package):
    module = importlib.import_module(package)
    modules = {found.name for found in pkgutil.iter_modules(module.__path__)}
    names = {name for name in module.__all__ if not inspect.ismodule(getattr(module, name))}
    assert not names & modules


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_has_all_the_names_it_announces(package):
    module = importlib.import_module(package)
    assert all(hasattr(module, name) for name in module.__all__)


def test_every_error_is_a_neurograph_error():
    for name in CLASSES:
        if issubclass(getattr(ng, name), Exception):
            assert issubclass(getattr(ng, name), ng.NeurographError)


# ── the package ──────────────────────────────────────────────────────────────────────────────────


def modules_after(statement):
    """Names of the modules that are there after a statement, in a fresh process."""
    code = f"{statement}\nimport json, sys; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(json.loads(done.stdout))


def test_an_import_brings_the_standard_library_networkx_numpy_and_nothing_else():
    brought = modules_after("import neurograph") - modules_after("import networkx, numpy.random")
    tops = {name.partition(".")[0] for name in brought}
    assert tops <= set(sys.stdlib_module_names) | {"networkx", "numpy", "neurograph", "__mp_main__"}
    assert "neurograph" in tops


def test_an_import_leaves_the_command_line_the_network_and_the_tests_alone():
    brought = modules_after("import neurograph") - modules_after("import networkx, numpy.random")
    assert not brought & {"neurograph.cli", "argparse", "socket", "ssl", "unittest", "doctest", "numba"}


def test_the_package_says_that_it_is_typed():
    assert (ROOT / "neurograph" / "py.typed").read_bytes() == b""


def test_the_version_is_the_project_s():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == ng.__version__
    assert project["name"] == "neurograph-sim"
    assert [re.split("[<>=]", name)[0] for name in project["dependencies"]] == ["networkx", "numpy"]
