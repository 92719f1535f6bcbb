"""`discover run --target`: a formula of some columns of a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from discover.cli.live import live
from discover.errors import SettingError

if TYPE_CHECKING:
    from discover.discovery import Discovery


def find_formula(
    data: Sequence[Any], targets: list[str], engine: str, asked: dict[str, Any], common: dict[str, Any]
) -> "Discovery":
    """Seek a formula of each target, for a minute unless told otherwise.

    Args:
        data: the one table.
        targets: columns to be explained.
        engine: by name; "auto" is the symbolic one.
        asked: option -> what was typed, of those that only formulas have.
        common: keyword arguments of `discover.law`.
    """
    if len(data) > 1:
        raise SettingError(f"--target seeks a formula in one table, got {len(data)} files; join them first.")
    if common["budget"] is None and common["max_evals"] is None:
        common["budget"] = "60s"
    import discover
    from discover.find import seconds

    target = targets if len(targets) > 1 else targets[0]
    settings = {
        "sigma": per_target("--sigma", asked["sigma"], targets),
        "weights": per_target("--weights", asked["weights"], targets),
        "form": forms(asked["form"], targets),
        "guesses": asked["guess"],
        "resume": asked["resume"],
    }
    searcher = _engine("symbolic" if engine == "auto" else engine, asked)
    told = {name: value for name, value in settings.items() if value is not None}
    with live(seconds(common["budget"])) as observe:
        return discover.law(data[0], target, engine=searcher, observe=observe, **told, **common)


def _engine(name: str, asked: dict[str, Any]) -> Any:
    """Return an engine by name, configured where operators, a size or a loss were asked for."""
    import discover

    told = {key: asked[key] for key in ("maxsize", "loss") if asked[key] is not None}
    told |= operators(asked["operators"] or [])
    if not told:
        return name
    if name != "symbolic":
        given = next(option for option in ("operators", "maxsize", "loss") if asked[option] is not None)
        raise SettingError(f"--{given} is for the symbolic engine, got --engine {name}; leave one of them out.")
    return discover.Symbolic(**told)


def operators(given: list[str]) -> dict[str, Any]:
    """Return the operators that were typed, those of two operands, functions, and the user's own.

    >>> operators(["+ * / sin", "sigmoid = 1/(1 + exp(-x))"])["unary_operators"]
    ('sin',)
    """
    binary: list[str] = []
    unary: list[str] = []
    own: dict[str, str] = {}
    for text in given:
        name, equals, body = text.partition("=")
        if equals:
            own[name.strip()] = body.strip()
            continue
        for word in text.replace(",", " ").split():
            (unary if word.isidentifier() else binary).append(word)
    told: dict[str, Any] = {"operators": own} if own else {}
    return told | ({"binary_operators": tuple(binary), "unary_operators": tuple(unary)} if binary or unary else {})


def per_target(option: str, given: str | None, targets: list[str]) -> Any:
    """Return what was typed for all targets, or as a dict of targets; numbers are numbers.

    >>> per_target("--sigma", "0.5", ["y"]), per_target("--sigma", "a=s, b=0.1", ["a", "b"])
    (0.5, {'a': 's', 'b': 0.1})
    """
    if given is None:
        return None
    pairs = [item.partition("=") for item in given.split(",")]
    if not all(equals and name.strip() in targets for name, equals, _ in pairs):
        return _number(given)
    return {name.strip(): _number(value.strip()) for name, _, value in pairs}


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def forms(given: str | None, targets: list[str]) -> str | dict[str, str] | None:
    """Return the form that was typed; of several targets "F1 = …; F2 = …".

    >>> forms("a*f(x)", ["y"]), forms("a = k*x; b = f(x)", ["a", "b"])
    ('a*f(x)', {'a': 'k*x', 'b': 'f(x)'})
    """
    if given is None or len(targets) == 1:
        return given
    found = {}
    for text in given.split(";"):
        name, equals, body = text.partition("=")
        if not equals or name.strip().strip("`") not in targets:
            raise SettingError(f'--form got "{text.strip()}"; of several targets it takes "{targets[0]} = …; …".')
        found[name.strip().strip("`")] = body.strip()
    return found
