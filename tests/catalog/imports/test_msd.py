"""The Million Song Dataset in all the forms it is distributed in."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from catalog.datasets import SIMILAR, Datasets, Track
from catalog.errors import DatasetError
from tests.catalog.imports.conftest import Import

TRACKS = ["TRAAAAW128F429D538", "TRAAABD128F429CF47", "TRAAADZ128F9348C2E"]
SONGS = ["SOMZWCG12A8C13C480", "SOCIWDW12A8C13D406", "SOXVLOJ12AB0189215"]
HEAD = (
    "artist.id,artist.name,duration,release.name,song.id,tempo,terms,title,year,key,key_confidence"
)


def titles(datasets: Datasets) -> dict[str, tuple[str | None, str | None]]:
    return {track.key: (track.artist, track.title) for track in datasets.tracks("msd")}


def made_sqlite(path: Path, script: str) -> Path:
    database = sqlite3.connect(path)
    database.executescript(script)
    database.close()
    return path


def test_the_table_of_the_subset(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    rows = [
        f'AR1,"Casual, The",218.9,Fear Itself,{SONGS[0]},92.2,hip hop,I Didn\'t,0,1,0.7',
        "AR2,shifted by a comma,1,x, Polovtsian Dances,1,1,1,1,1,1",
    ]
    (tmp_path / "subset.csv").write_text("\n".join([HEAD, *rows]))
    report = run("msd", tmp_path)
    assert list(datasets.tracks("msd")) == [
        Track(
            dataset="msd",
            key=SONGS[0],
            alias=SONGS[0],
            title="I Didn't",
            artist="Casual, The",
            album="Fear Itself",
            duration_s=218.9,
            facts={"artist_id": "AR1", "key": "1", "tempo": "92.2", "terms": "hip hop"},
        )
    ]
    assert [problem.line for problem in report.problems] == [3]


def test_unique_tracks_take_the_place_of_songs(
    datasets: Datasets, run: Import, tmp_path: Path
) -> None:
    song = f"AR1,Casual,218.9,Fear Itself,{SONGS[0]},92.2,hip hop,Title,1994,1,0.7"
    (tmp_path / "subset.csv").write_text(f"{HEAD}\n{song}\n")
    run("msd", tmp_path / "subset.csv")
    lines = [
        f"{TRACKS[0]}<SEP>{SONGS[0]}<SEP>Casual<SEP>Title",
        "TR1<SEP>SO1<SEP>a<SEP>b",
        "a<SEP>",
    ]
    unique = tmp_path / "unique_tracks.txt"
    unique.write_text("\n".join(lines))
    report = run("msd", unique)
    (track,) = datasets.tracks("msd")
    assert (track.key, track.alias, track.album, track.year) == (
        *(TRACKS[0], SONGS[0]),
        "Fear Itself",
        1994,
    )
    assert [problem.line for problem in report.problems] == [2, 3]
    run("msd", tmp_path / "subset.csv")
    assert [track.key for track in datasets.tracks("msd")] == [TRACKS[0]]


def test_years_of_tracks_and_lists_of_artists(
    datasets: Datasets, run: Import, tmp_path: Path
) -> None:
    rows = [f"1922<SEP>{TRACKS[0]}<SEP>Alberta Hunter<SEP>Don't Pan Me", "1923<SEP>x<SEP>a<SEP>b"]
    (tmp_path / "tracks_per_year.txt").write_text("\n".join(rows))
    artists = f"AR002UA1187B9A637D<SEP>7752a11c<SEP>{TRACKS[1]}<SEP>The Bristols"
    (tmp_path / "unique_artists.txt").write_text(artists)
    report = run("msd", tmp_path)
    (track,) = datasets.tracks("msd")
    assert (track.year, track.artist, track.title) == (1922, "Alberta Hunter", "Don't Pan Me")
    assert [problem.line for problem in report.problems] == [2]


def test_tagtraum_genres(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    text = f"# a comment\n{TRACKS[0]}\tPop_Rock\n{TRACKS[1]}\tJazz\tVocal\nTR\tRap\n{TRACKS[2]}\n"
    (tmp_path / "genres.cls").write_text(text)
    report = run("msd", tmp_path)
    assert [(track.genre, track.genres) for track in datasets.tracks("msd")] == [
        ("Pop_Rock", ("Pop_Rock",)),
        ("Jazz", ("Jazz", "Vocal")),
    ]
    assert [problem.line for problem in report.problems] == [4, 5]


METADATA = f"""
CREATE TABLE songs (track_id text PRIMARY KEY, title text, song_id text, release text,
  artist_id text, artist_mbid text, artist_name text, duration real, artist_familiarity real,
  artist_hotttnesss real, year int, track_7digitalid int, shs_perf int, shs_work int);
INSERT INTO songs VALUES ('{TRACKS[0]}', 'Silent Night', '{SONGS[0]}', 'Monster Ballads', 'AR1', '',
  'Faster Pussy cat', 252.05, 0.65, 0.39, 2003, 7032331, -1, 0);
INSERT INTO songs VALUES ('{TRACKS[1]}', CAST(X'54616EFC' AS text), '{SONGS[1]}', '', 'AR2', '',
  'Karkkiautomaatti', 0, 0.36, 0.31, 0, NULL, -1, 0);
INSERT INTO songs VALUES ('nonsense', 'x', 'y', '', '', '', '', 1, 0, 0, 0, 0, 0, 0);
"""


def test_track_metadata(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    report = run("msd", made_sqlite(tmp_path / "track_metadata.db", METADATA))
    first, second = datasets.tracks("msd")
    assert first == Track(
        dataset="msd",
        key=TRACKS[0],
        alias=SONGS[0],
        title="Silent Night",
        artist="Faster Pussy cat",
        album="Monster Ballads",
        duration_s=252.05,
        year=2003,
        facts={"artist_id": "AR1", "track_7digitalid": 7032331},
    )
    assert (second.title, second.album, second.duration_s, second.year) == ("Tanü", *[None] * 3)
    assert [(problem.line, problem.reason.split()[0]) for problem in report.problems] == [
        (2, "not"),
        (3, "track"),
    ]


def test_a_damaged_database_is_told(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    rows = "".join(
        f"INSERT INTO songs (track_id, song_id) VALUES ('TRAAAAA{i:011X}', '{SONGS[0]}');"
        for i in range(2000)
    )
    create = METADATA.split(";")[0] + ";"
    path = made_sqlite(tmp_path / "track_metadata.db", create + f"BEGIN; {rows} COMMIT;")
    data = path.read_bytes()
    for torn in (data[: len(data) // 2], b"no database at all"):
        path.write_bytes(torn)
        (problem,) = run("msd", path).problems
        assert "the database cannot be read to its end" in problem.reason
    middle = len(data) // 2 // 4096 * 4096
    path.write_bytes(data[:middle] + b"\xff" * (len(data) - middle))
    report = run("msd", path)
    assert "the database cannot be read to its end" in report.problems[-1].reason
    assert 0 < len(titles(datasets)) == report.rows < 2000
    path.write_bytes(data.replace(b"artist_mbid text", b'"\xa2ist_mbid" text'))
    assert run("msd", path).rows == 2000


LASTFM = {
    "artist": "Casual",
    "title": "I Didn't Mean To",
    "timestamp": "2011-08-02 20:13:25.674526",
    "similars": [[TRACKS[1], 0.871], [TRACKS[2], 0.99]],
    "tags": [["Bay Area", "37"], ["hip-hop", "100"], ["hip-hop", "1"]],
    "track_id": TRACKS[0],
}


def test_the_tree_of_tags(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    for split in ("lastfm_train", "lastfm_test"):
        (tmp_path / split / "A" / "A" / "A").mkdir(parents=True)
    train, test = tmp_path / "lastfm_train/A/A/A", tmp_path / "lastfm_test/A/A/A"
    (train / f"{TRACKS[0]}.json").write_text(json.dumps(LASTFM))
    (test / f"{TRACKS[1]}.json").write_text(json.dumps({"track_id": TRACKS[1], "title": "b"}))
    (test / f"{TRACKS[2]}.json").write_text('{"track_id": "TR')
    (train / "TRAAAEF128F4273421.json").write_text(json.dumps(LASTFM))
    for _ in range(2):
        report = run("msd", tmp_path)
        assert (report.rows, report.unreadable) == (2, 2)
        assert list(datasets.tags("msd")) == [
            (TRACKS[0], "hip-hop", 100.0),
            (TRACKS[0], "Bay Area", 37.0),
        ]
    similar = [(key, other) for key, other, _ in datasets.tags("msd", kind=SIMILAR)]
    assert similar == [(TRACKS[0], TRACKS[2]), (TRACKS[0], TRACKS[1])]
    splits = {track.key: track.split for track in datasets.tracks("msd")}
    assert splits == {TRACKS[0]: "training", TRACKS[1]: "test"}


def test_tags_and_similar_tracks_in_sqlite(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    made_sqlite(
        tmp_path / "lastfm_tags.db",
        f"""CREATE TABLE tids (tid TEXT); CREATE TABLE tags (tag TEXT);
        CREATE TABLE tid_tag (tid INT, tag INT, val FLOAT);
        INSERT INTO tids VALUES ('{TRACKS[0]}'), ('{TRACKS[1]}');
        INSERT INTO tags VALUES ('rock'), (CAST(X'4D61EF73' AS text));
        INSERT INTO tid_tag VALUES (2, 1, 50.0), (1, 1, 100.0), (1, 2, 3.0);""",
    )
    made_sqlite(
        tmp_path / "lastfm_similars.db",
        f"""CREATE TABLE similars_src (tid TEXT, target TEXT);
        INSERT INTO similars_src VALUES ('{TRACKS[0]}', '{TRACKS[1]},0.5,{TRACKS[2]},1');
        INSERT INTO similars_src VALUES ('{TRACKS[1]}', '{TRACKS[0]},much');""",
    )
    report = run("msd", tmp_path)
    assert list(datasets.tags("msd")) == [
        (TRACKS[0], "rock", 100.0),
        (TRACKS[0], "Maïs", 3.0),
        (TRACKS[1], "rock", 50.0),
    ]
    similar = list(datasets.tags("msd", kind=SIMILAR))
    assert similar == [(TRACKS[0], TRACKS[2], 1.0), (TRACKS[0], TRACKS[1], 0.5)]
    assert [problem.reason[:30] for problem in report.problems] == [f"track '{TRACKS[1]}': co"]


def test_audio_and_mismatches(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    (tmp_path / f"{TRACKS[0]}.mp3").write_bytes(b"")
    (tmp_path / "other.mp3").write_bytes(b"")
    (tmp_path / "sid_mismatches.txt").write_text(f"ERROR: <{SONGS[0]} {TRACKS[0]}> a != b\n")
    report = run("msd", tmp_path)
    (track,) = datasets.tracks("msd")
    assert track.path == tmp_path / f"{TRACKS[0]}.mp3"
    assert list(datasets.tags("tasteprofile", kind="mismatched")) == [(SONGS[0], TRACKS[0], 1.0)]
    assert report.notes == {"audio files not named by a track id": 1}


def test_another_folder_is_refused(run: Import, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n")
    with pytest.raises(DatasetError, match="expected song files"):
        run("msd", tmp_path)


def test_the_real_tables(datasets: Datasets, run: Import, shared: Path) -> None:
    report = run("msd", shared / "msd" / "msd_subset.csv")
    assert (report.rows, report.unreadable, report.problems[-1].line) == (9999, 1, 6350)
    assert titles(datasets)[SONGS[0]] == ("Casual", "I Didn't Mean To")
    heads = (shared / "msd" / "msd_tagtraum_cd1.cls").read_text().splitlines()[:500]
    assert heads[3].endswith("Jazz\tVocal")
