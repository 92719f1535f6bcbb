import json
from dataclasses import replace

import numpy as np
import pytest

from discover.discovery import Discovery, load_law
from discover.errors import DataError, SettingError
from discover.export import figures
from discover.export.cases import case_front, case_law, comparison_rows, comparisons, form, form_front, statements
from discover.export.choices import choices
from discover.export.report import page
from discover.export.specimen import family, specimen
from discover.export.text import case_lines, choices_text, equation_text, law_text


@pytest.fixture
def found():
    return Discovery(*family())


def test_the_law_of_one_case_has_its_own_coefficients_and_data(found):
    law = case_law(found.law, "b")
    assert law.names == ("x", "y")
    assert [term.value for term in law.equations[0].terms] == [1.4, -0.5]
    assert [stretch.trajectory for stretch in law.evidence.stretches] == ["b"]
    assert law.evidence.stretches[0].measured.shape[0] == 2
    assert law.evidence.noise == (0.02, 0.02)
    assert law.cases == law.contrasts == ()
    assert ("case", "run = b") in law.provenance.settings
    assert [len(c.terms) for c in case_front(found.front, found.law, "b").candidates] == [2, 2]


def test_one_case_runs_and_exports_like_any_law(found):
    one = found.case("a")
    run = one.simulate([2.0, 1.0], np.linspace(0.0, 4.0, 9))
    assert np.allclose(run["x"].values, found.law.evidence.stretches[0].simulated[0], rtol=1e-2)
    assert "run" not in one.python()
    assert set(found.cases) == {"a", "b"}
    assert one.sympy()


def test_shares_of_a_term_are_those_of_its_family(found):
    law = case_law(found.law, "a")
    assert law.equations[0].terms[0].share == pytest.approx(0.66)


def test_the_form_names_what_differs_and_shows_what_is_shared(found):
    law = form(found.law)
    assert equation_text(law.equations[0]) == "x' = c₁(run)·x − (0.5000 ± 0.0010) x·y"
    assert equation_text(law.equations[1]) == "y' = −(1.0000 ± 0.0020) y + (0.5000 ± 0.0010) x·y"
    assert form(law) is law  # read once, it is as any law without cases
    chosen = [row for row in choices(law, form_front(found.law, found.front)) if row.chosen]
    assert len(chosen) == 2


def test_without_cases_everything_is_as_it_was():
    law, front = specimen()
    assert form(law) is law
    assert form_front(law, front) is front
    assert figures.cases(law) is None


def test_text_holds_a_row_a_case_and_a_sentence_a_coefficient(found):
    text = law_text(found.law)
    assert "a    1.0000 ± 0.0020" in text
    assert "x': the coefficient of x differs by run (probability 1.00, p < 1e-12)." in text
    assert "x': the coefficient of x·y is one for all (that it differs has probability 0.05, p = 0.6)." in text
    assert "c₁(run)·x" in choices_text(*family())
    many = replace(found.law, cases=tuple(f"run {k}" for k in range(40)))
    assert not any("[run" in line for line in case_lines(found.law))
    assert len(many.cases) == 40


def test_coefficients_side_by_side(found):
    rows = comparison_rows(found.law)
    assert len(rows) == 2 * 4
    assert {row["value"] for row in rows if row["term"] == "x"} == {1.0, 1.4}
    assert [one.is_shared for one in comparisons(found.law)] == [False, True, True, True]
    table = found.comparison()
    assert list(table.columns[:3]) == ["target", "term", "run"]
    assert len(statements(found.law)) == 2  # nobody asked about the second equation


def test_the_picture_draws_every_case_against_its_label_or_number(found):
    picture = figures.cases(found.law)
    assert picture is not None
    assert "c₁(run) of x in x′" in picture.svg
    assert "weighted by their precision" in picture.caption
    numbered = replace(found.law, cases=("20", "35"))
    assert figures.cases(numbered) != picture
    together = tuple(replace(eq, terms=eq.terms[2:]) for eq in found.law.equations)
    assert figures.cases(replace(found.law, equations=together)) is None


def test_the_report_says_what_differs(found):
    html = page(found.law, found.front)
    assert '<h2 id="cases">By run</h2>' in html
    assert "differs by run" in html
    assert "c₁(run)" in html


def test_a_law_file_keeps_the_cases(found, tmp_path):
    found.save(tmp_path / "law.json")
    again = load_law(tmp_path / "law.json")
    assert again == found
    assert again.law.contrasts == found.law.contrasts
    old = json.loads((tmp_path / "law.json").read_text())
    for name in ("cases", "by", "contrasts"):
        del old["law"][name]  # a law of before there were cases
    (tmp_path / "old.json").write_text(json.dumps(old))
    assert load_law(tmp_path / "old.json").law.cases == ()


def test_prediction_reads_the_cases_from_the_data(found):
    import discover

    t = np.tile(np.linspace(0.0, 1.0, 6), 2)
    columns = {"t": t, "x": 2.0 + t, "y": np.cos(t), "run": np.repeat(["a", "b"], 6)}
    data = discover.load(columns, group="run")
    x, y = columns["x"], columns["y"]
    assert found.predict(data)["x"].values == pytest.approx(np.repeat([1.0, 1.4], 6) * x - 0.5 * x * y)
    with pytest.raises(DataError, match='The law knows no run "c"'):
        found.predict(discover.load({**columns, "run": np.repeat(["a", "c"], 6)}, group="run"))
    with pytest.raises(DataError, match="do not say which run they are of"):
        found.predict(discover.load({"t": t[:6], "x": t[:6], "y": np.cos(t[:6])}))


def test_the_joint_law_says_how_to_run_it(found):
    with pytest.raises(SettingError, match=r'has coefficients by run; run one case, such as found.case\("a"\)'):
        found.simulate([2.0, 1.0], [0.0, 1.0])
    with pytest.raises(SettingError, match='no case "c"'):
        found.case("c")
    with pytest.raises(SettingError, match="The law has no cases"):
        Discovery(*specimen()).case("a")


def test_latex_states_the_form_and_then_the_coefficient_of_every_case(found):
    lines = found.latex().splitlines()
    assert lines[1].startswith(r"\frac{\mathrm{d}\,x}{\mathrm{d}\,t} &= x \, c_{1} - ")
    assert lines[3] == (
        r"c_{1} &= \begin{cases} \left(1.0000 \pm 0.0020\right) & \mathrm{run} = a \\ "
        r"\left(1.4000 \pm 0.0020\right) & \mathrm{run} = b \end{cases}"
    )


def test_rows_are_chosen_by_the_complexity_that_is_shown():
    law, front = family()
    simpler = tuple(
        replace(c, terms=c.terms[-1:], coefficients=c.coefficients[-1:], std=c.std[-1:], score=99.0)
        for c in front.candidates
    )
    found = Discovery(law, replace(front, candidates=(*front.candidates, *simpler)))
    table = found.table()
    shown = table[(table.target == "x") & ~table.chosen]
    assert table[table.chosen]["equation"].iloc[0].startswith("x' = c₁(run)·x")
    revised = found.choose("x", int(shown["complexity"].iloc[0]))
    assert [len(eq.terms) for eq in revised.law.equations] == [1, 2]
    assert revised.law.contrasts == ()
    assert revised.verdict.word == "several"
    assert found.choose("x", int(table[table.chosen]["complexity"].iloc[0])) == found
