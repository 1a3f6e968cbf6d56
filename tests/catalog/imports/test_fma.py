"""FMA as it is distributed: headers of two rows, cut tables, the tree of audio, clips known bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.datasets import Datasets, Genre, Track
from catalog.errors import DatasetError
from tests.catalog.imports.conftest import Import

TRACKS = """\
,album,album,artist,artist,set,set,track,track,track,track
,date_released,title,id,name,split,subset,duration,genre_top,genres,title
track_id,,,,,,,,,,
2,2009-01-05 00:00:00,"AWOL, A Way Of Life",1,AWOL,training,small,168,Hip-Hop,[21],Food
5,,,1,AWOL,validation,medium,,,"[21, 999]",This World
x,,,1,AWOL,training,small,1,,[],bad number
7,,,1,AWOL,sometimes,small,1,,[],bad split
8,,,1,AWOL,training,small,1,,oops,bad genres
9,,,1,AWOL,training,small,1,,[]
10,,,6,Kurt Vile,test,small,161,Pop,[10],"Free
way"
"""
GENRES = """\
genre_id,#tracks,parent,title,top_level
10,13845,0,Pop,10
21,8389,0,Hip-Hop,21
100,1,21,Alternative Hip-Hop,21
"""


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def test_tracks_and_genres(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    report = run("fma", write(tmp_path / "fma_metadata", tracks=TRACKS, genres=GENRES))
    food, world, freeway = datasets.tracks("fma")
    assert food == Track(
        dataset="fma",
        key="000002",
        title="Food",
        artist="AWOL",
        album="AWOL, A Way Of Life",
        genre="Hip-Hop",
        genres=("Hip-Hop",),
        year=2009,
        duration_s=168.0,
        split="training",
        facts={"subset": "small", "artist_id": "1"},
    )
    assert (world.genre, world.genres, world.year, world.duration_s) == (
        None,
        ("Hip-Hop",),
        None,
        None,
    )
    assert (freeway.key, freeway.title, freeway.split) == ("000010", "Free way", "test")
    assert datasets.genre_tree("fma")[1] == Genre("100", "Alternative Hip-Hop", "21", "21")
    assert [problem.line for problem in report.problems] == [6, 7, 8, 9]
    assert "expected a number of at most six digits" in report.problems[0].reason
    assert report.notes == {"genre 999: not in the table of genres": 1}
    assert (report.rows, report.unreadable) == (6, 4)


def test_an_import_again_changes_nothing(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    folder = write(tmp_path / "fma", tracks=TRACKS, genres=GENRES)
    first = run("fma", folder)
    before = list(datasets.tracks("fma"))
    assert run("fma", folder) == first
    assert list(datasets.tracks("fma")) == before


def test_the_raw_table_of_genres_keeps_what_the_other_says(
    datasets: Datasets, run: Import, tmp_path: Path
) -> None:
    raw = "genre_id,genre_color,genre_handle,genre_parent_id,genre_title\n"
    raw += "10,#fff,Pop,,Pop\n77,#fff,Bad,,\n78,#fff,New,10,New\n"
    report = run("fma", write(tmp_path / "fma", genres=GENRES, raw_genres=raw))
    tree = {genre.key: genre for genre in datasets.genre_tree("fma")}
    assert tree["10"] == Genre("10", "Pop", None, "10")
    assert tree["78"] == Genre("78", "New", "10", None)
    assert report.problems[0].reason == "genre 77 has no title"


def test_audio_is_found_and_bad_clips_are_told(
    datasets: Datasets, run: Import, tmp_path: Path
) -> None:
    audio = tmp_path / "fma_small"
    for key in ("000002", "099134", "098565", "000003"):
        (audio / key[:3]).mkdir(parents=True, exist_ok=True)
        (audio / key[:3] / f"{key}.mp3").write_bytes(b"")
    (audio / "000" / "cover.mp3").write_bytes(b"")
    (audio / "001").mkdir()
    (audio / "001" / "000005.mp3").write_bytes(b"")
    report = run("fma", write(tmp_path / "fma_metadata", tracks=TRACKS), audio)
    paths = {track.key: track.path for track in datasets.tracks("fma") if track.path}
    assert paths == {key: audio / key[:3] / f"{key}.mp3" for key in ("000002", "000003", "098565")}
    told = {problem.file.name: problem.reason for problem in report.problems if not problem.line}
    assert "known to hold no sound" in told["099134.mp3"]
    assert "much shorter" in told["098565.mp3"]
    assert report.notes["audio files not named as FMA's are"] == 2
    assert (next(datasets.tracks("fma")).title, datasets.names()[0].audio) == ("Food", 3)


def test_links_are_followed_and_their_loops_end(
    datasets: Datasets, run: Import, tmp_path: Path
) -> None:
    far = tmp_path / "far" / "000"
    far.mkdir(parents=True)
    (far / "000002.mp3").write_bytes(b"")
    (far / "loop").symlink_to(tmp_path / "far")
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "fma_small").symlink_to(tmp_path / "far")
    report = run("fma", tmp_path / "near")
    (track,) = datasets.tracks("fma")
    assert (track.key, report.rows) == ("000002", 1)
    assert track.path == tmp_path / "near/fma_small/000/000002.mp3"


@pytest.mark.parametrize("text", ["a,b\n1,2\n", ",set\n,split\n2,training\n"])
def test_what_is_not_fma_is_refused(
    datasets: Datasets, run: Import, tmp_path: Path, text: str
) -> None:
    folder = write(tmp_path / "fma", tracks=text)
    with pytest.raises(DatasetError, match=r"expected (tracks\.csv|FMA's header)"):
        run("fma", folder)
    assert datasets.names() == []


def test_a_path_that_is_not_there_is_refused(run: Import, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="nowhere: no such file or folder"):
        run("fma", tmp_path / "nowhere")


def test_the_real_tables(datasets: Datasets, run: Import, shared: Path) -> None:
    report = run("fma", shared / "fma")
    (info,) = datasets.names()
    # 7,994 rows of FMA small and 682 of the cut table, some of them the same tracks
    assert (info.tracks, info.titled, info.genres, info.attributes) == (8618, 8618, 164, 13_129)
    assert [(problem.file.name, problem.line) for problem in report.problems] == [
        ("tracks_fma_small.csv", 1516),
        ("tracks_truncated.csv", 2107),
    ]
    assert (report.unreadable, report.mended) == (1, 1)
    small = [track for track in datasets.tracks("fma") if track.split and track.genre]
    assert {track.split for track in small} == {"training", "validation", "test"}
    assert len({track.genre for track in small}) >= 8
    assert any(track.title == "la valse à mille echos" for track in small)
