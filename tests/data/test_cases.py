import numpy as np
import pytest

from discover import load
from discover.data.cases import LEAST_ROWS, with_cases
from discover.data.formulate import formulate
from discover.errors import DataError, SettingError


def data_of(lengths, **options):
    """Return waves of different lengths, one a run, loaded."""
    t = [0.1 * np.arange(n) for n in lengths]
    runs = np.repeat(np.array([f"r{k}" for k in range(len(lengths))], dtype=object), lengths)
    time = np.concatenate(t)
    x = np.concatenate([np.sin(s) + 0.01 * np.cos(37 * s) for s in t])
    return load({"t": time, "x": x, "y": np.cos(time), "run": runs, **options.pop("more", {})}, group="run", **options)


def test_each_case_has_an_indicator_without_noise():
    data = data_of([200, 150, 180])
    plain = formulate(data)
    problem = with_cases(plain, data, "run")
    assert problem.names == ("x", "y", "[run = r0]", "[run = r1]", "[run = r2]")
    assert problem.measured == ("x", "y")
    assert problem.cases == ("r0", "r1", "r2")
    assert (problem.noise[2:] == 0.0).all()
    for k, (block, before) in enumerate(zip(problem.blocks, plain.blocks, strict=True)):
        assert (block.X[:2] == before.X).all()
        assert (block.X[2:].sum(axis=0) == 1.0).all()
        assert (block.X[2 + k] == 1.0).all()
        assert (block.X_smooth[2:] == block.X[2:]).all()


def test_every_fold_holds_a_part_of_every_case():
    data = data_of([400, 300])
    problem = with_cases(formulate(data), data, "run")
    folds = [set(block.fold.tolist()) for block in problem]
    assert folds[0] == folds[1] == set(range(problem.n_folds))


def test_a_case_that_is_too_short_is_named_and_left_out():
    data = data_of([300, 300, 12])
    problem = with_cases(formulate(data), data, "run")
    assert problem.cases == ("r0", "r1")
    assert any('"r2" (0 rows)' in note and str(LEAST_ROWS) in note for note in problem.notes)


def test_cases_are_looked_up_where_they_are_not_the_trajectories():
    diet = np.repeat(np.array(["fed", "ctl", "fed"], dtype=object), [200, 200, 200])
    data = data_of([200, 200, 200], by="diet", more={"diet": diet})
    problem = with_cases(formulate(data), data, "diet")
    assert problem.cases == ("ctl", "fed") or problem.cases == ("fed", "ctl")
    fed = problem.names.index("[diet = fed]")
    assert [float(block.X[fed, 0]) for block in problem] == [1.0, 0.0, 1.0]


def test_too_few_cases_and_labels_that_are_not_there():
    data = data_of([300, 12])
    with pytest.raises(DataError, match=r'by="run" needs two cases or more.*there is 1.*"r1" \(0 rows\)'):
        with_cases(formulate(data), data, "run")
    with pytest.raises(SettingError, match=r'no labels "rum".*Did you mean "run"'):
        with_cases(formulate(data), data, "rum")
    single = load({"t": 0.1 * np.arange(100), "x": np.sin(0.1 * np.arange(100))})
    with pytest.raises(SettingError, match='no labels "trajectory"'):
        with_cases(formulate(single), single, "trajectory")


def waves_of(levels, n=400, seed=0):
    """Return the same waves under different noise, one run each, loaded."""
    rng, t = np.random.default_rng(seed), 0.1 * np.arange(n)
    x = [np.sin(t) + level * rng.standard_normal(n) for level in levels]
    y = [np.cos(t) + 0.01 * rng.standard_normal(n) for _ in levels]
    runs = np.repeat(np.array([f"r{k}" for k in range(len(levels))], dtype=object), n)
    columns = {"t": np.tile(t, len(levels)), "x": np.concatenate(x), "y": np.concatenate(y), "run": runs}
    return load(columns, group="run")


def test_cases_with_clearly_different_noise_have_their_own_level():
    data = waves_of([0.01, 0.05])
    problem = with_cases(formulate(data), data, "run")
    assert problem.case_noise is not None
    own = problem.noise[0] * problem.case_noise[:, 0]
    assert own == pytest.approx([0.01, 0.05], rel=0.25)
    assert problem.noise_on(problem.blocks[1])[0] == pytest.approx(own[1])
    assert problem.noise_on(problem.blocks[0])[1] == pytest.approx(0.01, rel=0.25)
    assert any("most in r1 and least in r0" in note for note in problem.notes)


def test_cases_with_the_same_noise_share_its_level():
    data = waves_of([0.02, 0.02, 0.02])
    problem = with_cases(formulate(data), data, "run")
    assert problem.case_noise is None
    assert (problem.loudness(problem.blocks[0]) == 1.0).all()
