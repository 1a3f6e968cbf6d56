"""HetRec 2011 Last.fm: artists, plays, tags in Latin-1, friends."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.datasets import FRIENDS, Datasets
from catalog.errors import DatasetError
from tests.catalog.imports.conftest import Import

FILES = {
    "artists": b"id\tname\turl\tpictureURL\n1\tMALICE MIZER\thttp://a\thttp://b\n"
    + "2\tBjörk\thttp://a\n3\t\thttp://a\thttp://b\nx\tNo number\ta\tb\n".encode(),
    "tags": b"tagID\ttagValue\r\n1\tmetal\r\n2\tgoth\xedque\r\n",
    "user_artists": b"userID\tartistID\tweight\r\n2\t1\t13883\r\n2\t2\t5\r\n3\t2\t0\r\n"
    b"3\t9\t1\r\n4\t1",
    "user_taggedartists": b"userID\tartistID\ttagID\tday\tmonth\tyear\n2\t1\t1\t1\t4\t2009\n"
    b"3\t1\t1\t1\t4\t2009\n3\t1\t1\t1\t5\t2009\n3\t1\t2\t1\t5\t2009\n3\t1\t7\t1\t5\t2009\n",
    "user_friends": b"userID\tfriendID\r\n2\t275\r\n2\t428\r\n275\t2\r\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        (tmp_path / f"{name}.dat").write_bytes(data)
    return tmp_path


def test_all_of_it(datasets: Datasets, run: Import, folder: Path) -> None:
    for _ in range(2):
        report = run("lastfm", folder)
        found = datasets.listening("lastfm")
        assert (found.users, found.items) == (["2", "3"], ["1", "2", "9"])
        assert found.plays.tolist() == [13883, 5, 1]
        assert list(datasets.tags("lastfm")) == [("1", "metal", 2.0), ("1", "gothíque", 1.0)]
        friends = [(user, friend) for user, friend, _ in datasets.tags("lastfm", kind=FRIENDS)]
        assert friends == [("2", "275"), ("2", "428"), ("275", "2")]
    names = {track.key: (track.artist, track.title) for track in datasets.tracks("lastfm")}
    assert names == {"1": ("MALICE MIZER", None), "2": ("Björk", None), "9": (None, None)}
    told = [(each.file.name, each.line, each.reason) for each in report.problems]
    assert told == [
        ("artists.dat", 4, "name is empty"),
        ("artists.dat", 5, "id is 'x'; expected a whole number"),
        ("user_artists.dat", 4, "weight is 0; expected plays"),
        ("user_artists.dat", 6, "has 2 fields; expected 3"),
        ("tags.dat", 3, "not in UTF-8, or twice; read as what it most likely is"),
        ("user_taggedartists.dat", 6, "tag 7 is not in tags.dat"),
    ]
    assert (report.rows, report.unreadable, report.mended) == (14, 5, 1)


def test_small_batches_change_nothing(
    datasets: Datasets, run: Import, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.imports.lastfm.BATCH_TRIPLETS", 1)
    run("lastfm", folder)
    assert datasets.listening("lastfm").plays.tolist() == [13883, 5, 1]


def test_another_folder_is_refused(run: Import, tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_text("id\n1\n")
    with pytest.raises(DatasetError, match=r"expected artists\.dat"):
        run("lastfm", tmp_path)


def test_the_real_dataset(datasets: Datasets, run: Import, shared: Path, tmp_path: Path) -> None:
    few = 10_000
    for file in (shared / "lastfm").iterdir():
        lines = file.read_bytes().splitlines(keepends=True)
        if file.name == "user_taggedartists.dat":
            lines = lines[: few + 1]  # all of them take too long for a test
        (tmp_path / file.name).write_bytes(b"".join(lines))
    report = run("lastfm", tmp_path)
    (info,) = datasets.names()
    assert (info.tracks, info.listeners, info.plays) == (17_632, 1892, 92_834)
    assert report.unreadable == 0
    assert report.mended > 0
    assert sum(weight for _, _, weight in datasets.tags("lastfm")) == few
