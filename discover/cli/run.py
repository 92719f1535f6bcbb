"""`discover run`: a table of measurements in, a law out."""

from typing import TYPE_CHECKING, Any

from discover.cli import options
from discover.cli.answer import check_folders, deliver
from discover.cli.exits import ends_well
from discover.cli.formulas import find_formula
from discover.cli.progress import progress
from discover.errors import SettingError, did_you_mean

if TYPE_CHECKING:
    from discover.discovery import Discovery

FORMS = ("weak", "strong", "map", "stochastic")


@ends_well
def run(
    data: options.Data,
    time: options.Time = None,
    group: options.Group = None,
    space: options.Space = None,
    inputs: options.Inputs = None,
    columns: options.Columns = None,
    units: options.Units = None,
    target: options.Target = None,
    engine: options.Engine = "auto",
    degree: options.Degree = None,
    denominator: options.Denominator = None,
    terms: options.Terms = None,
    library: options.Library = None,
    by: options.By = None,
    require: options.Require = None,
    augment: options.Augment = None,
    nondimensionalise: options.Nondimensionalise = False,
    form: options.Form = "weak",
    order: options.Order = None,
    operators: options.Operators = None,
    maxsize: options.Maxsize = None,
    loss: options.Loss = None,
    guess: options.Guess = None,
    sigma: options.Sigma = None,
    weights: options.Weights = None,
    budget: options.Budget = None,
    max_evals: options.MaxEvals = None,
    seed: options.Seed = 0,
    jobs: options.Jobs = None,
    report: options.Report = None,
    save: options.Save = None,
    resume: options.Resume = None,
    as_json: options.AsJson = False,
) -> int:
    """Find the governing equations in a table of measurements.

    With --json the document holds: discover (version), verdict, reasons, interrupted, estimator,
    equations (each with target, time, space, kind, order, text, r2, held_out_r2, loss, probability, terms and
    denominator, and each term with term, value, std, low, high, inclusion, share, unit, alternatives), cases (with
    --by: every coefficient in every case), requirements (text, held, contradicted, p_value, note), suggestions
    (text, told, p_value, note), groups (name, text: with --nondimensionalise), notes, and files (what was
    written). A number that is not known is null.
    """
    check_folders(report, save)
    common = {"columns": items(columns) or None, "units": pairs(units) or None}
    loading = {"time": time, "group": group, "by": by, "space": items(space) or None, "inputs": items(inputs)}
    spent = {"budget": budget, "max_evals": max_evals, "seed": seed, "n_jobs": jobs, "require": require or ()}
    spent["nondimensionalise"] = nondimensionalise
    asked = {"operators": operators, "maxsize": maxsize, "loss": loss, "guess": guess}
    asked |= {"sigma": sigma, "weights": weights, "resume": resume}
    terms_asked = {"degree": degree, "denominator": denominator, "terms": terms, "library": library}
    targets = items(target)
    if targets:
        _refuse_of_dynamics(**loading, **terms_asked, order=order, augment=augment)
        asked["form"] = None if form == "weak" else form
        found = find_formula(data, targets, engine, asked, common | spent)
    else:
        _refuse_of_formulas(**asked)
        check_terms(degree, denominator, library)
        terms_asked["terms"] = terms or ()
        spent["augment"] = augment or ()
        found = _motion(data, common | loading, terms_asked, {"engine": engine, "by": by, **spent}, form, order)
    return deliver(found, report=report, save=save, as_json=as_json)


def _motion(
    data: list[Any],
    loading: dict[str, Any],
    terms_asked: dict[str, Any],
    settings: dict[str, Any],
    form: str,
    order: list[str] | None,
) -> "Discovery":
    """Seek equations of motion."""
    left, rows = _order(order), _form(form)
    with progress("reading") as observe:
        import discover
        from discover.data.libraries import asked_library

        dataset = discover.load(data if len(data) > 1 else data[0], **loading)
        library = asked_library(dataset, **terms_asked, order=left)
        return discover.dynamics(dataset, library=library, form=rows, order=left, observe=observe, **settings)


def check_terms(degree: int | None, denominator: int | None, library: str | None) -> None:
    """Refuse options about the terms that do not go together."""
    if library is not None and degree is not None:
        raise SettingError("--library says which terms there are, and --degree too; put poly(N) into --library.")
    if denominator is not None and denominator < 1:
        raise SettingError(f"--denominator takes a degree from 1 on, got {denominator}; leave it out for plain sums.")


def _refuse_of_dynamics(**given: Any) -> None:
    """Refuse options that a formula has no use for."""
    found = next((name for name, value in given.items() if value), None)
    if found:
        raise SettingError(
            f"--target seeks a formula of one column, which --{found} has no part in; leave --{found} out, or "
            "--target for equations of motion."
        )


def _refuse_of_formulas(**given: Any) -> None:
    """Refuse options that equations of motion have no use for."""
    found = next((name for name, value in given.items() if value is not None), None)
    if found:
        raise SettingError(f"--{found} is for a formula of a column; say which with --target, or leave --{found} out.")


def items(given: list[str] | None) -> list[str]:
    """Return the names in an option that takes them with commas, or is repeated."""
    return [item.strip() for text in given or [] for item in text.split(",") if item.strip()]


def pairs(given: list[str] | None) -> dict[str, str]:
    """Return the units in an option that takes name=unit pairs; raises SettingError for what is none."""
    pairs = {}
    for item in items(given):
        name, equals, unit = item.partition("=")
        if not equals:
            raise SettingError(f'--units got "{item}"; it takes name=unit pairs, such as "x=m,v=m s-1".')
        pairs[name.strip()] = unit.strip()
    return pairs


def _form(name: str) -> Any:
    if name not in FORMS:
        raise SettingError(f'--form got "{name}".{did_you_mean(name, FORMS)}')
    import discover

    forms = {"weak": discover.Weak, "strong": discover.Strong, "map": discover.Map, "stochastic": discover.Stochastic}
    return forms[name]()


def _order(given: list[str] | None) -> int | dict[str, int]:
    """Return an order for all states, or one for each of those named."""
    asked = items(given) or ["1"]
    named = {}
    for item in asked:
        name, _, number = item.rpartition("=")
        if not number.strip().isdigit() or bool(name) != (len(asked) > 1 or "=" in item):
            raise SettingError(f'--order got "{item}"; it takes 1 or 2, or name=number pairs such as "x=2".')
        named[name.strip()] = int(number)
    return named.get("", named)
