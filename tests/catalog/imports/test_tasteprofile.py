"""Taste Profile: triplets in any blocks, torn and doubled, mismatched songs, a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from catalog.datasets import Datasets
from catalog.errors import DatasetError
from catalog.imports import tasteprofile
from catalog.imports.run import run_import
from tests.catalog.imports.conftest import Import
from tests.catalog.making import made_catalog, settings_at

SONGS = [f"SO{number:016}" for number in range(6)]


def heard(datasets: Datasets) -> dict[tuple[str, str], float]:
    found = datasets.listening("tasteprofile")
    pairs = zip(found.user.tolist(), found.item.tolist(), found.plays.tolist(), strict=True)
    return {(found.users[user], found.items[item]): plays for user, item, plays in pairs}


def line(user: str, song: str, plays: object) -> str:
    return f"{user}\t{song}\t{plays}\n"


def test_triplets(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    path = tmp_path / "train_triplets.txt"
    path.write_text(
        line("b", SONGS[1], 3)
        + line("a", SONGS[0], 1)
        + line("b", SONGS[0], 2)
        + "\n"
        # doubled, and once more with another number: the last counts
        + line("b", SONGS[1], 3)
        + line("a", SONGS[0], 7)
    )
    expected = {("a", SONGS[0]): 7, ("b", SONGS[0]): 2, ("b", SONGS[1]): 3}
    for _ in range(2):
        report = run("tasteprofile", path)
        assert heard(datasets) == expected
        assert (report.rows, report.unreadable) == (5, 0)
    (info,) = datasets.names()
    assert (info.tracks, info.listeners, info.plays) == (2, 2, 3)


def test_bad_lines_are_told_and_the_rest_goes_in(
    datasets: Datasets, run: Import, tmp_path: Path
) -> None:
    path = tmp_path / "triplets.txt"
    good = line("a", SONGS[0], 1)
    bad = "a\tb\n" + line("a", "SO12", 1) + line("a", SONGS[1], 0) + line("a", SONGS[1], 1.5)
    path.write_bytes(
        b"\xef\xbb\xbf"
        + (good + bad + "x\t\t\n").encode()
        + f"\xe9\t{SONGS[2]}\t4\r\nu\tSO".encode("latin-1")
    )
    report = run("tasteprofile", path)
    assert heard(datasets) == {("a", SONGS[0]): 1, ("é", SONGS[2]): 4}
    assert [(problem.line, problem.reason) for problem in report.problems] == [
        (2, "has 2 fields; expected user, song and plays with tabs between"),
        (3, "song 'SO12'; expected one such as SOAKIMP12A8C130995"),
        (4, "plays are '0'; expected a whole number above 0"),
        (5, "plays are '1.5'; expected a whole number above 0"),
        (6, "plays are ''; expected a whole number above 0"),
        (7, "not in UTF-8, or twice; read as what it most likely is"),
        (8, "has 2 fields; expected user, song and plays with tabs between"),
    ]
    assert (report.rows, report.unreadable, report.mended) == (2, 6, 1)


LINES = st.lists(
    st.one_of(
        st.builds(line, st.sampled_from("abc"), st.sampled_from(SONGS), st.integers(1, 99)),
        st.sampled_from(["\n", "junk\n", "a\tb\tc\n"]),
    ),
    min_size=1,
    max_size=25,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("blocks")


@examples(max_examples=15)  # each waits for the disk
@given(LINES, st.integers(1, 300))
def test_blocks_change_nothing(folder: Path, text: list[str], size: int) -> None:
    settings = made_catalog(folder / str(len(list(folder.iterdir()))), [])
    path = settings.directory / "triplets.txt"
    path.write_text(line("a", SONGS[0], 1) + "".join(text))
    rows = [each.split() for each in [line("a", SONGS[0], 1), *text] if "SO" in each]
    whole = tasteprofile.BLOCK_BYTES
    tasteprofile.BLOCK_BYTES = size
    try:
        with Datasets(settings) as datasets:
            report = run_import("tasteprofile", [path], datasets)
            found = heard(datasets)
    finally:
        tasteprofile.BLOCK_BYTES = whole
    assert found == {(user, song): float(plays) for user, song, plays in rows}
    assert report.rows == len(rows)
    bad = [place for place, each in enumerate(text, 2) if "SO" not in each and each.strip()]
    assert [problem.line for problem in report.problems] == bad


@pytest.mark.parametrize("first", [True, False])
def test_mismatched_songs_are_left_out_whichever_comes_first(
    datasets: Datasets, run: Import, tmp_path: Path, first: bool
) -> None:
    triplets, mismatches = tmp_path / "triplets.txt", tmp_path / "sid_mismatches.txt"
    triplets.write_text("".join(line("a", song, 1) for song in SONGS[:3]))
    mismatches.write_text(
        f"ERROR: <{SONGS[1]} TRMMGKQ128F9325E10> Linkwood - Whats up  !=  Other - Song\nnonsense\n"
    )
    paths = [mismatches, triplets] if first else [triplets, mismatches]
    reports = [run("tasteprofile", path) for path in paths]
    assert heard(datasets) == {("a", SONGS[0]): 1, ("a", SONGS[2]): 1}
    assert [problem.line for report in reports for problem in report.problems] == [2]


def test_another_file_is_refused(run: Import, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a b c\n")
    with pytest.raises(DatasetError, match="expected lines of user, song"):
        run("tasteprofile", tmp_path)


KILLED = """
import os, signal, sys
from pathlib import Path
from catalog.datasets import Datasets
from catalog.imports import tasteprofile
from catalog.imports.run import run_import
from tests.catalog.making import settings_at

tasteprofile.BLOCK_BYTES = 1000
told = 0

def kill(*_):
    global told
    told += 1
    if told == 3:
        os.kill(os.getpid(), signal.SIGKILL)

with Datasets(settings_at(Path(sys.argv[1]))) as datasets:
    run_import("tasteprofile", [Path(sys.argv[2])], datasets, on_progress=kill)
"""


def test_a_kill_leaves_what_was_stored_and_the_next_run_completes(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path / "catalog", [])
    path = tmp_path / "triplets.txt"
    rows = [(f"{i // 4:040x}", SONGS[i % 4], i + 1) for i in range(100)]
    path.write_text("".join(line(*row) for row in rows))
    command = [sys.executable, "-c", KILLED, str(settings.directory), str(path)]
    root = Path(__file__).resolve().parents[3]
    env = os.environ | {"PYTHONPATH": str(root)}
    killed = subprocess.run(command, env=env, cwd=tmp_path, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    expected = {(user, song): float(plays) for user, song, plays in rows}
    with Datasets(settings_at(settings.directory)) as datasets:
        stored = heard(datasets)
        assert 0 < len(stored) < len(expected)
        assert stored.items() <= expected.items()
        assert datasets.names()[0].finished_at is None
        run_import("tasteprofile", [path], datasets)
        assert heard(datasets) == expected
        assert datasets.names()[0].finished_at is not None


def test_the_real_head_of_the_file(datasets: Datasets, run: Import, shared: Path) -> None:
    report = run("tasteprofile", shared / "msd" / "taste_profile_partial.txt")
    found = datasets.listening("tasteprofile")
    assert (report.rows, report.unreadable) == (42_739, 0)
    assert (len(found.users), len(found.items), len(found.plays)) == (1630, 9071, 42_739)
