"""The page and the table of a batch: complete, harmless, and sorted by a press on a heading."""

import csv
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from discover.batch.manifest import Answer, Ledger, Record
from discover.batch.summary import COLUMNS, summary
from discover.errors import InputError

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def record(job: str, seconds: float, **answer: object) -> Record:
    """Return the record of a job that is done."""
    whole = Answer(
        "done", seconds=seconds, verdict="law", equations=("x' = −x",), fit=0.98765, files=(("report.html", "0"),)
    )
    settings = {"engine": "sparse", "seed": 1, "degree": 2}
    return Record(job, (f"/data/{job}.csv",), settings, "f", "2026", replace(whole, **answer))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a batch of four jobs."""
    jobs = [
        record("b", 10.0, fit=0.99),
        replace(record("a", 9.0, verdict="several"), settings={"engine": "pysindy", "seed": 2, "degree": 2}),
        record("<i>c", 100.0, status="failed", verdict="", equations=(), fit=None, error="=boom & co.", files=()),
        record("gone", 1.0, status="dropped"),
    ]
    Ledger(tmp_path).add(*jobs)
    for job in ("a", "b"):
        (tmp_path / job).mkdir()
        (tmp_path / job / "report.html").write_text("")
    summary(tmp_path)
    return tmp_path


def test_the_page_needs_nothing_from_elsewhere_and_escapes_what_is_not_ours(folder: Path) -> None:
    page = (folder / "summary.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
    assert "<i>c" not in page
    assert "&lt;i&gt;c" in page
    assert 'href="a/report.html"' in page
    assert "=boom &amp; co." in page
    assert "seed 2" in page
    assert "degree 2" in page.partition("<table>")[0], "what all have alike is told once"
    assert "gone" not in page


def test_the_table_has_a_row_a_job_and_starts_no_formula(folder: Path) -> None:
    with (folder / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row["job"] for row in rows] == ["b", "a", "<i>c"]
    assert rows[2]["error"] == "'=boom & co."
    assert rows[1]["fit"] == "0.98765"
    assert rows[2]["report"] == ""


PRESSES = """<script>
const orders = [];
for (const wanted of ["Time", "Job", "R² held out", "R² held out"]) {
  for (const one of document.querySelectorAll("thead button")) if (one.textContent === wanted) one.click();
  const jobs = [...document.querySelectorAll("tbody th")].map((cell) => cell.firstChild.textContent);
  orders.push(jobs.map((job) => job.slice(-1)).join(""));
}
document.title = orders.join(" ");
</script></body>"""
"""Presses headings one after the other, and writes down the order of the jobs after each."""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_press_on_a_heading_sorts(folder: Path) -> None:
    page = folder / "pressed.html"
    text = (folder / "summary.html").read_text(encoding="utf-8")
    page.write_text(text.replace("</body>", PRESSES), encoding="utf-8")
    call = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page.as_uri()]
    done = subprocess.run(call, capture_output=True, text=True, check=True, timeout=120)
    title = done.stdout.partition("<title>")[2].partition("</title>")[0]
    assert title == "abc cab abc bac", "by time; by name; by fit, where the job without one stays below; and falling"


def test_a_folder_without_a_batch_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no batch"):
        summary(tmp_path)
