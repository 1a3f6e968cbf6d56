"""`nowhear history`: what was played, as a table, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from catalog.plays import PlayRecord, Plays
from realtime.cli import history
from tests.catalog.making import made_catalog, random_songs, settings_at

EVENING = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def nowhear(*args: object) -> Result:
    app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
    history.register(app)
    return CliRunner().invoke(app, [str(arg) for arg in args], env={"COLUMNS": "200"})


def play(minutes: int, *, title: str = "Fjord") -> PlayRecord:
    started = EVENING + timedelta(minutes=minutes)
    return PlayRecord(
        song=7,
        title=title,
        artist=None if minutes else "The Fogs",
        source_kind="microphone",
        source_name="USB [1]",
        started_at=started,
        ended_at=started + timedelta(seconds=183),
        start_s=60.0 * minutes,
        end_s=60.0 * minutes + 183,
        position_from_s=0.12345,
        position_to_s=190.0,
        rate=1.0384,
        confidence=0.9994,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings = made_catalog(tmp_path, random_songs(1))
    with Plays(settings) as plays:
        plays.add(play(0))
        plays.add(play(10, title='Ice, "live"\x1b[2J'))
    return tmp_path


def test_as_json_the_newest_first(folder: Path) -> None:
    done = nowhear("--json", "--catalog", folder)
    newest, oldest = json.loads(done.stdout)
    assert newest["title"].startswith("Ice")
    assert oldest == {
        "song": 7,
        "title": "Fjord",
        "artist": "The Fogs",
        "source_kind": "microphone",
        "source_name": "USB [1]",
        "started_at": "2026-11-21T20:00:00.000+00:00",
        "ended_at": "2026-11-21T20:03:03.000+00:00",
        "start_s": 0.0,
        "end_s": 183.0,
        "position_from_s": 0.123,
        "position_to_s": 190.0,
        "rate": 1.038,
        "confidence": 0.999,
    }


def test_as_csv_with_the_same_fields(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(nowhear("--csv", "--catalog", folder).stdout)))
    objects = json.loads(nowhear("--json", "--catalog", folder).stdout)
    plain = [{k: "" if v is None else str(v) for k, v in one.items()} for one in objects]
    assert rows == plain


def test_no_cell_of_the_csv_is_a_formula(folder: Path) -> None:
    with Plays(settings_at(folder)) as plays:
        plays.add(play(20, title="=HYPERLINK(1)"))
    rows = csv.DictReader(io.StringIO(nowhear("--csv", "--catalog", folder).stdout))
    assert next(rows)["title"] == "'=HYPERLINK(1)"


def test_as_a_table_that_no_title_breaks(folder: Path) -> None:
    shown = nowhear("--catalog", folder).stdout
    assert len(shown.splitlines()) == 3
    assert "\x1b" not in shown
    began = f"{EVENING.astimezone():%Y-%m-%d %H:%M:%S}"
    for words in (began, "3:03", "The Fogs", "+3.8%", "USB [1]", 'Ice, "live"'):
        assert words in shown


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        (["--limit", 1], ["Ice"]),
        (["--since", "2026-11-21T20:10Z"], ["Ice"]),
        (["--since", "2026-11-21T21:10+01:00"], ["Ice"]),
        (["--since", "2026-11-20"], ["Ice", "Fjo"]),
        (["--since", "2026-11-23"], []),
    ],
)
def test_not_all_of_them(folder: Path, options: list[object], titles: list[str]) -> None:
    found = json.loads(nowhear("--json", "--catalog", folder, *options).stdout)
    assert [one["title"][:3] for one in found] == titles


def test_nothing_played_is_said(tmp_path: Path) -> None:
    made_catalog(tmp_path, random_songs(1))
    done = nowhear("--catalog", tmp_path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "nothing was played so far" in done.stderr
    assert nowhear("--json", "--catalog", tmp_path).stdout == "[]\n"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--since", "yesterday"], "2026-11-21T20:30"),
        (["--json", "--csv"], "not both"),
        (["--limit", 0], "--limit"),
    ],
)
def test_wrong_use(folder: Path, options: list[object], words: str) -> None:
    done = nowhear("--catalog", folder, *options)
    assert done.exit_code == 2
    assert words in done.stderr


def test_where_there_is_no_catalog(tmp_path: Path) -> None:
    done = nowhear("--catalog", tmp_path)
    assert done.exit_code == 1
    assert "no catalog here" in done.stderr
    assert list(tmp_path.iterdir()) == []
