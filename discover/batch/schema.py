"""What a plan may say: one row a key, from which its check, its documentation and the call itself follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from discover.errors import InputError, SettingError, did_you_mean

Use = Literal["plan", "limit", "load", "table", "library", "form", "symbolic", "dynamics", "law", "find"]
"""What takes a value: the batch itself, a limit on the process, `discover.load`, that or a table without time, the
library, what rows or formulas look like, the symbolic engine, `discover.dynamics`, `discover.law`, or both."""

FORMS = ("weak", "strong", "map", "stochastic")


@dataclass(frozen=True, slots=True)
class Kind:
    """Values of one kind: what they are called, and whether something is one."""

    told: str
    fits: Callable[[Any], bool]


def _whole(least: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= least


def _texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _table_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and bool(value) and all(map(fits, value.values()))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_error(value: Any) -> bool:
    return _is_text(value) or (isinstance(value, int | float) and not isinstance(value, bool))


TEXT = Kind("text in quotes", _is_text)
TEXTS = Kind("a list of texts", _texts)
WISHES = Kind("text or a list of texts", lambda value: _is_text(value) or _texts(value))
NAMES = Kind("a name or a list of names", lambda value: _is_text(value) or _texts(value))
SWITCH = Kind("true or false", lambda value: isinstance(value, bool))
COUNT = Kind("a whole number from 1 on", _whole(1))
SEED = Kind("a whole number from 0 on", _whole(0))
AMOUNT = Kind("a number or text with a unit", _is_error)
SPELLED = Kind("text or a table of texts", lambda value: _is_text(value) or _table_of(_is_text)(value))
TABLE = Kind("a table", lambda value: isinstance(value, dict) and bool(value))
ERRORS = Kind("a column, a number, or a table of these", lambda v: _is_error(v) or _table_of(_is_error)(v))
PAIRS = Kind("a table of texts", _table_of(_is_text))
ORDERS = Kind("1, 2, or a table of these", lambda v: v in (1, 2) or _table_of(lambda one: one in (1, 2))(v))


# --- from what stands in a plan to what a function takes --------------------------------------------------------------


def plain(value: Any) -> Any:
    """Return a value as it is."""
    return value


def form(name: Any) -> Any:
    """Return the form of the rows of that name."""
    if name not in FORMS:
        raise SettingError(f'There is no form "{name}".{did_you_mean(str(name), FORMS)}')
    import discover

    forms = {"weak": discover.Weak, "strong": discover.Strong, "map": discover.Map, "stochastic": discover.Stochastic}
    return forms[name]()


def engine(name: str) -> str:
    """Return the name of an engine, for whatever kind of law."""
    from discover.find import ENGINES, LAW_ENGINES

    known = ("auto", *{**ENGINES, **LAW_ENGINES})
    if name not in known:
        raise SettingError(f'There is no engine "{name}".{did_you_mean(name, known)}')
    return name


def spelled_library(text: str) -> str:
    """Return text that spells a library."""
    from discover.expr import read_library

    read_library(text)
    return text


def terms(spelled: list[str]) -> list[str]:
    """Return terms on offer; each must be an expression, whatever names it has."""
    from discover.expr.parsing import plain_text

    for term in spelled:
        plain_text(term)
    return spelled


def duration(amount: Any) -> float:
    """Return a time in seconds.

    >>> duration("10min")
    600.0
    """
    from discover.find import seconds

    found = seconds(amount)
    assert found is not None
    return found


def memory(amount: Any) -> int:
    """Return an amount of memory in bytes; a number alone is bytes.

    Raises:
        SettingError: for what is no amount, and below 256 MB, in which nothing starts.

    >>> memory("2 GB"), memory("512MiB")
    (2000000000, 536870912)
    """
    units = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
    units |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
    text = str(amount).strip().upper()
    number = text.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ ")
    try:
        found = int(float(number) * units[text[len(number) :].strip()])
    except (ValueError, KeyError, OverflowError):
        raise SettingError(f'Memory is an amount such as "2 GB" or "512 MiB", got {amount!r}.') from None
    if found < LEAST_MEMORY:
        raise SettingError(f"A job needs at least {LEAST_MEMORY // 10**6} MB to start at all, got {amount!r}.")
    return found


LEAST_MEMORY = 256 * 10**6


# --- the keys ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a plan.

    Attributes:
        name: as it stands in the plan.
        kind: the values it takes.
        use: what takes it.
        told: what it is for, for the documentation.
        read: what makes the argument of it; raises InputError.
        argument: the keyword it is passed by, where that is another.
    """

    name: str
    kind: Kind
    use: Use
    told: str
    read: Callable[[Any], Any] = plain
    argument: str = ""

    @property
    def keyword(self) -> str:
        return self.argument or self.name


KEYS: Mapping[str, Key] = {
    key.name: key
    for key in (
        Key("name", TEXT, "plan", "what the jobs are called; by default after their data"),
        Key("data", NAMES, "plan", "files, globs or lists of these, seen from the folder of the plan"),
        Key("together", SWITCH, "plan", "one law for all the files, instead of a job for each"),
        Key("target", NAMES, "plan", "a formula of this column, y = f(x), instead of equations of motion"),
        Key("time", TEXT, "load", "the column that is the time"),
        Key("group", TEXT, "load", "the column that tells trajectories apart"),
        Key("by", TEXT, "load", "the column of cases that share one form, with coefficients of their own"),
        Key("space", NAMES, "load", "the coordinates of a field over space"),
        Key("inputs", NAMES, "load", "columns that drive the system and get no equation"),
        Key("columns", NAMES, "table", "the columns that are states, or that may explain the target"),
        Key("units", PAIRS, "table", "units where the headers have none"),
        Key("library", TEXT, "library", "terms on offer, as --library spells them", spelled_library),
        Key("degree", COUNT, "library", "highest degree of the polynomial terms"),
        Key("denominator", COUNT, "library", "divide by polynomials up to this degree"),
        Key("terms", TEXTS, "library", "more terms on offer", terms),
        Key("form", SPELLED, "form", "what the rows are: weak, strong, map or stochastic; of a formula a*exp(-b*x)"),
        Key("order", ORDERS, "dynamics", "1 explains x', 2 explains x'' from positions alone"),
        Key("require", WISHES, "find", 'what the law must obey, such as "positive: x", or of a formula "0 <= y <= 1"'),
        Key("augment", WISHES, "dynamics", 'symmetries whose copies of the trajectories are added, "x -> -x"'),
        Key("nondimensionalise", SWITCH, "find", "seek the law between dimensionless groups; all units must be known"),
        Key("engine", TEXT, "find", "who searches; discover engines lists them", engine),
        Key("budget", AMOUNT, "find", "stop searching after this long, and keep the best so far", duration),
        Key("max_evals", COUNT, "find", "stop after so many candidates: the same law on every machine"),
        Key("seed", SEED, "find", "of everything that is drawn"),
        Key("sigma", ERRORS, "law", "standard error of the target"),
        Key("weights", ERRORS, "law", "how much each row counts"),
        Key("guesses", TEXTS, "law", "formulas that are tried first"),
        Key("binary_operators", TEXTS, "symbolic", "those of + - * / ** that may be used"),
        Key("unary_operators", TEXTS, "symbolic", "functions that may be used"),
        Key("operators", PAIRS, "symbolic", 'functions of your own, sigmoid = "1/(1 + exp(-x))"'),
        Key("maxsize", COUNT, "symbolic", "most names, numbers and operators of an equation"),
        Key("max_depth", COUNT, "symbolic", "most levels of an equation"),
        Key("nested_constraints", TABLE, "symbolic", "how many of one function may stand inside another"),
        Key("complexity_of_operators", TABLE, "symbolic", "what an operator counts instead of 1"),
        Key("loss", TEXT, "symbolic", "what a row costs: auto, squared, huber, quantile or log"),
        Key("threads", COUNT, "find", "threads of one job", argument="n_jobs"),
        Key("time_limit", AMOUNT, "limit", "end the job after this long; it then counts as failed", duration),
        Key("memory_limit", AMOUNT, "limit", "end the job above this much memory", memory),
    )
}
"""Everything that [defaults], a [[jobs]] and its matrix may hold."""

SILENT = ("name", "data", "time_limit", "memory_limit", "threads")
"""Keys that the law does not depend on."""


def refusal(key: Key, value: Any) -> str | None:
    """Return what is wrong with a value of a key, or None."""
    if not key.kind.fits(value):
        return f"It takes {key.kind.told}, got {_shown(value)}."
    try:
        key.read(value)
    except InputError as error:
        return str(error)
    return None


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
