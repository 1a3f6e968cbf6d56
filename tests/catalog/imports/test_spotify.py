"""Kaggle's table of Spotify: a row a genre, signatures that became dates, a torn end."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from catalog.datasets import Datasets
from catalog.errors import DatasetError
from catalog.imports.spotify import time_signature
from tests.catalog.imports.conftest import Import

HEAD = (
    "genre,artist_name,track_name,track_id,popularity,acousticness,danceability,duration_ms,"
    "energy,instrumentalness,key,liveness,loudness,mode,speechiness,tempo,time_signature,valence"
)
KEY = "0BRjO6ga9RKCKjfDqeFgWV"


def row(genre: str, *, key: str = KEY, name: str = '"Beau, ""très"""', energy: str = "0.91") -> str:
    values = (
        f"0,0.611,0.389,99373,{energy},8.19E-06,C#,0.346,-1.828,Major,0.0525,166.969,4-Apr,0.814"
    )
    return f"{genre},Henri Salvador,{name},{key},{values}"


def write(folder: Path, *rows: str) -> Path:
    path = folder / "SpotifyFeatures.csv"
    path.write_text("\ufeff" + "\n".join([HEAD, *rows]), encoding="utf-8")
    return path


def test_rows_of_a_track_are_one_track(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    path = write(tmp_path, row("Movie"), row("Dance"), row("Movie"))
    for _ in range(2):
        report = run("spotify", path)
        (track,) = datasets.tracks("spotify")
        assert track.genres == ("Movie", "Dance")
        assert (report.rows, report.unreadable) == (3, 0)
    assert (track.title, track.artist, track.genre) == ('Beau, "très"', "Henri Salvador", None)
    assert track.duration_s == 99.373
    assert track.facts["time_signature"] == "4/4"
    values = datasets.attributes("spotify").values
    expected = [0.611, 0.389, 0.91, 8.19e-06, 0.346, 0.0525, 166.969, 0.814]
    np.testing.assert_allclose(values, [expected], rtol=1e-6)


def test_genres_far_apart_are_brought_together(
    datasets: Datasets, run: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.imports.writing.BATCH_ROWS", 4)
    others = [row("Pop", key=f"{i:022}") for i in range(9)]
    run("spotify", write(tmp_path, row("Movie"), *others, row("Dance")))
    found = {track.key: track.genres for track in datasets.tracks("spotify")}
    assert len(found) == 10
    assert found[KEY] == ("Movie", "Dance")


def test_bad_rows_are_told(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    torn = row("Pop")[:60]
    report = run(
        "spotify",
        write(tmp_path, row("A", key="short"), row("B", energy="loud"), row("C"), torn),
    )
    assert [(problem.line, problem.reason) for problem in report.problems] == [
        (2, "track id 'short'; expected 22 letters and digits"),
        (3, "could not convert string to float: 'loud'"),
        (5, "has 5 fields; expected 18"),
    ]
    assert [track.genres for track in datasets.tracks("spotify")] == [("C",)]


@pytest.mark.parametrize(
    ("text", "signature"),
    [("4-Apr", "4/4"), ("4-Mar", "3/4"), ("4-Jan", "1/4"), ("0/4", "0/4"), ("", None)],
)
def test_time_signatures(text: str, signature: str | None) -> None:
    assert time_signature(text) == signature


def test_another_table_is_refused(run: Import, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("genre,artist_name\n")
    with pytest.raises(DatasetError, match="expected a CSV file with the columns artist_name"):
        run("spotify", tmp_path)


def test_real_rows_and_the_torn_end(
    datasets: Datasets, run: Import, shared: Path, tmp_path: Path
) -> None:
    data = (shared / "spotify" / "SpotifyFeatures_partial.csv").read_bytes()
    lines = data.splitlines(keepends=True)
    few = [*lines[:1500], *lines[-1500:]]  # all of them take too long for a test
    (tmp_path / "head.csv").write_bytes(b"".join(few))
    report = run("spotify", tmp_path)
    assert (report.rows, report.unreadable, report.problems[-1].line) == (2998, 1, 3000)
    rows = list(csv.reader(b"".join(few).decode("utf-8-sig").splitlines()[1:-1]))
    genres: dict[str, set[str]] = {}
    for row in rows:
        genres.setdefault(row[3], set()).add(row[0])
    assert {track.key: set(track.genres) for track in datasets.tracks("spotify")} == genres
    assert len(datasets.attributes("spotify").keys) == len(genres) < len(rows)
    signatures = {track.facts["time_signature"] for track in datasets.tracks("spotify")}
    assert signatures <= {"4/4", "3/4", "5/4", "1/4", "0/4"}
