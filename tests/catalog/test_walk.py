"""Files beneath folders: each once, in order, with whatever name."""

import os
from pathlib import Path

import pytest

from catalog.walk import Skipped, find_audio


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_folders_are_walked_in_order_for_audio_only(tmp_path):
    names = ["b/2.MP3", "b/1.flac", "a.opus", "b/deep/er/x.wma", "c.aiff"]
    for name in [*names, "cover.jpg", "b/notes.txt", "mp3", ".hidden.mp3", ".dir/x.mp3"]:
        touch(tmp_path / name)
    files, skipped = find_audio([tmp_path])
    wanted = ["a.opus", "b/1.flac", "b/2.MP3", "b/deep/er/x.wma", "c.aiff"]
    assert files == [tmp_path / name for name in wanted]
    assert skipped == []


def test_a_named_file_is_tried_whatever_it_is_called_and_each_once(tmp_path, monkeypatch):
    odd, song = touch(tmp_path / "song.bin"), touch(tmp_path / "song.mp3")
    monkeypatch.chdir(tmp_path)
    files, skipped = find_audio([Path("song.bin"), song, tmp_path, Path("./song.bin")])
    assert files == [odd, song]
    assert skipped == []


def test_what_is_not_there_is_skipped_with_its_reason(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp3")
    files, skipped = find_audio([tmp_path / "no", tmp_path / "pipe.mp3", tmp_path])
    assert files == []
    assert skipped == [
        Skipped(tmp_path / "no", "No such file or directory"),
        Skipped(tmp_path / "pipe.mp3", "is no regular file"),
    ]


def test_links_are_followed_and_a_loop_ends(tmp_path):
    song = touch(tmp_path / "a" / "song.mp3")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "c.mp3").symlink_to(song)
    (tmp_path / "gone.mp3").symlink_to(tmp_path / "nowhere")
    files, skipped = find_audio([tmp_path])
    assert files == [song, tmp_path / "c.mp3", tmp_path / "gone.mp3"]
    assert skipped == []


def test_names_of_any_bytes(tmp_path):
    names = [b"new\nline.mp3", b"bad\xff\x80.ogg", "日本.flac".encode(), b"-rf.wav", b" .mp3"]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()
    files, _ = find_audio([tmp_path])
    assert sorted(os.fsencode(path.name) for path in files) == sorted(names)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_skipped(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    _, skipped = find_audio([tmp_path])
    assert skipped == [Skipped(tmp_path / "closed", "Permission denied")]
