"""The race on fields: what is asked of either side, what is told of it, and the field that is written to disk."""

import numpy as np
import xarray as xr

from benchmarks import disk, fields
from benchmarks.campaign import Campaign
from benchmarks.plan import Plan
from discover.data import load
from discover.data.formulate import formulate
from discover.expr import parse
from discover.inference.rows import assemble


def test_libraries_have_the_sizes_that_are_told():
    assert len(fields.CASES["KS"].library()) == 16
    assert len(fields.CASES["RD"].library()) == 181


def test_our_side_and_the_law_take_a_small_case():
    case = fields.Case(("u",), (60, 48), 2, 2, 50, 1)
    t, x = np.linspace(0.0, 3.0, 60), np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    u = np.sin(x - t[:, None]) + 0.5 * np.cos(2.0 * (x - t[:, None]))
    assert np.asarray(fields.our_fit(case, u[None], [t, x])).shape == (len(fields.THRESHOLDS), 1, len(case.library()))
    assert fields.our_law(case, u[None], [t, x]) == {"u": ['D(u, "x", 1)']}


def test_a_side_that_ran_out_of_memory_is_told_so():
    ours = {"wall": 2.0, "cpu": 1.0, "megabytes": 5.0}
    assert fields._row("RD", "pysindy", {"why": "out of memory"}, ours)[2:6] == ("out of memory", "–", "–", "–")
    theirs = {"wall": 10.0, "cpu": 20.0, "megabytes": 5.0}
    assert fields._row("KS", "pysindy", theirs, ours)[5] == "5, 20"


def test_measurements_are_kept():
    campaign = Campaign()
    side = {"wall": 2.0, "cpu": 1.0, "megabytes": 5.0}
    campaign.here("speed | weak KS", lambda: dict.fromkeys(fields.SIDE_TITLES, side))
    table = fields.table(Plan(peers=("pysindy",)), campaign)
    assert [row[1] for row in table.rows] == list(fields.SIDE_TITLES.values())


def test_the_field_on_disk_obeys_its_law(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "N_PLACES", 48)
    path = tmp_path / "field.nc"
    disk.write(path, 48 * 48 * 8 * 64 / 1e9, 0)
    with xr.open_dataset(path, engine="h5netcdf") as stored:
        assert stored["u"].shape == (64, 48, 48)
        data = stored.load()
    problem = formulate(load(data))
    terms = [parse(text, ["u"], axes=("time", "x", "y")) for text in disk.TRUE_TERMS]
    rows = assemble(problem, terms)
    found = np.linalg.lstsq(rows.theta[0].T, rows.blocks[0].Y[0], rcond=None)[0]
    assert np.allclose(found, [-disk.DRIFT[0], -disk.DRIFT[1], disk.SPREADING, disk.SPREADING], rtol=0.05)
