import numpy as np
import pytest

from discover.data.formulate import N_FOLDS, formulate
from discover.data.stencils import Strong, Weak
from discover.errors import DataError, SettingError
from discover.expr import Polynomial, compile_program
from discover.inference.rows import library_rows
from discover.simulate import SYSTEMS, clean_trajectories, generate
from tests.problems import jittered, loaded, problem_of, table_of, waves
from tests.reference import stencil_matrix


def columns(n_samples=300, sigma=0.01, seed=0, time=None):
    """Return two smooth noisy columns and their times."""
    time = np.arange(float(n_samples)) if time is None else time
    X = waves(time, 2, 40.0, seed) + sigma * np.random.default_rng(seed).standard_normal((2, n_samples))
    return {"t": time, "x": X[0], "y": X[1]}


def samples_of(problem):
    """Return every (time, values) in the blocks as a set."""
    return {(t, *x) for block in problem for t, x in zip(block.time.tolist(), block.X.T.tolist(), strict=True)}


def test_one_trajectory_is_one_block():
    problem = formulate(loaded(columns()))
    (block,) = problem.blocks
    assert problem.names == problem.targets == ("x", "y")
    assert (problem.n_states, problem.n_variables, problem.n_samples) == (2, 2, 300)
    assert block.X.shape == block.X_smooth.shape == (2, 300)
    assert block.Y.shape == (2, block.n_rows)
    assert problem.formulation == "weak"
    assert problem.time == "t"
    assert problem.units == (None, None)
    assert problem.noise == pytest.approx(0.01, rel=0.15)
    assert problem.scale == pytest.approx(block.X.std(axis=1))


@pytest.mark.parametrize("form", [Weak(), Strong(), Weak(half_width=9), Strong(half_width=5)])
@pytest.mark.parametrize("time", [np.arange(200.0), jittered(200)])
def test_left_hand_sides_are_the_stencil_on_the_samples(form, time):
    problem = formulate(loaded(columns(200, time=time)), form)
    (block,) = problem.blocks
    M = stencil_matrix(block.stencil.start, block.stencil.shape, block.stencil.weights[1], 200)
    assert np.allclose(block.Y, block.X @ M.T, rtol=1e-12, atol=1e-13)
    assert problem.half_width == form.width(formulate(loaded(columns(200, time=time))).half_width)
    assert problem.formulation == ("weak" if isinstance(form, Weak) else "strong")


@pytest.mark.parametrize("system", ["lorenz", "van der pol", "forced oscillator"])
@pytest.mark.parametrize(("form", "tolerance"), [(Weak(), 1e-5), (Strong(half_width=3), 1e-2)])
def test_rows_of_the_true_law_balance_without_noise(system, form, tolerance):
    problem = problem_of(system, noise=0.0, form=form, n_samples=400)
    program = compile_program(SYSTEMS[system].expressions(), problem.n_variables)
    for block in problem:
        found = library_rows(program, block, problem.formulation)
        assert np.abs(found - block.Y).max() < tolerance * np.abs(block.Y).max()


def test_trajectories_of_unequal_length_stay_apart():
    data = {name: np.concatenate([values, values[:120] + 3.0]) for name, values in columns(300).items() if name != "t"}
    data |= {"t": np.concatenate([np.arange(300.0), np.arange(120.0)]), "run": ["a"] * 300 + ["b"] * 120}
    problem = formulate(loaded(data, group="run"), Weak(half_width=10))
    assert [block.trajectory for block in problem] == ["a", "b"]
    assert [block.n_samples for block in problem] == [300, 120]
    assert np.array_equal(problem.blocks[1].X, problem.blocks[0].X[:, :120] + 3.0)
    for block in problem:
        assert block.stencil.start.max() + block.stencil.width <= block.n_samples
    assert np.allclose(problem.blocks[1].Y, problem.blocks[0].Y[:, : problem.blocks[1].n_rows], atol=1e-12)


def test_stretches_too_short_for_a_row_are_left_out_and_told():
    data = {name: np.concatenate([values, values[:15]]) for name, values in columns(300).items() if name != "t"}
    data |= {"t": np.concatenate([np.arange(300.0), np.arange(15.0)]), "run": ["a"] * 300 + ["b"] * 15}
    problem = formulate(loaded(data, group="run"), Weak(half_width=10))
    assert [block.trajectory for block in problem] == ["a"]
    assert any("1 stretches of fewer than 22 samples (15 samples in all) were left out" in n for n in problem.notes)


def test_rows_with_a_missing_value_are_dropped_as_if_never_measured():
    full = columns(300)
    missing = np.sort(np.random.default_rng(1).choice(300, 40, replace=False))
    holed = {name: values.copy() for name, values in full.items()}
    holed["x"][missing[:25]] = np.nan
    holed["y"][missing[20:]] = np.nan
    kept = np.setdiff1d(np.arange(300), missing)
    problem, without = (
        formulate(loaded(holed)),
        formulate(loaded({name: values[kept] for name, values in full.items()})),
    )
    assert any(note.startswith("40 rows with a missing value were left out") for note in problem.notes)
    assert samples_of(problem) == samples_of(without) <= set(zip(*(v.tolist() for v in full.values()), strict=True))
    assert problem.noise.tolist() == without.noise.tolist()
    for one, other in zip(problem, without, strict=True):
        assert np.array_equal(one.Y, other.Y)


def test_a_long_gap_splits_and_a_short_one_does_not():
    data = columns(400)
    data["x"][150:170] = np.nan
    data["y"][300] = np.nan
    problem = formulate(loaded(data), Weak(half_width=8))
    assert [block.n_samples for block in problem] == [150, 229]
    assert problem.blocks[1].time[0] == 170.0
    assert any("split at 1 gaps" in note for note in problem.notes)
    assert np.isfinite(problem.blocks[1].X).all()
    assert 300.0 not in problem.blocks[1].time


def test_gaps_cost_rows_but_no_accuracy():
    """The law's rows balance on what is left as well as they do on the whole."""
    data = table_of("van der pol", noise=0.0, n_samples=600)
    for name in ("x", "y"):
        data[name][np.random.default_rng(0).choice(600, 100, replace=False)] = np.nan
    problem = formulate(loaded(data))
    program = compile_program(SYSTEMS["van der pol"].expressions(), 2)
    for block in problem:
        assert np.abs(library_rows(program, block, "weak") - block.Y).max() < 0.02 * np.abs(block.Y).max()


def test_inputs_are_variables_without_an_equation():
    problem = formulate(loaded(columns(), inputs="y"))
    assert problem.names == ("x", "y")
    assert problem.targets == ("x",)
    assert problem.n_states == 1
    assert problem.blocks[0].Y.shape[0] == 1
    assert problem.noise.shape == problem.scale.shape == (2,)
    first = formulate(loaded({"t": columns()["t"], "u": columns()["x"], "z": columns()["y"]}, inputs=["u"]))
    assert first.names == ("z", "u")


def test_folds_are_consecutive_and_about_equal():
    problem = problem_of("lorenz", n_trajectories=3, n_samples=400)
    fold = np.concatenate([block.fold for block in problem])
    assert np.all(np.diff(fold) >= 0)
    counts = np.bincount(fold)
    assert len(counts) == problem.n_folds == N_FOLDS
    assert counts.max() - counts.min() <= 1


def test_short_data_have_fewer_folds():
    problem = formulate(loaded(columns(30)), Weak(half_width=5))
    assert problem.n_folds == max(2, problem.n_rows // 4)


@pytest.mark.parametrize("n_samples", [5, 11])
def test_too_few_samples_are_refused_with_what_would_be_enough(n_samples):
    with pytest.raises(
        DataError, match=rf"has {n_samples} samples.*2 variables \(3 terms\) needs at least 12"
    ) as error:
        formulate(loaded(columns(n_samples)))
    assert "columns=" in str(error.value)
    assert formulate(loaded(columns(12))).n_rows > 0


def test_a_wide_window_needs_more_and_a_narrow_one_fewer():
    with pytest.raises(DataError, match="needs at least 106"):
        formulate(loaded(columns(105)), Weak(half_width=50))
    assert formulate(loaded(columns(106)), Weak(half_width=50)).n_rows > 0
    assert formulate(loaded(columns(10)), Weak(half_width=2)).n_rows > 0
    assert formulate(loaded(columns(8)), Strong(half_width=1)).n_rows > 0


def test_a_trajectory_full_of_holes_is_refused_for_what_is_left():
    data = columns(60)
    data["x"][10:] = np.where(np.arange(50) % 10 < 9, np.nan, data["x"][10:])
    with pytest.raises(DataError, match="longest stretch without a gap has 10 samples"):
        formulate(loaded(data))


def test_units_and_dimensions_come_along():
    data = columns()
    named = {"t [s]": data["t"], "x [m]": data["x"], "y": data["y"]}
    import discover

    problem = formulate(discover.load(named))
    assert problem.units == ("m", None)
    assert problem.dimensions[0] is not None
    assert problem.dimensions[1] is None
    assert problem.time_unit == "s"
    assert problem.time_dimension not in (None, problem.dimensions[0])


def test_clean_data_have_the_smallest_noise_there_is():
    problem = problem_of("van der pol", noise=0.0, n_samples=500)
    assert np.all(problem.noise >= 1e-6 * problem.scale)
    assert np.all(problem.noise < 1e-5 * problem.scale)


def test_the_unit_of_time_only_scales_the_slopes():
    data = columns()
    slow = formulate(loaded(data | {"t": 1000.0 * data["t"] + 5e5}))
    usual = formulate(loaded(data))
    assert slow.half_width == usual.half_width
    assert np.allclose(slow.noise, usual.noise)
    assert np.allclose(slow.blocks[0].Y, usual.blocks[0].Y, rtol=1e-6, atol=1e-9)
    assert np.allclose(slow.blocks[0].stencil.weights[0], 1000.0 * usual.blocks[0].stencil.weights[0], rtol=1e-6)


def test_noise_in_proportion_to_the_value_is_noticed():
    system = SYSTEMS["lotka-volterra"]
    X, _ = clean_trajectories(system, 1, 500)
    draw = np.random.default_rng(0).standard_normal(X[0].shape)
    data = {"t": 0.1 * np.arange(500), "x": None, "y": None}
    data["x"], data["y"] = X[0] * np.exp(0.05 * draw)
    problem = formulate(loaded(data))
    assert problem.errors == "relative"
    assert problem.relative == pytest.approx(0.05, rel=0.15)
    assert any("grows with the value" in note for note in problem.notes)
    assert formulate(generate(system, n_samples=500, noise=0.05)).errors == "additive"
    (block,) = problem.blocks
    assert np.allclose(problem.noise_on(block), problem.relative[:, None] * np.abs(block.X_smooth))


def test_the_noise_is_told_and_doubted_where_the_sampling_is_coarse():
    fine = formulate(loaded(columns(sigma=0.05)))
    assert any(note.startswith("Estimated noise") and "x " in note and "%" in note for note in fine.notes)
    assert not any("overestimated" in note for note in fine.notes)
    time = np.arange(300.0)
    coarse = formulate(loaded({"t": time, "x": np.sin(2 * np.pi * time / 6.2), "y": np.sin(2 * np.pi * time / 40)}))
    (doubt,) = [note for note in coarse.notes if "overestimated" in note]
    assert doubt.startswith("The noise on x may be overestimated")


def test_the_library_does_not_depend_on_where_a_trajectory_is_cut():
    """Cut into overlapping pieces that each hold some windows whole, the rows stay the same numbers."""
    whole = problem_of("lorenz", n_samples=600, form=Weak(half_width=12))
    terms = Polynomial(2).build(whole.names)
    program = compile_program(terms, 3)
    (block,) = whole.blocks
    theta = library_rows(program, block, "weak")
    data = table_of("lorenz", n_samples=600)
    part = formulate(loaded({name: values[300:] for name, values in data.items()}), Weak(half_width=12))
    at = np.searchsorted(block.stencil.time, part.blocks[0].stencil.time[0] - 1e-9)
    assert np.allclose(theta[:, at:], library_rows(program, part.blocks[0], "weak"), rtol=1e-9, atol=1e-12)
    assert np.allclose(block.Y[:, at:], part.blocks[0].Y, rtol=1e-9, atol=1e-12)


def test_a_straight_line_has_no_second_derivative():
    with pytest.raises(SettingError, match=r"Strong\(degree=1\) has no derivative of order 2; raise degree"):
        formulate(loaded(columns(200)), Strong(degree=1), order=2)
