"""The demo's tables, files and notices agree, and every licence is one that may be shipped."""

import csv
import itertools
import json
from pathlib import Path

import av
import numpy as np
import pytest

from catalog.demo import PassageKind, demo_clips, demo_programme, programme_passages

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "catalog" / "demo"
MAX_TOTAL_BYTES = 6_000_000
LENGTH_TOLERANCE_S = 0.01
MIN_APART_S = 5.0  # between a clip's span and its song's passage in the programme
CROSS_FADE_S = 1.0
LICENCES = {
    "LicenseRef-public-domain": "https://creativecommons.org/publicdomain/mark/1.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-3.0": "https://creativecommons.org/licenses/by/3.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-3.0": "https://creativecommons.org/licenses/by-sa/3.0/",
}
TAGS = {
    "title": "title",
    "artist": "artist",
    "album": "album",
    "genre": "genre",
    "date": "year",
    "comment": "attribution",
}


def table(name: str) -> list[dict[str, str]]:
    with (DEMO / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


CLIPS = table("demo.csv")
PROGRAMME = table("programme.csv")
RECORDINGS = [*CLIPS, *(row for row in PROGRAMME if row["kind"] != "silence")]


def decode(path: Path) -> tuple[np.ndarray, int, dict[str, str]]:
    """Mono samples `(n,)`, their rate in hertz, and the tags in lower case."""
    with av.open(path) as container:
        stream = container.streams.audio[0]
        tags = {**container.metadata, **stream.metadata}
        frames = [frame.to_ndarray() for frame in container.decode(stream)]
    samples = np.concatenate([frame.reshape(-1, frame.shape[-1]) for frame in frames], axis=1)
    mono = samples.mean(axis=0)  # (channels, n) -> (n,): Opus decodes to planar floats
    return mono, 48_000, {name.lower(): value for name, value in tags.items()}


@pytest.fixture(scope="module")
def programme() -> np.ndarray:
    return decode(demo_programme())[0]


def test_the_table_lists_exactly_the_files_there_are() -> None:
    assert demo_clips() == [DEMO / "clips" / row["file"] for row in CLIPS]
    assert sorted(demo_clips()) == sorted((DEMO / "clips").iterdir())
    assert len(CLIPS) == 24


@pytest.mark.parametrize("row", CLIPS, ids=lambda row: row["file"])
def test_a_clip_is_as_its_row_says(row: dict[str, str]) -> None:
    samples, rate_hz, tags = decode(DEMO / "clips" / row["file"])
    length_s = float(row["end_s"]) - float(row["start_s"])
    assert 20 <= length_s <= 30
    assert len(samples) / rate_hz == pytest.approx(length_s, abs=LENGTH_TOLERANCE_S)
    assert {name: tags.get(name, "") for name in TAGS} == {
        name: row[column] for name, column in TAGS.items()
    }


@pytest.mark.parametrize("row", CLIPS, ids=lambda row: row["file"])
def test_a_clip_is_music_from_its_first_second_on(row: dict[str, str]) -> None:
    samples, rate_hz, _ = decode(DEMO / "clips" / row["file"])
    seconds = samples[: len(samples) // rate_hz * rate_hz].reshape(-1, rate_hz)
    level_dbfs = 10 * np.log10(np.mean(seconds**2, axis=1) + 1e-12)
    assert level_dbfs.min() > -45


def test_the_demo_stays_small() -> None:
    files = [*demo_clips(), demo_programme()]
    assert sum(path.stat().st_size for path in files) <= MAX_TOTAL_BYTES


@pytest.mark.parametrize("row", RECORDINGS, ids=lambda row: row["title"])
def test_every_recording_is_licensed_and_credited(row: dict[str, str]) -> None:
    assert LICENCES[row["licence"]] == row["licence_url"]
    assert len(row["sha256"]) == 64
    for told in (row["title"], row["artist"], row["licence_url"], row["package"], row["version"]):
        assert told
        assert told in row["attribution"]


def test_no_artist_has_more_than_two_clips() -> None:
    artists = [row["artist"] for row in CLIPS]
    assert max(artists.count(artist) for artist in artists) <= 2


def test_notice_names_every_recording_and_the_weights() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for row in RECORDINGS:
        assert f"{row['title']}” by {row['artist']}" in notice
    for row in CLIPS:
        assert f"clips/{row['file']}: {row['attribution']}" in notice
    for told in ("Jordi Pons", "Xavier Serra", "ISC", "musicnn 0.1.0", "LICENSE.musicnn"):
        assert told in notice
    assert "MIT License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    # What tools/make_demo.py would write anew: nothing of it may be lost then.
    assert notice.startswith((DEMO / "notice_head.txt").read_text(encoding="utf-8").rstrip())


def test_notice_names_what_the_built_page_holds() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    package = json.loads((ROOT / "realtime/web/package.json").read_text(encoding="utf-8"))
    names = {"preact": "Preact,", "@preact/signals": "Preact Signals,", "three": "three.js,"}
    assert package["dependencies"].keys() == {*names, "vite"}
    for name in (*names.values(), "Vite", "Permission is hereby granted"):
        assert name in notice


def test_the_programme_lasts_as_long_as_its_table(programme: np.ndarray) -> None:
    end_s = programme_passages()[-1].end_s
    assert 180 <= end_s <= 240
    assert len(programme) / 48_000 == pytest.approx(end_s, abs=LENGTH_TOLERANCE_S)


def test_the_programme_has_the_passages_it_needs() -> None:
    kinds = [passage.kind for passage in programme_passages()]
    assert kinds.count(PassageKind.SONG) >= 5
    assert kinds.count(PassageKind.OUTSIDE) == 2
    assert kinds.count(PassageKind.SILENCE) == 1


def test_passages_follow_each_other_with_a_cross_fade_except_around_the_silence() -> None:
    passages = programme_passages()
    assert passages[0].start_s == 0
    for before, after in itertools.pairwise(passages):
        joined = PassageKind.SILENCE in (before.kind, after.kind)
        assert before.end_s - after.start_s == pytest.approx(0 if joined else CROSS_FADE_S)


def test_the_pause_is_silent_and_the_rest_is_not(programme: np.ndarray) -> None:
    for passage in programme_passages():
        inside = programme[round((passage.start_s + 0.1) * 48_000) :][: 48_000 * 2]
        assert (np.abs(inside).max() < 1e-3) == (passage.kind is PassageKind.SILENCE)


def test_a_passage_is_another_part_of_its_song_than_the_clip() -> None:
    clips = {DEMO / "clips" / row["file"]: row for row in CLIPS}
    for passage, row in zip(programme_passages(), PROGRAMME, strict=True):
        if passage.kind is PassageKind.SONG:
            assert passage.clip is not None
            clip = clips[passage.clip]
            assert (clip["sha256"], clip["title"]) == (row["sha256"], passage.title)
            before_s = float(clip["start_s"]) - passage.source_end_s
            after_s = passage.source_start_s - float(clip["end_s"])
            assert max(before_s, after_s) >= MIN_APART_S
        else:
            assert passage.clip is None
            assert row["artist"] not in {clip["artist"] for clip in CLIPS}


def test_a_passage_lasts_as_long_as_its_source_span() -> None:
    for passage in programme_passages():
        if passage.kind is not PassageKind.SILENCE:
            length_s = passage.end_s - passage.start_s
            assert passage.source_end_s - passage.source_start_s == pytest.approx(length_s)
