import numpy as np
import pytest

from discover.errors import InputError, SettingError
from discover.expr import parse
from discover.inference.forms import Form
from discover.symbolic.archive import Archive
from discover.symbolic.state import Keeper
from tests.symbolic.laws import data

WHO = {"data": "sha256:1", "seed": "0"}
NAMES = ["x", "y", "a", "b"]


def filled_archive():
    X, y = data("2*x + y", "x y", noise=0.01)
    archive = Archive(X, y, np.ones(len(y)), (0, 1))
    archive.stage = "instant"
    archive.add([Form(parse("a*x**3.5 + b", NAMES), 2, (1.0, 0.0)), Form(parse("a*x + b*y", NAMES), 2, (1.0, 1.0))])
    archive.stage = "templates"
    archive.add([Form(parse("x + y**7", NAMES), 2)])
    return archive


def test_entries_come_back_to_the_bit(tmp_path):
    path, archive = tmp_path / "search.state", filled_archive()
    keeper = Keeper.at(path, WHO)
    keeper.keep(archive, "y", "templates")
    keeper.write()
    assert Keeper.at(path, WHO).known("y", None) == archive.entries
    assert Keeper.at(path, WHO).known("z", None) == {}


def test_what_is_known_is_not_fitted_again(tmp_path):
    archive = filled_archive()
    again = Archive(archive.X, archive.y, archive.weights, archive.columns, known=archive.entries)
    again.criterion = Refusing()
    added = again.add(
        [Form(entry.form.expr, 2, tuple(9.0 for _ in entry.form.start)) for entry in archive.entries.values()]
    )
    assert added == list(archive.entries.values())
    assert again.n_fits == archive.n_fits


class Refusing:
    """A criterion that must not be asked to fit anything."""

    def fit(self, forms, n_iterations, sampled=False):
        assert not forms
        return []


def test_it_is_written_now_and_then_and_whole(tmp_path, monkeypatch):
    keeper = Keeper.at(tmp_path / "search.state", WHO)
    keeper.keep(filled_archive(), "y", "instant")
    assert not keeper.path.exists()
    keeper.written -= 60.0
    keeper.keep(filled_archive(), "y", "instant")
    before = keeper.path.read_bytes()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(InputError, match="no space left"):
        keeper.write()
    assert keeper.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["search.state"]


def test_another_search_is_refused(tmp_path):
    keeper = Keeper.at(tmp_path / "a", WHO)
    keeper.write()
    with pytest.raises(SettingError, match="with other data"):
        Keeper.at(tmp_path / "a", WHO | {"data": "sha256:2"})
    with pytest.raises(SettingError, match=r'with another seed \("0" then, "1" now\)'):
        Keeper.at(tmp_path / "a", WHO | {"seed": "1"})


def test_a_file_that_is_no_state_is_told(tmp_path):
    path = tmp_path / "law.json"
    path.write_text("{}")
    with pytest.raises(SettingError, match="is not the state of a search"):
        Keeper.at(path, WHO)
    np.savez(tmp_path / "other.npz", x=np.ones(3))
    with pytest.raises(SettingError, match="is not the state of a search"):
        Keeper.at(tmp_path / "other.npz", WHO)
    np.savez(tmp_path / "pickled.npz", header=np.array([{"a": 1}], dtype=object))
    with pytest.raises(SettingError, match="is not the state of a search"):
        Keeper.at(tmp_path / "pickled.npz", WHO)
    with pytest.raises(InputError, match="name a file in a folder there is"):
        Keeper.at(tmp_path / "none" / "a", WHO)
    with pytest.raises(InputError, match="name a file"):
        Keeper.at(tmp_path, WHO)
