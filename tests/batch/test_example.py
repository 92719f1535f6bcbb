"""The printed plan is a plan, and explains every key."""

import re
import tomllib
from pathlib import Path

from discover.batch.example import example
from discover.batch.plan import read_plan
from discover.batch.schema import KEYS


def test_every_key_is_explained_once() -> None:
    explained = re.findall(r"^#   (\w+) ", example(), flags=re.MULTILINE)
    assert sorted(explained) == sorted(KEYS)


def test_it_is_read_as_it_stands(tmp_path: Path) -> None:
    names = ("populations/a.csv", "populations/b.csv", "swing_1.csv", "swing_2.csv", "gas.csv")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "plan.toml").write_text(example(), encoding="utf-8")
    plan = read_plan(tmp_path / "plan.toml")
    assert len(plan.jobs) == 2 * 2 * 3 + 1 + 1
    assert plan.output == tmp_path / tomllib.loads(example())["output"]
