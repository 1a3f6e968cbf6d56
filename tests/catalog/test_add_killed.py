"""`add` in a real process, killed at any moment and started again, and on a disk that is full."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from catalog.catalog import Catalog
from tests.catalog.adding import LIMIT
from tests.catalog.making import SPEC, contents, settings_at, write_music

ROOT = Path(__file__).resolve().parents[2]
SONGS = 14


def start(folder, music, *, die_at=0, **environment):
    command = [sys.executable, "-m", "tests.catalog.adding", str(folder), str(die_at), str(music)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    folder = tmp_path_factory.mktemp("music")
    write_music(folder, SONGS)
    return folder


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, music):
    folder = tmp_path_factory.mktemp("undisturbed")
    assert finish(start(folder, music))[0] == 0
    wanted = contents(settings_at(folder))
    assert len(wanted) == SONGS
    return wanted


def assert_whole(folder, undisturbed):
    """Nothing is half there: what is stored is as in the run that nothing disturbed."""
    settings = settings_at(folder)
    stored = contents(settings)
    assert stored.items() <= undisturbed.items()
    with Catalog.open(settings, SPEC) as catalog:
        for song in catalog.songs():
            hits = catalog.search(catalog.style(song.id)[None], 1)
            assert hits.songs[0, 0] == song.id
    return len(stored)


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_changes_of_the_disk_it_ends_the_same(tmp_path, music, undisturbed, seed):
    rng = random.Random(seed)
    kills = 0
    for die_at in [rng.randint(1, 12), *(rng.randint(5, 90) for _ in range(5)), 0]:
        status, out, err = finish(start(tmp_path, music, die_at=die_at))
        assert status in (0, -signal.SIGKILL), err
        kills += status != 0
        if (tmp_path / "catalog.sqlite").exists() and "1\n" in out:
            assert_whole(tmp_path, undisturbed)
    assert kills > 2
    assert contents(settings_at(tmp_path)) == undisturbed
    assert not (tmp_path / "index" / ".building").exists()


def test_killed_between_songs_it_goes_on_where_it_was(tmp_path, music, undisturbed):
    rng = random.Random(99)
    before = 0
    for _ in range(4):
        with start(tmp_path, music) as process:
            assert process.stdout is not None
            for _line in range(before + rng.randint(1, 3)):
                process.stdout.readline()
            process.kill()
        now = assert_whole(tmp_path, undisturbed)
        assert now > before
        before = min(now, SONGS - 4)
    status, out, _ = finish(start(tmp_path, music))
    assert status == 0
    added = int(out.split()[-3])
    assert added + now == SONGS
    assert contents(settings_at(tmp_path)) == undisturbed


@pytest.mark.parametrize("limit", [300, 45_000, 150_000])
def test_a_full_disk_loses_nothing_and_the_next_call_goes_on(tmp_path, music, undisturbed, limit):
    """No file may pass `limit` bytes: making the database meets it, or a song in the middle."""
    status, _, err = finish(start(tmp_path, music, **{LIMIT: str(limit)}))
    assert status == 1
    assert err.startswith("StoreError: ")
    assert "run this again" in err
    assert "Traceback" not in err
    if limit > 100_000:
        assert 0 < assert_whole(tmp_path, undisturbed) < SONGS
    assert finish(start(tmp_path, music))[0] == 0
    assert contents(settings_at(tmp_path)) == undisturbed


def test_a_second_run_beside_the_first_is_refused(tmp_path, music):
    with Catalog.open(settings_at(tmp_path), SPEC, create=True) as catalog:
        status, _, err = finish(start(tmp_path, music))
        assert status == 1
        assert f"BusyError: {tmp_path}: another process (pid {os.getpid()}) is writing" in err
        assert catalog.count == 0


def test_what_reads_while_it_is_added_to_sees_whole_songs(tmp_path, music):
    assert finish(start(tmp_path, music, die_at=40))[0] == -signal.SIGKILL
    with Catalog.open(settings_at(tmp_path), SPEC) as reader:
        seen = [reader.count]
        with start(tmp_path, music) as process:
            assert process.stdout is not None
            for _line in process.stdout:
                reader.refresh()
                seen.append(reader.count)
                hits = reader.search(np.eye(SPEC.style_dim, dtype=np.float32), 5)
                assert set(hits.songs.ravel()) - {-1} <= set(reader.get(hits.songs.ravel()))
        reader.refresh()
        assert seen == sorted(seen)
        assert reader.count == SONGS
