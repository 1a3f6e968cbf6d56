"""What `add` makes of every kind of file."""

import os
import shutil
import threading
from pathlib import Path

import av
import numpy as np
import pytest

from catalog.add import add
from catalog.catalog import Catalog
from catalog.songs import path_text
from catalog.walk import Skipped
from tests.catalog.making import (
    RATE_HZ,
    SPEC,
    BandsEncoder,
    contents,
    settings_at,
    tone,
    write_music,
    write_wav,
)


def run(folder, *paths, **more):
    """Add to the catalog in `folder`; returns the summary."""
    settings = settings_at(folder, workers=2)
    with Catalog.open(settings, SPEC, create=True) as catalog:
        return add(paths, catalog, more.pop("encoder", BandsEncoder()), settings, **more)


def counts(summary):
    return summary.added, summary.unchanged, len(summary.skipped)


def songs_in(folder):
    with Catalog.open(settings_at(folder), SPEC) as catalog:
        return catalog.songs()


@pytest.fixture
def music(tmp_path):
    write_music(tmp_path / "music", 4)
    return tmp_path / "music"


def test_unchanged_files_are_passed_over(tmp_path, music):
    seen = []
    first = run(tmp_path / "c", music, on_progress=seen.append)
    assert counts(first) == (4, 0, 0)
    assert first.audio_seconds == pytest.approx(4 * 2 + 0.06, abs=1e-3)
    assert [(p.done, p.total) for p in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    before = contents(settings_at(tmp_path / "c"))

    class Unused(BandsEncoder):
        def embed(self, windows):  # noqa: ARG002
            raise AssertionError("unchanged files need no encoder")

    assert counts(run(tmp_path / "c", music, encoder=Unused())) == (0, 4, 0)
    for path in music.rglob("*.wav"):
        os.utime(path, ns=(1, 1))
    assert counts(run(tmp_path / "c", music, encoder=Unused())) == (0, 4, 0)
    assert contents(settings_at(tmp_path / "c")) == before


def test_a_changed_file_is_embedded_again_as_the_same_song(tmp_path, music):
    run(tmp_path / "c", music)
    path = sorted(music.rglob("*.wav"))[0]
    (before,) = (song for song in songs_in(tmp_path / "c") if song.path == path)
    with Catalog.open(settings_at(tmp_path / "c"), SPEC) as catalog:
        old = catalog.style(before.id)
    write_wav(path, tone(77, 3.0))
    assert counts(run(tmp_path / "c", music)) == (1, 3, 0)
    with Catalog.open(settings_at(tmp_path / "c"), SPEC) as catalog:
        after = catalog.song(before.id)
        new = catalog.style(before.id)
        assert (after.path, after.duration_s) == (path, 3.0)
        assert after.content_hash != before.content_hash
        assert new @ old < 0.99
        hits = catalog.search(np.stack([old, new]), 4)
        assert hits.songs[1, 0] == before.id
        assert hits.scores[0].max() < 0.999  # the old vector is nowhere any more
        assert catalog.count == 4


def test_a_moved_file_keeps_its_song(tmp_path, music):
    run(tmp_path / "c", music)
    before = {song.content_hash: song.id for song in songs_in(tmp_path / "c")}
    moved = tmp_path / "elsewhere"
    shutil.move(music, moved)
    first = sorted(moved.rglob("*.wav"))[0]
    first.rename(first.with_name("New Artist - New Title.wav"))
    assert counts(run(tmp_path / "c", moved)) == (0, 4, 0)
    after = songs_in(tmp_path / "c")
    assert {song.content_hash: song.id for song in after} == before
    assert all(song.path.is_file() for song in after)
    assert ("New Artist", "New Title") in {(song.artist, song.title) for song in after}


def test_a_copy_is_skipped_and_names_the_song(tmp_path, music):
    path = sorted(music.rglob("*.wav"))[0]
    copy = shutil.copy(path, music / "zz copy.wav")
    early = shutil.copy(path, music / "00 copy.wav")
    summary = run(tmp_path / "c", music)
    assert counts(summary) == (4, 0, 2)
    stored = {song.content_hash: song for song in songs_in(tmp_path / "c")}
    winner = next(song for song in stored.values() if song.path == Path(early))
    assert {s.path for s in summary.skipped} == {path, Path(copy)}
    assert all(
        s.reason == f"has the same content as song {winner.id}, {early}" for s in summary.skipped
    )
    assert counts(run(tmp_path / "c", music)) == (0, 4, 2)


def test_two_files_that_change_names_are_two_songs_still(tmp_path, music):
    run(tmp_path / "c", music)
    one, other = sorted(music.rglob("*.wav"))[:2]
    kept = tmp_path / "kept"
    one.rename(kept)
    other.rename(one)
    kept.rename(other)
    run(tmp_path / "c", music)
    found = {song.path: song for song in songs_in(tmp_path / "c")}
    assert len(found) == 4
    assert counts(run(tmp_path / "c", music)) == (0, 4, 0)


def test_a_file_whose_old_place_has_other_content_has_moved(tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    old = write_wav(folder / "b.wav", tone(1, 2))
    run(tmp_path / "c", folder)
    old.rename(folder / "a.wav")
    write_wav(old, tone(2, 3))
    assert counts(run(tmp_path / "c", folder)) == (1, 1, 0)
    assert {(s.id, s.path.name) for s in songs_in(tmp_path / "c")} == {(1, "a.wav"), (2, "b.wav")}


NAMES = [
    b"new\nline.wav",
    b"bad\xff\x80.wav",
    "日本語 – ё.wav".encode(),
    b"-n.wav",
    b" .wav",
    b"%s.wav",
]


def test_names_in_any_script_and_of_any_bytes(tmp_path):
    folder = tmp_path / os.fsdecode(b"fold\xe9r")
    folder.mkdir()
    for i, name in enumerate(NAMES):
        write_wav(folder / os.fsdecode(name), tone(i, 1.5))
    assert counts(run(tmp_path / "c", folder)) == (len(NAMES), 0, 0)
    assert counts(run(tmp_path / "c", folder)) == (0, len(NAMES), 0)
    found = songs_in(tmp_path / "c")
    assert {os.fsencode(song.path.name) for song in found} == set(NAMES)
    for song in found:
        path_text(song.path).encode("utf-8")
        song.title.encode("utf-8")


def broken_files(folder: Path) -> dict[str, str]:
    """Files that are no music, and a word of the reason that each should get."""
    whole = write_wav(folder / "whole.wav", tone(1, 4)).read_bytes()
    (folder / "whole.wav").unlink()
    (folder / "empty.mp3").write_bytes(b"")
    (folder / "text.mp3").write_text("This is not music at all.\n" * 50)
    (folder / "noise.flac").write_bytes(np.random.default_rng(1).bytes(20_000))
    (folder / "head only.wav").write_bytes(whole[:44])
    (folder / "zeros.ogg").write_bytes(bytes(5_000))
    write_wav(folder / "one sample.wav", tone(1, 1)[:1])
    write_wav(folder / "short.wav", tone(1, 0.5))
    write_wav(folder / "silent.wav", np.zeros(3 * RATE_HZ, np.float32))
    (folder / "gone.wav").symlink_to(folder / "nowhere")
    return {
        "empty.mp3": "empty",
        "text.mp3": "",
        "noise.flac": "",
        "head only.wav": "",
        "zeros.ogg": "",
        "one sample.wav": "expected at least 1 s",
        "short.wav": "expected at least 1 s",
        "silent.wav": "silent",
        "gone.wav": "No such file",
    }


def test_broken_files_are_skipped_each_with_its_reason(tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    wanted = broken_files(folder)
    write_wav(folder / "good.wav", tone(5, 2))
    summary = run(tmp_path / "c", folder, tmp_path / "not there")
    assert counts(summary) == (1, 0, len(wanted) + 1)
    reasons = {skipped.path.name: skipped.reason for skipped in summary.skipped}
    assert reasons.pop("not there") == "No such file or directory"
    assert set(reasons) == set(wanted)
    for name, word in wanted.items():
        assert word in reasons[name]
        assert reasons[name]


def test_a_file_cut_off_in_the_middle_is_taken_as_far_as_it_goes(tmp_path):
    path = write_wav(tmp_path / "cut.wav", tone(3, 6))
    os.truncate(path, path.stat().st_size // 2)
    assert counts(run(tmp_path / "c", path)) == (1, 0, 0)
    assert songs_in(tmp_path / "c")[0].duration_s == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize(
    ("rate_hz", "channels", "sample_bytes"), [(8_000, 1, 2), (96_000, 6, 3), (44_100, 2, 2)]
)
def test_rates_channels_and_depths(tmp_path, rate_hz, channels, sample_bytes):
    path = write_wav(
        tmp_path / "x.wav",
        tone(1, 2.0, rate_hz=rate_hz),
        rate_hz=rate_hz,
        channels=channels,
        sample_bytes=sample_bytes,
    )
    assert counts(run(tmp_path / "c", path)) == (1, 0, 0)
    assert songs_in(tmp_path / "c")[0].duration_s == pytest.approx(2.0, abs=0.01)


def test_an_hour(tmp_path):
    path, seconds = tmp_path / "long.flac", 3600
    with av.open(str(path), "w") as output:
        stream = output.add_stream("flac", rate=RATE_HZ)
        stream.layout = "mono"
        block = (tone(1, 60) * 30_000).astype(np.int16)[None]
        fifo = av.AudioFifo()
        for minute in range(seconds // 60):
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.sample_rate = RATE_HZ
            frame.pts = minute * block.shape[1]
            fifo.write(frame)
            while (part := fifo.read(4096)) is not None:
                output.mux(stream.encode(part))
        if (part := fifo.read(4096, partial=True)) is not None:
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    assert counts(run(tmp_path / "c", path)) == (1, 0, 0)
    assert songs_in(tmp_path / "c")[0].duration_s == pytest.approx(seconds, abs=0.01)


def test_a_file_that_vanishes_or_changes_while_it_is_read_is_skipped(tmp_path, music):
    gone, changed, *_ = paths = sorted(music.rglob("*.wav"))

    class Meddler(BandsEncoder):
        def embed(self, windows):
            gone.unlink(missing_ok=True)
            os.utime(changed, ns=(5, 5))
            return super().embed(windows)

    settings = settings_at(tmp_path / "c", workers=1)
    with Catalog.open(settings, SPEC, create=True) as catalog:
        summary = add([music], catalog, Meddler(), settings)
    assert {s.path for s in summary.skipped} <= {gone, changed}
    assert gone in {s.path for s in summary.skipped}
    assert counts(summary)[0] + counts(summary)[2] == len(paths)
    assert counts(run(tmp_path / "c", music))[2] == 0
    assert {song.path for song in songs_in(tmp_path / "c")} == set(paths[1:])


def test_a_file_that_cannot_be_read_is_skipped(tmp_path):
    """Even root gets an error from this one: nothing is mapped at address 0."""
    summary = run(tmp_path / "c", Path("/proc/self/mem"))
    assert summary.skipped == (Skipped(Path("/proc/self/mem"), "Input/output error"),)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_skipped(tmp_path):
    path = write_wav(tmp_path / "x.wav", tone(1, 2))
    path.chmod(0)
    assert run(tmp_path / "c", path).skipped == (Skipped(path, "Permission denied"),)


def test_once_stopped_it_keeps_what_it_has_and_goes_on_at_the_next_call(tmp_path):
    write_music(tmp_path / "m", 12)
    stop = threading.Event()

    def after_three(progress):
        if progress.done >= 3:
            stop.set()

    summary = run(tmp_path / "c", tmp_path / "m", on_progress=after_three, stop=stop)
    assert summary.interrupted
    assert 3 <= summary.added < 12
    with Catalog.open(settings_at(tmp_path / "c"), SPEC) as catalog:
        assert catalog.count == summary.added
        assert catalog.generation == 1
    again = run(tmp_path / "c", tmp_path / "m")
    assert counts(again) == (12 - summary.added, summary.added, 0)
    assert not again.interrupted


def test_a_file_of_hours_does_not_keep_it_from_stopping(tmp_path):
    path = write_wav(tmp_path / "long.wav", tone(1, 600))
    stop = threading.Event()

    class Stopping(BandsEncoder):
        batches = 0

        def embed(self, windows):
            self.batches += 1
            stop.set()
            return super().embed(windows)

    encoder = Stopping()
    summary = run(tmp_path / "c", path, encoder=encoder, stop=stop)
    assert (summary.interrupted, counts(summary)) == (True, (0, 0, 0))
    assert encoder.batches == 1


def test_a_bug_in_the_encoder_is_not_swallowed_and_what_is_stored_stays(tmp_path, music):
    first, *rest = sorted(music.rglob("*.wav"))
    run(tmp_path / "c", first)

    class Broken(BandsEncoder):
        def embed(self, windows):  # noqa: ARG002
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(tmp_path / "c", *rest, encoder=Broken())
    assert counts(run(tmp_path / "c", music)) == (3, 1, 0)


def test_the_same_recording_in_two_formats_is_one_group(tmp_path):
    write_wav(tmp_path / "a.wav", tone(1, 5))
    write_wav(tmp_path / "b.wav", tone(1, 5), channels=2)
    write_wav(tmp_path / "c.wav", tone(2, 5))
    run(tmp_path / "cat", tmp_path)
    groups = {song.path.name: song.group for song in songs_in(tmp_path / "cat")}
    assert groups["a.wav"] == groups["b.wav"] != groups["c.wav"]
