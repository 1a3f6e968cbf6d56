"""The command `identify`, run in this process with the real network on demo clips."""

import csv
import json
import re

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from realtime.cli import identifying
from tests.catalog.making import write_wav
from tests.helpers.naming import INSIDERS, OUTSIDERS, RATE_HZ, decoded, in_noise

CLIPS = INSIDERS[3:6]
OUTSIDER = OUTSIDERS[1]


@pytest.fixture(scope="module")
def made(tmp_path_factory, named_clips):
    """A folder with settings that name the catalog, and recordings."""
    folder = tmp_path_factory.mktemp("identifying")
    where = named_clips[0].catalog.directory
    (folder / "c.yaml").write_text(
        f"encoder: {{style: network, threads: 1}}\ncatalog: {{directory: {where}}}\n"
    )
    whole = {clip: decoded(clip) for clip in (*CLIPS, OUTSIDER)}
    for name, clip in (("one", CLIPS[0]), ("two", CLIPS[1]), ("outside", OUTSIDER)):
        sound = whole[clip][9 * RATE_HZ :][: 6 * RATE_HZ]
        write_wav(folder / f"{name}.wav", in_noise(sound, snr_db=5, seed=2), rate_hz=RATE_HZ)
    write_wav(folder / "short.wav", whole[OUTSIDER][:9000], rate_hz=RATE_HZ)
    (folder / "words.mp3").write_text("no music")
    first, last = whole[CLIPS[2]][: 8 * RATE_HZ], whole[CLIPS[0]][: 8 * RATE_HZ]
    for name, pause_s in (("duo", 2), ("radio", 25)):
        pause = np.zeros(pause_s * RATE_HZ, np.float32)
        write_wav(folder / f"{name}.wav", np.concatenate([first, pause, last]), rate_hz=RATE_HZ)
    return folder


@pytest.fixture
def nowhear(made, monkeypatch):
    """Runs a command there; its result has standard output and error apart."""
    monkeypatch.chdir(made)
    app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
    app.callback()(lambda: None)  # else the only command would have no name
    identifying.register(app)

    def run(*args):
        return CliRunner().invoke(app, ["identify", "--config", "c.yaml", *map(str, args)])

    return run


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_an_object_a_line_in_the_order_of_the_files(nowhear):
    files = ["two.wav", "nothing.wav", "outside.wav", "words.mp3", "short.wav", "one.wav"]
    result = nowhear("--json", "--similar", "2", *files)
    assert result.exit_code == 1, result.stderr
    two, nothing, outside, words, short, one = found = lines(result)
    assert [line["file"] for line in found] == files
    assert list(two) == ["file", "duration_s", "match", "similar"]
    assert list(two["match"]) == [
        "song",
        "title",
        "artist",
        "path",
        "position",
        "rate",
        "confidence",
    ]
    for line, clip in ((two, CLIPS[1]), (one, CLIPS[0])):
        assert line["match"]["path"] == str(clip)
        assert line["match"]["position"] == pytest.approx(9, abs=0.25)
        assert line["match"]["rate"] == pytest.approx(1, abs=0.06)
        assert 0.99 <= line["match"]["confidence"] <= 1
        assert [list(song) for song in line["similar"]] == [
            ["song", "title", "artist", "path", "score"]
        ] * 2
        assert line["match"]["song"] not in [song["song"] for song in line["similar"]]
    assert outside["match"] is None
    assert len(outside["similar"]) == 2
    assert nothing == {"file": "nothing.wav", "error": nothing["error"]}
    assert "no such file" in nothing["error"]
    assert "cannot be decoded" in words["error"]
    assert "is 0.562 s long, expected at least 1 s" in short["error"]


def test_in_words(nowhear):
    result = nowhear("--similar", "1", "one.wav", "outside.wav", "words.mp3")
    assert result.exit_code == 1
    named, like_it, outside, like_that = result.stdout.splitlines()
    song = r"Pajama Crisis \(Emmett Plant\) - Free As In Tuxi"
    assert re.match(rf"one\.wav: {song}, from 0:0[89]\.\d on, ", named)
    assert re.search(r"9\d\.\d % sure$|100\.0 % sure$", named)
    assert re.fullmatch(r"  like it 0\.\d\d\d  .+", like_it)
    assert outside == "outside.wav: not in the catalog"
    assert re.fullmatch(r"  like it 0\.\d\d\d  .+", like_that)
    assert result.stderr.startswith("words.mp3: cannot be decoded")


def test_without_similar_songs(nowhear):
    result = nowhear("--json", "--similar", "0", "one.wav")
    assert result.exit_code == 0, result.stderr
    assert lines(result)[0]["similar"] == []


def test_all_songs_of_a_long_recording(nowhear, tmp_path):
    result = nowhear("--all", "--json", "--csv", tmp_path / "duo.csv", "duo.wav", "outside.wav")
    assert result.exit_code == 0, result.stderr
    first, second = lines(result)
    assert list(first) == [
        *("file", "start", "end", "song", "title", "artist", "path"),
        *("position", "rate", "confidence"),
    ]
    for line, clip, start_s in ((first, CLIPS[2], 0), (second, CLIPS[0], 10)):
        assert line["path"] == str(clip)
        assert line["start"] == pytest.approx(start_s, abs=2)
        assert line["end"] == pytest.approx(start_s + 8, abs=2)
        assert line["position"] == pytest.approx(line["start"] - start_s, abs=0.5)
    with (tmp_path / "duo.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows] == [str(CLIPS[2]), str(CLIPS[0])]
    assert [float(row["end"]) for row in rows] == [first["end"], second["end"]]


def test_a_cue_sheet_stands_beside_its_recording(made, nowhear):
    result = nowhear("--all", "--cue", "radio.cue", "radio.wav")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[0] == "radio.wav:"
    assert re.match(r"  0:00 - 0:\d\d  .+ % sure", result.stdout.splitlines()[1])
    sheet = (made / "radio.cue").read_text("utf-8")
    assert sheet.startswith('FILE "radio.wav" WAVE\n  TRACK 01 AUDIO\n    TITLE ')
    titles = re.findall('    TITLE "(.*)"', sheet)
    assert len(titles) == 3
    assert titles[1] == "Unknown"
    assert titles[2] == "Free As In Tuxi"


def test_more_tracks_than_a_cue_sheet_holds_become_csv(made, nowhear, monkeypatch):
    monkeypatch.setattr("realtime.tracklist.CUE_MOST_TRACKS", 0)
    result = nowhear("--all", "--cue", "long.cue", "one.wav")
    assert result.exit_code == 0, result.stderr
    assert "0 tracks at most, these are 1; written as CSV instead" in result.stderr
    assert not (made / "long.cue").exists()
    assert (made / "long.csv").read_text().startswith("file,start,end,song,")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--csv", "x.csv", "one.wav"], "add --all"),
        (["--all", "--csv", "x", "--cue", "y", "one.wav"], "do not go together"),
        (["--all", "--cue", "x.cue", "one.wav", "two.wav"], "of one file"),
        (["--all", "--similar", "3", "one.wav"], "does not go with --all"),
        (["--all", "--cue", "one.wav", "one.wav"], "is the recording itself"),
    ],
)
def test_wrong_use(nowhear, args, words):
    result = nowhear(*args)
    assert result.exit_code == 2
    assert words in " ".join(re.sub("[│╭╮╰╯─]", " ", result.stderr).split())


def test_a_list_that_cannot_be_written(nowhear):
    result = nowhear("--all", "--csv", "no such folder/x.csv", "outside.wav")
    assert result.exit_code == 1
    assert "no such folder/x.csv: cannot be written: No such file or directory" in result.stderr
    assert "Traceback" not in result.stderr


def test_without_a_catalog(nowhear):
    result = nowhear("--catalog", "nowhere", "one.wav")
    assert result.exit_code == 1
    assert "no catalog" in result.stderr
    assert "nowhear add" in result.stderr
