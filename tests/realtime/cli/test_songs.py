"""The commands on the catalog, run in this process with the real encoder."""

import json
import os
import re
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from catalog.manifest import sha256_of
from realtime.cli import songs
from tests.catalog.making import tone, write_wav

RATE_HZ = 16_000


def nowhear(*args):
    """Run a command; returns its result, with standard output and error apart."""
    app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
    songs.register(app)
    return CliRunner().invoke(app, [str(arg) for arg in args])


def as_json(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def sound(path, seed, *, seconds=3.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_wav(path, tone(seed, seconds, rate_hz=RATE_HZ), rate_hz=RATE_HZ)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder of music and a catalog of it, not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    music = folder / "music"
    for i in range(6):
        sound(music / f"{i:02} - Artist {i // 3} - Tune {i}.wav", i)
    sound(music / "Artist 0 - Tune 0 again.wav", 0)
    with (music / "Artist 0 - Tune 0 again.wav").open("ab") as file:
        file.write(b"LIST\x04\x00\x00\x00INFO")  # the same sound in another file
    (music / "words.mp3").write_text("no music")
    result = nowhear("add", "--json", "--catalog", folder / "catalog", music)
    summary = as_json(result)
    assert list(summary) == ["added", "unchanged", "skipped", "seconds", "audio_seconds"]
    assert (summary["added"], summary["unchanged"], len(summary["skipped"])) == (7, 0, 1)
    assert list(summary["skipped"][0]) == ["path", "reason"]
    assert summary["skipped"][0]["path"] == str(music / "words.mp3")
    assert summary["audio_seconds"] == pytest.approx(21, abs=0.01)
    assert summary["seconds"] > 0
    return folder


@pytest.fixture
def own(made, tmp_path):
    """A copy of it that may be changed."""
    shutil.copytree(made / "catalog", tmp_path / "catalog")
    return tmp_path / "catalog"


def ids_by_title(folder):
    found = as_json(nowhear("songs", "--json", "--catalog", folder))
    return {song["title"]: song["song"] for song in found}


def test_add_again_in_words(made):
    result = nowhear("add", "--catalog", made / "catalog", made / "music")
    assert result.exit_code == 0
    assert re.match(r"0 added, 7 unchanged, 1 skipped; 0:00 of audio in ", result.stdout)
    assert "skipped" in result.stderr
    assert "words.mp3" in result.stderr


def test_add_fails_when_all_was_skipped(tmp_path):
    result = nowhear("add", "--json", "--catalog", tmp_path / "c", tmp_path / "no\nsuch.mp3")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["skipped"] == [
        {"path": str(tmp_path / "no\nsuch.mp3"), "reason": "No such file or directory"}
    ]


def test_add_needs_something_to_do(tmp_path):
    result = nowhear("add", "--catalog", tmp_path)
    assert result.exit_code == 2
    assert "name at least one file or folder" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_paths_that_are_no_utf_8_are_printed_as_escapes(tmp_path):
    sound(Path(os.fsdecode(os.fsencode(tmp_path) + b"/m/caf\xe9.wav")), 1)
    catalog = tmp_path / "c"
    assert as_json(nowhear("add", "--json", "--catalog", catalog, tmp_path / "m"))["added"] == 1
    (song,) = as_json(nowhear("songs", "--json", "--catalog", catalog))
    assert song["path"] == f"{tmp_path}/m/caf\\xe9.wav"
    assert nowhear("songs", "--catalog", catalog).exit_code == 0


def test_ctrl_c_keeps_what_is_stored_and_ends_with_130(tmp_path, monkeypatch):
    from catalog import add as adding

    for i in range(6):
        sound(tmp_path / "m" / f"{i}.wav", i)
    stored = adding._Run._is_added

    def interrupting(self, song, new):
        stored(self, song, new)
        if self.added == 1:  # a second Ctrl-C would end it at once
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(adding._Run, "_is_added", interrupting)
    before = signal.getsignal(signal.SIGINT)
    result = nowhear("add", "--json", "--catalog", tmp_path / "c", tmp_path / "m")
    assert result.exit_code == 130
    assert "storing what is finished" in result.stderr
    assert signal.getsignal(signal.SIGINT) is before
    added = json.loads(result.stdout)["added"]
    assert added >= 1
    monkeypatch.undo()
    again = as_json(nowhear("add", "--json", "--catalog", tmp_path / "c", tmp_path / "m"))
    assert (again["added"], again["unchanged"]) == (6 - added, added)


def test_songs_by_text_and_limit(made):
    catalog = ("--catalog", made / "catalog")
    assert len(as_json(nowhear("songs", "--json", *catalog))) == 7
    assert len(as_json(nowhear("songs", "--json", "--limit", 2, *catalog))) == 2
    found = as_json(nowhear("songs", "aRtIsT", "1", "tune", "--json", *catalog))
    assert {song["artist"] for song in found} >= {"Artist 1"}
    everything = as_json(nowhear("songs", "--json", *catalog))
    found = as_json(nowhear("songs", "tune 5", "--json", *catalog))
    # The folder that the tests were given may hold a 5 too.
    texts = [f"{song['title']} {song['path']}".lower() for song in everything]
    assert len(found) == sum("tune" in text and "5" in text for text in texts)
    (song,) = [song for song in found if song["title"] == "Tune 5"]
    assert (song["artist"], song["duration_s"]) == ("Artist 1", 3.0)
    assert as_json(nowhear("songs", "nothing of the kind", "--json", *catalog)) == []
    table = nowhear("songs", "tune 5", *catalog)
    assert "Artist 1" in table.stdout
    assert table.stderr == ""


@pytest.mark.parametrize("command", [("songs",), ("info",), ("remove", 1), ("similar", 1)])
def test_without_a_catalog_each_command_says_what_makes_one(tmp_path, command):
    result = nowhear(*command, "--catalog", tmp_path / "none")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"nowhear: {tmp_path / 'none'}: no catalog here; `nowhear add PATH...`" in result.stderr
    assert not (tmp_path / "none").exists()


def test_remove_says_what_is_gone(own):
    ids = ids_by_title(own)
    result = nowhear("remove", ids["Tune 1"], ids["Tune 2"], "--catalog", own)
    assert result.exit_code == 0
    assert f"removed {ids['Tune 1']}: Artist 0 - Tune 1" in result.stdout
    assert set(ids_by_title(own)) == set(ids) - {"Tune 1", "Tune 2"}


def test_remove_refuses_as_a_whole(own):
    result = nowhear("remove", 1, 99, "--catalog", own)
    assert result.exit_code == 1
    assert "no song 99 in this catalog; nothing was removed" in result.stderr
    assert len(ids_by_title(own)) == 7
    assert nowhear("remove", "one", "--catalog", own).exit_code == 2


def test_info(made):
    facts = as_json(nowhear("info", "--json", "--catalog", made / "catalog"))
    assert facts["songs"] == facts["indexed"] + facts["tail"] == 7
    assert facts["audio_hours"] == pytest.approx(21 / 3600, abs=1e-3)
    assert (facts["generation"], facts["waiting"], facts["format"]) == (1, 0, 3)
    assert (facts["segments"], facts["tail_segments"]) == (7 * 3, 0)  # 3 s: at 0, 0.5 and 1 s
    assert (facts["encoder"]["dimension"], facts["prints"]["dimension"]) == (200, 128)
    assert facts["bytes"]["vectors"] == 7 * (200 + 50) * 4 + 7 * 3 * (128 + 16 * 2)
    assert facts["bytes_a_song"] == round(sum(facts["bytes"].values()) / 7)
    assert min(facts["bytes"].values()) > 0
    assert "generation     1\n" in nowhear("info", "--catalog", made / "catalog").stdout


def test_similar_ranks_other_songs_by_cosine(made):
    catalog = ("--catalog", made / "catalog")
    ids = ids_by_title(made / "catalog")
    ranked = as_json(nowhear("similar", ids["Tune 0"], "--json", "--per-artist", 0, *catalog))
    assert [list(row) for row in ranked] == [["song", "title", "artist", "path", "score"]] * 5
    scores = [row["score"] for row in ranked]
    assert scores == sorted(scores, reverse=True)
    titles = [row["title"] for row in ranked]
    assert sorted(titles) == ["Tune 1", "Tune 2", "Tune 3", "Tune 4", "Tune 5"]
    two = as_json(nowhear("similar", ids["Tune 0"], "-k", 2, "--json", *catalog))
    assert two == ranked[:2] or len({row["artist"] for row in two}) == 2
    one_each = nowhear("similar", ids["Tune 0"], "--per-artist", 1, "--json", *catalog)
    assert len(as_json(one_each)) == 2
    assert ranked[0]["title"] in nowhear("similar", ids["Tune 0"], *catalog).stdout


def test_similar_to_a_file_that_is_a_song_or_a_copy_of_one(made, tmp_path):
    catalog = ("--catalog", made / "catalog", "--per-artist", "0", "--json")
    ids = ids_by_title(made / "catalog")
    wanted = as_json(nowhear("similar", ids["Tune 3"], *catalog))
    original = made / "music" / "03 - Artist 1 - Tune 3.wav"
    copy = shutil.copy(original, tmp_path / "copy.wav")
    for path in (original, copy):
        assert as_json(nowhear("similar", path, *catalog)) == wanted


def test_similar_to_any_file_leaves_out_the_same_recording(made, tmp_path):
    catalog = ("--catalog", made / "catalog", "--per-artist", "0", "--json")
    other = write_wav(
        tmp_path / "tune 3 in stereo.wav",
        tone(3, 3.0, rate_hz=RATE_HZ),
        rate_hz=RATE_HZ,
        channels=2,
    )
    ranked = as_json(nowhear("similar", other, *catalog))
    wanted = as_json(nowhear("similar", ids_by_title(made / "catalog")["Tune 3"], *catalog))
    assert [row["song"] for row in ranked] == [row["song"] for row in wanted]


@pytest.mark.parametrize("what", ["99", "no such file.mp3", "words"])
def test_similar_to_nothing(made, what):
    what = made / "music" / "words.mp3" if what == "words" else what
    result = nowhear("similar", what, "--catalog", made / "catalog", "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("nowhear: ")


def test_embed_writes_windows(tmp_path):
    one = sound(tmp_path / "a" / "song.wav", 1, seconds=4)
    two = sound(tmp_path / "b" / "song.wav", 2)
    bad = tmp_path / "bad.mp3"
    bad.write_text("no music")
    out = tmp_path / "out"
    result = nowhear("embed", one, two, bad, "--out", out, "--hop", 0.5)
    assert result.exit_code == 1
    assert "bad.mp3" in result.stderr
    assert sorted(path.name for path in out.iterdir()) == ["song-2.npz", "song.npz"]
    with np.load(out / "song.npz") as data:
        assert sorted(data) == ["style", "tags", "times"]
        count = len(data["times"])
        assert (data["style"].shape, data["tags"].shape) == ((count, 200), (count, 50))
        assert data["style"].dtype == data["tags"].dtype == np.float32
        np.testing.assert_allclose(data["times"], np.arange(count) * 0.5)
    before = sha256_of(out / "song.npz")
    (out / "song.npz").write_bytes(b"old")
    again = nowhear("embed", one, "--out", out, "--hop", 0.5, "--json")
    assert as_json(again)["written"] == [{"path": str(one), "npz": str(out / "song.npz")}]
    assert sha256_of(out / "song.npz") == before


def test_embed_says_when_it_cannot_write(tmp_path):
    one = sound(tmp_path / "song.wav", 1)
    (tmp_path / "out").write_text("a file")
    result = nowhear("embed", one, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_reindex_and_rebuild(own):
    ids = ids_by_title(own)
    assert "generation 2, 7 songs" in nowhear("add", "--reindex", "--catalog", own).stderr
    assert as_json(nowhear("info", "--json", "--catalog", own))["generation"] == 2
    summary = as_json(nowhear("add", "--rebuild", "--json", "--catalog", own))
    assert (summary["added"], summary["skipped"]) == (7, [])
    assert ids_by_title(own) == ids
    facts = as_json(nowhear("info", "--json", "--catalog", own))
    assert (facts["waiting"], facts["songs"], facts["indexed"]) == (0, 7, 7)


@pytest.mark.parametrize("command", ["add", "songs", "remove", "info", "similar", "embed"])
def test_every_command_has_help_with_an_example(command):
    result = nowhear(command, "--help")
    assert result.exit_code == 0
    assert f"nowhear {command}" in result.stdout
    assert "--catalog" in result.stdout
    assert "--config" in result.stdout
