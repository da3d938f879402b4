"""The package's own import graph, checked with neurograph, and rules about what stands in its code."""

import ast
import re

import networkx as nx
import pytest
from terminal import ROOT

import neurograph as ng

PACKAGE = ROOT / "neurograph"
# A module may import what stands on its own line or above it.
FLOORS = (
    "launch", "errors", "options", "markup", "version", "functions", "network", "walk", "engine", "files",
    "learning", "theory", "view", "console", "arguments", "commands", "demo", "cli", "__main__",
)  # fmt: skip
LONGEST_FUNCTION, LONGEST_MODULE = 45, 400
LONGER_MODULES: dict[str, str] = {}
LONGER_FUNCTIONS: dict[str, str] = {}

FILES = sorted(path for path in PACKAGE.rglob("*.py"))
NAMES = {
    path: ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in FILES
}
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
MODULES = set(NAMES.values())


def for_typing_only(node):
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def statements(tree):
    """Walk a tree past what only type checkers see."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack += [child for child in ast.iter_child_nodes(node) if not for_typing_only(child)]


def imported(path):
    """The modules of the package that a file imports, wherever in it."""
    for node in statements(TREES[path]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in MODULES or node.module in MODULES:
                    yield whole if whole in MODULES else node.module


@pytest.fixture(scope="module")
def imports():
    """The import graph: an edge from what is imported to what imports it, as data flows."""
    graph = nx.DiGraph()
    graph.add_nodes_from(MODULES)
    graph.add_edges_from((source, NAMES[path]) for path in FILES for source in imported(path))
    assert graph.number_of_edges() > 100
    return graph


def test_no_import_is_circular(imports):
    assert ng.is_feed_forward(imports)
    place = {module: i for i, module in enumerate(ng.topological_order(imports))}
    assert all(place[source] < place[target] for source, target in imports.edges)


def test_the_errors_are_the_ground_floor_and_the_command_line_the_roof(imports):
    assert imports.in_degree("neurograph.errors") == 0
    depth = {module: i for i, level in enumerate(ng.levels(imports)) for module in level}
    assert depth["neurograph.errors"] < depth["neurograph.walk.passes"] < depth["neurograph.cli"]


def floor(module):
    return FLOORS.index(module.split(".")[1])


def test_imports_point_up_the_house(imports):
    down = [
        f"{target} imports {source}"
        for source, target in imports.edges
        if target != "neurograph" and source != "neurograph" and floor(source) > floor(target)
    ]
    assert not down


def test_only_the_command_line_imports_the_whole_package(imports):
    assert set(imports.successors("neurograph")) <= {"neurograph.cli", "neurograph"}


def test_every_module_has_its_place():
    assert {module.split(".")[1] for module in MODULES - {"neurograph"}} <= set(FLOORS)


def test_every_module_opens_with_why_it_exists():
    for path, tree in TREES.items():
        assert ast.get_docstring(tree), path


# ── rules G1 to G6: what must not stand in the code ──────────────────────────────────────────────

FORBIDDEN_MODULES = {
    "pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml", "random", "runpy", "ctypes",
    "socket", "ssl", "urllib", "http", "requests", "ftplib", "xml", "lxml", "tempfile.mktemp",
}  # fmt: skip
FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "__import__", "globals", "sys.setrecursionlimit", "os.system", "os.popen",
    "np.genfromtxt", "np.loadtxt", "np.fromfile", "np.load", "multiprocessing.Pool", "Pool", "joblib.load",
    "tempfile.mktemp",
}  # fmt: skip
FORBIDDEN_ATTRIBUTES = re.compile(
    r"(nx|networkx)\.(read_\w+|parse_\w+|node_link_\w+|from_\w+|\w*pickle\w*|topological_generations|find_cycle)"
    r"|(np|numpy)\.random\.(?!default_rng$|Generator$|SeedSequence$|PCG64$)\w+"
)


def uses(tree):
    """Every dotted name, every imported module and every call of a file, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (("import", alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "import", node.module, node
            yield from (("import", f"{node.module}.{alias.name}", node) for alias in node.names)
        elif isinstance(node, ast.Call):
            yield "call", ast.unparse(node.func), node
        elif isinstance(node, ast.Attribute):
            yield "attribute", ast.unparse(node), node


def broken_rules(tree):
    for kind, name, node in uses(tree):
        parts = name.split(".")
        if kind == "import" and any(".".join(parts[: i + 1]) in FORBIDDEN_MODULES for i in range(len(parts))):
            yield f"line {node.lineno}: imports {name}"
        if kind == "call" and name in FORBIDDEN_CALLS:
            yield f"line {node.lineno}: calls {name}"
        if kind == "call" and any(keyword.arg == "shell" for keyword in node.keywords):
            yield f"line {node.lineno}: uses a shell"
        if kind == "attribute" and FORBIDDEN_ATTRIBUTES.fullmatch(name):
            yield f"line {node.lineno}: uses {name}"
        if kind == "call" and parts[-1] == "import_module" and not isinstance(node.args[0], ast.Constant):
            yield f"line {node.lineno}: imports what data names"
        if kind == "call" and name == "setattr":
            yield f"line {node.lineno}: sets an attribute by its name"


@pytest.mark.parametrize("path", FILES, ids=lambda path: NAMES[path])
def test_nothing_dangerous_is_imported_or_called(path):
    assert not list(broken_rules(TREES[path]))


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from marshal import loads",
        "import xml.etree.ElementTree",
        "from random import random",
        "eval('1')",
        "exec(text)",
        "compile(text, '', 'exec')",
        "__import__(name)",
        "importlib.import_module(name)",
        "np.random.seed(0)",
        "np.random.rand()",
        "np.load(path)",
        "nx.read_graphml(path)",
        "nx.node_link_graph(data)",
        "sys.setrecursionlimit(10**6)",
        "subprocess.run('ls', shell=True)",
        "multiprocessing.Pool()",
        "setattr(net, key, value)",
    ],
)
def test_the_rules_see_what_they_are_for(code):
    assert list(broken_rules(ast.parse(code)))


def test_the_rules_let_sound_code_pass():
    code = (
        "import numpy as np\nnp.random.default_rng(0)\nre.compile('a')\nnx.DiGraph()\nimport_module('numba')"
    )
    assert not list(broken_rules(ast.parse(code)))


def test_every_test_module_has_a_name_of_its_own():
    """The folders of tests are no packages: pytest imports one of two modules of the same name, and stops."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) > 60
    assert sorted(names) == sorted(set(names))


def test_nobody_is_told_to_install_the_package_of_somebody_else():
    pages = [
        *FILES,
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "pyproject.toml",
        ROOT / "Makefile",
    ]
    wrong = re.compile(r"pip install[^\n`]*\bneurograph\b(?!-sim)")
    assert wrong.search("pip install neurograph")
    assert not wrong.search("pip install 'neurograph-sim[fast]'")
    allowed = ("decisions/0001",)  # the page that explains the name
    for page in pages:
        if not any(part in page.as_posix() for part in allowed):
            assert not wrong.search(page.read_text(encoding="utf-8")), page


# ── sizes ────────────────────────────────────────────────────────────────────────────────────────


def functions(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield node.name, (body[-1].end_lineno - body[0].lineno + 1 if body else 0)


@pytest.mark.parametrize("path", FILES, ids=lambda path: NAMES[path])
def test_functions_and_modules_are_short(path):
    name = path.relative_to(ROOT).as_posix()
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_MODULE or name in LONGER_MODULES, f"{lines} lines"
    long = [
        f"{function}: {length} lines"
        for function, length in functions(TREES[path])
        if length > LONGEST_FUNCTION
    ]
    assert not long or name in LONGER_FUNCTIONS, long


def test_most_functions_fit_on_a_quarter_of_a_screen():
    lengths = sorted(length for tree in TREES.values() for _, length in functions(tree))
    assert len(lengths) > 200
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[int(0.95 * len(lengths))] <= 30
