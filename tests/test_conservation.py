"""From data to conserved quantities, and back into requirements of a law."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import discover
from discover.conservation import judged
from discover.errors import DataError, InputError, SettingError


@lru_cache
def runs(noise=0.02, damping=0.0, n_runs=3, n=220):
    """Return swings of an oscillator of frequency 2 as one table."""
    t, rng, columns = 0.05 * np.arange(n), np.random.default_rng(0), {name: [] for name in ("run", "t", "x", "v")}
    for k, a in enumerate((0.8, 1.3, 2.0)[:n_runs]):
        decay = a * np.exp(-damping * t)
        x, v = decay * np.cos(2 * t), -decay * (2 * np.sin(2 * t) + damping * np.cos(2 * t))
        columns["run"] += [f"r{k}"] * n
        columns["t"] += t.tolist()
        columns["x"] += (x + noise * rng.standard_normal(n)).tolist()
        columns["v"] += (v + 2 * noise * rng.standard_normal(n)).tolist()
    return discover.load(columns, time="t", group="run")


@lru_cache
def found():
    return discover.conserved(runs())


def test_an_energy_is_a_law_with_error_bars_and_evidence():
    answer = found()
    assert answer.verdict.word == "law"
    [energy] = answer.quantities
    assert sorted(str(term) for term in answer.table()["term"]) == ["v**2", "x**2"]
    assert energy.p_value > 0.001
    assert energy.drift < 0.05
    assert len(energy.traces) == 3
    assert "verdict: law" in repr(answer)
    assert "<math" in answer._repr_html_()
    assert list(answer.sympy()) == ["H"]


def test_what_is_found_can_be_required_of_a_law():
    law = discover.dynamics(runs(), library=discover.Polynomial(1), require=found().require)
    assert law.verdict.word != "none"
    assert "conserve" in repr(law)


def test_damping_is_no_conservation_and_the_nearest_is_shown():
    answer = discover.conserved(runs(damping=0.05))
    assert answer.verdict.word == "none"
    assert answer.quantities == ()
    assert answer.require == []
    assert str(answer.found.refused[0].refusal) in repr(answer)


def test_motion_that_noise_rarely_gives_is_in_doubt():
    [energy] = found().quantities
    rare = replace(energy, held_out=0.004)
    verdict = judged([rare], 3)
    assert verdict.word == "several"
    assert "one time in 250" in verdict.reasons[0]
    assert judged([energy], 3).word == "law"


def test_a_swing_that_is_too_small_for_its_cosine_names_the_other_form():
    t, rng, columns = 0.03 * np.arange(200), np.random.default_rng(1), {name: [] for name in ("run", "t", "theta", "w")}
    for k, a in enumerate((0.9, 1.3, 1.7)):
        way = solve_ivp(lambda _, s: [s[1], -9.0 * np.sin(s[0])], (0.0, t[-1]), [a, 0.0], t_eval=t, rtol=1e-9).y
        noisy = way + 0.06 * way.std(axis=1, keepdims=True) * rng.standard_normal(way.shape)
        for name, values in (("run", [f"r{k}"] * 200), ("t", t), ("theta", noisy[0]), ("w", noisy[1])):
            columns[name] += list(values)
    answer = discover.conserved(
        discover.load(columns, time="t", group="run"), library=discover.Polynomial(4), terms=["cos(theta)"]
    )
    [energy] = answer.quantities
    assert energy.rivals
    assert answer.verdict.word == "several"
    assert f"cannot tell H from {energy.rivals[0]}" in " ".join(answer.verdict.reasons)


def test_one_trajectory_is_not_enough_to_be_sure():
    answer = discover.conserved(runs(n_runs=1))
    assert answer.verdict.word == "several"
    assert "one trajectory" in answer.verdict.reasons[0]


def test_a_file_keeps_everything(tmp_path):
    found().save(tmp_path / "kept.json")
    back = discover.load_conserved(tmp_path / "kept.json")
    assert repr(back) == repr(found())
    assert back.require == found().require
    back.report(tmp_path / "page.html")
    assert "Verdict: law" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "other.json").write_text('{"schema": "discover-law"}')
    with pytest.raises(InputError, match="holds no conserved quantities"):
        discover.load_conserved(tmp_path / "other.json")
    (tmp_path / "newer.json").write_text('{"schema": "discover-conserved", "version": 99}')
    with pytest.raises(InputError, match="version 99"):
        discover.load_conserved(tmp_path / "newer.json")
    (tmp_path / "bad.json").write_text('{"schema": "discover-conserved", "version": 1, "conserved": {"names": 3}}')
    with pytest.raises(InputError, match="damaged"):
        discover.load_conserved(tmp_path / "bad.json")


def test_settings_that_cannot_be_are_refused_in_a_sentence():
    with pytest.raises(SettingError, match="most must be a whole number"):
        discover.conserved(runs(), most=0)
    with pytest.raises(SettingError, match="library must be one"):
        discover.conserved(runs(), library="poly")  # pyright: ignore[reportArgumentType]
    with pytest.raises(SettingError, match="no term in it"):
        discover.conserved(runs(), library=discover.Terms("1"))
    with pytest.raises(DataError, match="offer others"):
        discover.conserved(runs(), library=discover.Terms("log(x)"))


def test_a_field_over_space_is_refused_with_what_to_do():
    t, x = np.linspace(0.0, 1.0, 40), np.linspace(0.0, 1.0, 50)
    import xarray as xr

    field = xr.Dataset({"u": (("time", "x"), np.sin(t)[:, None] * np.cos(x))}, coords={"time": t, "x": x})
    with pytest.raises(DataError, match="conserve: u"):
        discover.conserved(discover.load(field, space="x"))
