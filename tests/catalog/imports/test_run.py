"""Whatever state a file is in, an import ends with a report or says what it expected."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from catalog.datasets import Datasets
from catalog.errors import DatasetError
from catalog.imports.run import run_import
from tests.catalog.imports import test_echonest, test_fma, test_lastfm, test_msd, test_spotify
from tests.catalog.imports.conftest import Import
from tests.catalog.making import made_catalog

JSON_TRACK = f"{test_msd.TRACKS[0]}.json"
WHOLE = {
    ("fma", "tracks.csv"): test_fma.TRACKS.encode(),
    ("fma", "genres.csv"): test_fma.GENRES.encode(),
    ("echonest", "echonest.json"): json.dumps([{"track_id": 2, **test_echonest.VALUES}]).encode(),
    ("spotify", "SpotifyFeatures.csv"): f"{test_spotify.HEAD}\n{test_spotify.row('A')}".encode(),
    ("lastfm", "artists.dat"): test_lastfm.FILES["artists"],
    ("lastfm", "user_artists.dat"): test_lastfm.FILES["user_artists"],
    ("tasteprofile", "triplets.txt"): f"a\t{test_msd.SONGS[0]}\t3\n".encode() * 3,
    ("msd", JSON_TRACK): json.dumps(test_msd.LASTFM).encode(),
    ("msd", "genres.cls"): f"{test_msd.TRACKS[0]}\tRock\n".encode() * 2,
}
ODD = [b'"', b"\x00", b"\n", b",", b"\t", b"[", b"null", b"nan", b"1e999", b"\xff\xfe", b"9" * 30]
ODD += ["²".encode(), "٣".encode(), b"{}", b""]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasets]:
    with Datasets(made_catalog(tmp_path_factory.mktemp("kept"), [])) as opened:
        yield opened


@examples(max_examples=60)  # each may wait for the disk
@given(st.data(), st.sampled_from(sorted(WHOLE)))
def test_damaged_files(
    kept: Datasets,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    which: tuple[str, str],
) -> None:
    kind, name = which
    text = WHOLE[which]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 30))
        text = text[:at] + data.draw(st.sampled_from(ODD)) + text[at + gone :]
    file = tmp_path_factory.mktemp("damaged") / name
    file.write_bytes(text)
    with suppress(DatasetError):  # it says what it expected
        report = run_import(kind, [file], kept)
        assert len(report.problems) <= report.unreadable + report.mended


def test_folders_that_cannot_be_looked_into_are_told(
    run: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "genres.csv").write_text(test_fma.GENRES)
    (tmp_path / "closed").mkdir()
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # root may look into everything
    report = run("fma", tmp_path)
    (problem,) = report.problems
    assert problem.file == tmp_path / "closed"
    assert problem.reason == "cannot be looked into: Permission denied"
