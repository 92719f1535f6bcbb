"""The house rules that a reader relies on: short files, short functions, plain names, rooms with a test each."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAX_LINES_OF_FILE = 400
MAX_LINES_OF_FUNCTION = 60
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "core", "common", "base", "manager", "misc"}

PRODUCT = sorted([*(ROOT / "discover").rglob("*.py"), *(ROOT / "kernels").rglob("*.py")])
ALL = sorted(
    [*PRODUCT, *(path for room in ("tests", "benchmarks", "examples") for path in (ROOT / room).rglob("*.py"))]
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(function: Function) -> int:
    """Return how many lines a function takes, its decorators and its docstring not counted."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def is_overload(node: Function | ast.ClassDef) -> bool:
    """Return whether a definition only lists types; the one that it stands before says what it does."""
    return any(isinstance(mark, ast.Name) and mark.id == "overload" for mark in node.decorator_list)


def public(tree: ast.Module) -> Iterator[Function | ast.ClassDef]:
    """Yield what a reader may call: functions, classes and their methods; properties speak for themselves."""
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_") and not is_overload(node):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (
                    method
                    for method in node.body
                    if isinstance(method, Function) and not method.name.startswith("_") and not method.decorator_list
                )


@pytest.mark.parametrize("path", ALL, ids=named)
def test_a_file_fits_on_a_few_screens(path: Path) -> None:
    n_lines = len(path.read_text(encoding="utf-8").splitlines())
    assert n_lines <= MAX_LINES_OF_FILE, f"{named(path)} has {n_lines} lines; split it by what its parts are for"


@pytest.mark.parametrize("path", ALL, ids=named)
def test_a_function_fits_on_one_screen(path: Path) -> None:
    long = {function.name: length(function) for function in functions(parsed(path))}
    assert not {name: n for name, n in long.items() if n > MAX_LINES_OF_FUNCTION}


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_what_is_public_says_what_it_does(path: Path) -> None:
    silent = [node.name for node in public(parsed(path)) if ast.get_docstring(node) is None]
    assert not silent


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_a_module_opens_with_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(parsed(path)), f"{named(path)} has no docstring"


def test_no_name_says_nothing() -> None:
    parts = {part for path in ALL for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not parts & NAMES_THAT_SAY_NOTHING
    classes = {
        node.name.lower() for path in PRODUCT for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)
    }
    assert not classes & NAMES_THAT_SAY_NOTHING


def rooms() -> dict[str, Path]:
    """Return every room with code in it, under the name its tests go by."""
    found = {path.parent.name: path.parent for path in (ROOT / "discover").glob("*/__init__.py")}
    return {**found, "kernels": ROOT / "kernels" / "discover_kernels"}


@pytest.mark.parametrize("room", sorted(rooms()))
def test_every_room_has_tests(room: str) -> None:
    assert list((ROOT / "tests" / room).glob("test_*.py")), f"tests/{room}/ is missing or empty"


def test_the_tests_mirror_the_rooms() -> None:
    strays = []
    for path in (ROOT / "tests").glob("*/test_*.py"):
        room = rooms().get(path.parent.name)
        subject = path.stem.removeprefix("test_")
        if room is not None and not (room / f"{subject}.py").exists() and subject != room.name:
            strays.append(named(path))
    assert not strays, "each is named after no file of its room"


def test_no_module_bears_the_name_of_a_public_function() -> None:
    import discover

    modules = {path.stem for path in (ROOT / "discover").iterdir() if path.suffix in ("", ".py")}
    assert not modules & set(discover.__all__)


def test_the_tools_of_measurement_can_fail() -> None:
    body = "\n".join(["def long():", *["    pass"] * 61])
    (function,) = functions(ast.parse(body))
    assert length(function) == 62
    documented = 'def f():\n    """One.\n\n    Two."""\n    return 1\n'
    (function,) = functions(ast.parse(documented))
    assert length(function) == 2
    assert [node.name for node in public(ast.parse("def f(): ...\ndef _g(): ...\nclass A:\n    def h(self): ..."))] == [
        "f",
        "A",
        "h",
    ]
