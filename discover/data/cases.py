"""Cases: trajectories that obey one form with coefficients of their own, told apart by indicators.

An indicator is an input without noise, 1 in its case and 0 elsewhere (Iverson's bracket), so that a term of one case
is an expression like any other, and everything downstream works on it as it is.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from discover.data.noise import noise_level
from discover.data.several import Recordings
from discover.errors import DataError, SettingError, did_you_mean
from discover.expr import DIMENSIONLESS
from discover.problem import Array, Block, Problem

if TYPE_CHECKING:
    import xarray as xr

LEAST_ROWS = 8
"""Rows that a case must have to be fitted with coefficients of its own."""

MOST_CASES = 60

CLEAR = 4.0
"""Standard errors by which the noise of a case differs from that of all before each has its own level."""

LEAST_SHARE = 1e-3
"""Least noise of a case over that of all: below it quadrature error is what is left."""


def with_cases(problem: Problem, dataset: "xr.Dataset | Recordings", by: str) -> Problem:
    """Return the problem with an indicator for each case, and folds that each hold a part of every case.

    Args:
        problem: whatever was formulated from the dataset.
        dataset: as `discover.load` returns it.
        by: "trajectory", or what the dataset calls the labels of its trajectories or cases.

    Raises:
        SettingError: where there are no such labels.
        DataError: where fewer than two cases can be fitted; it names those that are too short.
    """
    if problem.space and problem.coordinates:
        raise SettingError("Over space, by= goes with terms of the fields alone; leave out those with coordinates.")
    labels = _labels(problem, dataset, by)
    if not all(isinstance(block.X, np.ndarray) for block in problem):
        raise DataError(
            f'by="{by}" needs all recordings in memory, and these are larger; thin them out, or leave by= out.'
        )
    counts = dict.fromkeys(labels, 0)
    for label, block in zip(labels, problem.blocks, strict=True):
        counts[label] += block.n_rows
    measured = dict.fromkeys(labels if isinstance(dataset, Recordings) else _all_labels(dataset, by))
    short = [label for label in measured if counts.get(label, 0) < LEAST_ROWS]
    cases = tuple(label for label in measured if label not in short)
    notes = [*problem.notes, *_short_notes(short, counts, by)]
    if len(cases) < 2:
        told = f". {notes[-1].rstrip(chr(46))}" if short else ""
        raise DataError(
            f'by="{by}" needs two cases or more to compare, and there {"is" if len(cases) == 1 else "are"} '
            f"{len(cases) or 'none'}{told}; leave by= out."
        )
    if len(cases) > MOST_CASES:
        raise DataError(f'by="{by}" makes {len(cases)} cases; at most {MOST_CASES} can be fitted at once.')
    kept = [(label, block) for label, block in zip(labels, problem.blocks, strict=True) if label in cases]
    n = len(cases)
    own, said = _own_noise(problem, kept, cases)
    if own is not None and problem.growing is not None:  # large values of loud cases look like growth with the value
        notes = [note for note in notes if "grows with the size" not in note]
        problem = replace(problem, growing=None)
    return replace(
        problem,
        names=(*problem.names, *(f"[{by} = {label}]" for label in cases)),
        units=(*problem.units, *("1",) * n),
        dimensions=(*problem.dimensions, *(DIMENSIONLESS,) * n),
        noise=np.concatenate([problem.noise, np.zeros(n)]),
        scale=np.concatenate([problem.scale, np.ones(n)]),
        blocks=_with_indicators(kept, cases, counts, problem.n_folds),
        notes=(*notes, *said),
        cases=cases,
        by=by,
        case_noise=own,
    )


def _labels(problem: Problem, dataset: "xr.Dataset | Recordings", by: str) -> list[str]:
    """Return the case of every block."""
    if isinstance(dataset, Recordings) and by == "trajectory":
        return [block.trajectory for block in problem]
    known = [
        str(dataset[name].attrs.get("long_name", name)) for name in ("trajectory", "case") if name in dataset.coords
    ]
    if by not in ("trajectory", *known) or not known:
        raise SettingError(
            f'The data have no labels "{by}" to tell cases apart by.{did_you_mean(by, ["trajectory", *known])} '
            f'Load them with group="{by}" or by="{by}".'
        )
    if isinstance(dataset, Recordings) or by == "trajectory" or by == dataset["trajectory"].attrs.get("long_name"):
        return [block.trajectory for block in problem]
    return [_case_at(dataset, block) for block in problem]


def _all_labels(dataset: "xr.Dataset", by: str) -> list[str]:
    is_case = "case" in dataset.coords and by == dataset["case"].attrs.get("long_name")
    return dataset["case" if is_case else "trajectory"].values.astype(str).tolist()


def _case_at(dataset: "xr.Dataset", block: Block) -> str:
    """Return the case of a block by its first sample: stretches do not cross from case to case."""
    here = dataset["time"].values.astype(float) == block.time[0]
    if "trajectory" in dataset.coords:
        here &= dataset["trajectory"].values.astype(str) == block.trajectory
    return str(dataset["case"].values[here][0])


def _own_noise(
    problem: Problem, kept: list[tuple[str, Block]], cases: tuple[str, ...]
) -> tuple[Array | None, list[str]]:
    """Return the noise of each case over that of all, (n_cases, n_variables + n_cases), where they clearly differ.

    Over space, for maps, and for noise in proportion to the value one level is taken for all.
    """
    if problem.space or problem.formulation not in ("weak", "strong") or problem.relative is not None:
        return None, []
    n, states = problem.n_variables, slice(0, problem.n_states)
    ratio, clear = np.ones((len(cases), n + len(cases))), False
    for k, label in enumerate(cases):
        noise, error = noise_level([(block.time, block.X[states]) for mine, block in kept if mine == label])
        ratio[k, states] = np.maximum(noise, LEAST_SHARE * problem.noise[states]) / problem.noise[states]
        clear |= bool(np.any(np.abs(np.log(ratio[k, states])) > CLEAR * np.hypot(error, problem.noise_error)))
    if not clear:
        return None, []
    loud, quiet = (cases[int(pick(ratio[:, states].max(axis=1)))] for pick in (np.argmax, np.argmin))
    return ratio, [f"The noise differs between cases, most in {loud} and least in {quiet}; each has its own level."]


def _short_notes(short: list[str], counts: dict[str, int], by: str) -> list[str]:
    if not short:
        return []
    told = ", ".join(f'"{label}" ({counts.get(label, 0)} rows)' for label in short)
    return [f"Too short for coefficients of its own and left out, by {by}: {told}; at least {LEAST_ROWS} are needed."]


def _with_indicators(
    kept: list[tuple[str, Block]], cases: tuple[str, ...], counts: dict[str, int], n_folds: int
) -> tuple[Block, ...]:
    """Append the indicators to every block, and number the folds within each case."""
    done, blocks = dict.fromkeys(cases, 0), []
    for label, block in kept:
        shape = (len(cases), *block.X.shape[1:])
        indicators = np.zeros(shape)
        indicators[cases.index(label)] = 1.0
        rows = done[label] + np.arange(block.n_rows)
        done[label] += block.n_rows
        slopes = block.X_dot
        blocks.append(
            replace(
                block,
                X=np.concatenate([block.X, indicators]),
                X_smooth=np.concatenate([block.X_smooth, indicators]),
                X_dot=np.concatenate([slopes, np.zeros((len(slopes), *shape))], axis=1) if len(slopes) else slopes,
                fold=rows * min(n_folds, counts[label]) // counts[label],
            )
        )
    return tuple(blocks)
