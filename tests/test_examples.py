"""The teaching demos run, write only what they say, and come to what their texts promise."""

import importlib.util
from pathlib import Path

import pytest

from discover import Conserved, Discovery
from discover.equation import Term
from discover.expr import text, with_inner

FOLDER = Path(__file__).parent.parent / "examples"

LAWS = {
    "01_pelts": {"hare": {"hare", "hare*lynx"}, "lynx": {"lynx", "hare*lynx"}},
    "02_lorenz": {"x": {"x", "y"}, "y": {"x", "y", "x*z"}, "z": {"z", "x*y"}},
    "03_pendulum": {"theta": {"omega"}, "omega": {"omega", "sin(theta)"}},
    "04_forced_oscillator": {"x": {"v"}, "v": {"x", "v", "u"}},
    "05_no_law": None,
    "06_soliton": {"u": {'D(u**2, "x", 1)', 'D(u, "x", 3)'}},
    "07_double_well": {"x": {"x", "x**3", 'D(x, "t", 1)', "cos(1.2*t)"}},
    "08_enzyme": {"s": {"s"}},
    "09_noisy_well": {"x": {"x", "x**3"}},
    "10_population": {"stock": {"stock*exp(-stock)"}},
    "12_tracer": {"c": {'D(c*a, "x", 1)', 'D(c*b, "y", 1)', 'D(c, "x", 2)', 'D(c, "y", 2)'}},
    "13_gas": {"P": {"n*T/V"}},
    "14_star": {"flux": {"(0 + v*0)*(1 - 0*exp(-(v - 0)**2/(2*0**2)))"}},
    "15_untold_pendulum": {"theta": {"omega"}, "omega": {"omega", "sin(theta)"}},
    "16_epidemic": {"S": {"S*I"}, "I": {"S*I", "I"}, "R": {"I"}},
    "17_many_cups": {"T": {"1", "T"}},
    "18_conserved_quantity": {"H1": {"x*v", "y*u"}, "H2": {"u**2", "v**2", "1/sqrt(x**2 + y**2)"}},
    "19_suggested_symmetry": {"x": {"v"}, "v": {"x", "v", "x**3"}},
    "11_four_pendulums": {
        "theta": {"omega"},
        "omega": {"omega", *(f"`[length = {length}]`*sin(theta)" for length in ("0.25", "0.5", "1", "2"))},
    },
}
"""The terms that each demo finds for each target, fitted constants inside as 0; None where there is no law."""

PAGES = {
    "01_pelts": {"out/pelts.html"},
    "08_enzyme": {"out/enzyme.html"},
    "13_gas": {"out/gas.html"},
    "14_star": {"out/star.html", "out/star.png"},
    "15_untold_pendulum": {"out/untold_pendulum.html"},
    "16_epidemic": {"out/epidemic.png", "out/epidemic.html"},
    "18_conserved_quantity": {"out/orbits.html", "out/orbits.json"},
    "19_suggested_symmetry": {"out/mirror.png", "out/mirror.html"},
    "17_many_cups": {
        *(f"out/cups/{name}" for name in ("plan.toml", "glass.csv", "paper.csv", "steel.csv")),
        *(f"out/cups/laws/{name}" for name in (".lock", "manifest.jsonl", "summary.html", "summary.csv")),
        *(f"out/cups/laws/{cup}/{name}" for cup in ("glass", "paper", "steel") for name in ("law.json", "report.html")),
    },
    "07_double_well": {"out/double_well.html"},
    "09_noisy_well": {"out/noisy_well.html"},
    "10_population": {"out/population.html"},
    "12_tracer": {"out/tracer.html"},
    "11_four_pendulums": {"out/four_pendulums.html"},
}
"""What the demos write; those that are not named write nothing."""


def run(name: str) -> Discovery | Conserved:
    """Import a demo from its file, run its `main`, and return what that returns."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    return demo.main()


def shape(term: Term, names: tuple[str, ...]) -> str:
    """Return a term as text, with 0 for every constant inside that was fitted."""
    return text(with_inner(term.expr, [one.place for one in term.inner], [0.0] * len(term.inner)), names)


def test_every_demo_is_listed() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} == set(LAWS)


@pytest.mark.parametrize("name", sorted(LAWS))
def test_a_demo_finds_what_it_promises(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    found = run(name)
    expected = LAWS[name]
    if expected is None:
        assert found.verdict.word == "none"
        assert "verdict: none" in capsys.readouterr().out
    else:
        terms = {target: {shape(t, eq.names) for t in eq.terms} for target, eq in found.equations.items()}
        assert terms == expected
        assert found.verdict.word != "none"
        assert "95 % interval" in capsys.readouterr().out or name != "01_pelts"
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == PAGES.get(name, set())
