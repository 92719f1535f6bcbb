from benchmarks import symbolic
from benchmarks.campaign import Campaign
from benchmarks.plan import Plan


def test_rates_are_positive_and_tabulated(monkeypatch):
    monkeypatch.setattr(symbolic, "N_FORMS", 20)
    monkeypatch.setattr(symbolic, "N_SCIPY", 2)
    monkeypatch.setattr(symbolic, "REPEATS", 1)
    (table,) = symbolic.run(Plan(only="fits"), Campaign())
    assert [row[0].partition(":")[0] for row in table.rows[::3]] == list(symbolic.FORMS)
    assert table.rows[0][2:] == ("5e+03", "2e+04")
    found = symbolic.fits()["rates"]
    assert all(value > 0 for value in found.values())
    for name in symbolic.FORMS:
        assert found[f"{name}: of these with the right constants"] > 0.8 * found[name]


def test_both_sides_fit_the_same_form():
    form, X, y, starts = symbolic._problem(*symbolic.FORMS["10 nodes, 2 constants"])
    assert form.expr.size == 10
    assert len(starts) == symbolic.N_FORMS
    assert X.shape == (3, len(y))
    symbolic._scipy(form, X, y, starts[:1])
