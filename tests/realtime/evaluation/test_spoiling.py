"""Queries: exactly as loud beside noise as they claim, as long, and from where they claim."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.evaluation.conditions import CONDITIONS, Condition
from realtime.evaluation.places import Stretch, around
from realtime.evaluation.recordings import Bank, energy_one
from realtime.evaluation.responses import TELEPHONE, shaped, simulated_rooms
from realtime.evaluation.spoiling import Spoiled, Workshop, mixed
from tests.helpers.clips import RATE_HZ, clip

LENGTHS = (RATE_HZ, 3 * RATE_HZ)
START = 5 * RATE_HZ + 1234
Samples = NDArray[np.float32]


def noise(samples: int, seed: int) -> Samples:
    return np.random.default_rng(seed).uniform(-0.3, 0.3, samples).astype(np.float32)


def room(seed: int) -> Samples:
    response = 0.1 * noise(8000, seed) * np.exp(-np.arange(8000) / 1500).astype(np.float32)
    response[0] = 1
    return energy_one(response)


@pytest.fixture(scope="module")
def song() -> Samples:
    return clip(3)


@pytest.fixture(scope="module")
def workshop() -> Workshop:
    return Workshop(
        sample_rate_hz=RATE_HZ,
        banks={
            "noise": Bank([noise(20 * RATE_HZ, seed) for seed in (1, 2, 3)]),
            "speech": Bank([noise(20 * RATE_HZ, seed) for seed in (4, 5)]),
        },
        rooms={"measured": [room(6), room(7)], "simulated": [room(8)]},
    )


def stretch_of(song: Samples, start: int = START) -> Stretch:
    return around(song, start, longest=max(LENGTHS), sample_rate_hz=RATE_HZ)


def spoil(
    workshop: Workshop, song: Samples, condition: Condition, seed: Sequence[int] = (1, 2)
) -> Spoiled:
    return workshop.spoil(stretch_of(song), condition, lengths=LENGTHS, seed=seed)


def snr_db(spoiled: Spoiled, length: int) -> float:
    """Of a query as it is handed out: whatever is not the music is beside it."""
    heard = spoiled.query(length).astype(np.float64)
    music = spoiled.music[:length].astype(np.float64)
    assert spoiled.beside is not None
    parts = np.stack([music, spoiled.beside[:length].astype(np.float64)], axis=1)
    gains, *_ = np.linalg.lstsq(parts, heard, rcond=None)
    np.testing.assert_allclose(parts @ gains, heard, atol=1e-5)
    loud = [np.sqrt(np.mean((gain * part) ** 2)) for gain, part in zip(gains, parts.T, strict=True)]
    return float(20 * np.log10(loud[0] / loud[1]))


BESIDE = [condition for condition in CONDITIONS.values() if condition.beside]


@pytest.mark.parametrize("condition", BESIDE, ids=lambda c: c.name)
@pytest.mark.parametrize("length", LENGTHS)
def test_the_ratio_holds_over_the_very_query(
    workshop: Workshop, song: Samples, condition: Condition, length: int
) -> None:
    spoiled = spoil(workshop, song, condition)
    assert snr_db(spoiled, length) == pytest.approx(condition.snr_db, abs=1e-3)
    assert np.abs(spoiled.query(length)).max() <= 1


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=lambda c: c.name)
def test_queries_have_their_length_and_the_shorter_begins_the_longer(
    workshop: Workshop, song: Samples, condition: Condition
) -> None:
    spoiled = spoil(workshop, song, condition)
    short, long = (spoiled.query(length) for length in LENGTHS)
    assert [len(short), len(long)] == list(LENGTHS)
    assert short.dtype == long.dtype == np.float32
    assert len(spoiled.music) == max(LENGTHS)
    if condition.beside is None:
        np.testing.assert_allclose(short, long[: len(short)], atol=1e-6)


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=lambda c: c.name)
def test_a_seed_gives_the_same_query_and_all_but_clean_is_changed(
    workshop: Workshop, song: Samples, condition: Condition
) -> None:
    once, again = (spoil(workshop, song, condition).query(RATE_HZ) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    clean = song[START : START + RATE_HZ]
    difference = np.sqrt(np.mean((once - clean) ** 2) / np.mean(clean**2))
    assert difference == 0 if condition.name == "clean" else difference > 0.02


def test_the_same_noise_lies_beside_all_conditions_and_another_with_another_seed(
    workshop: Workshop, song: Samples
) -> None:
    soft, loud = (spoil(workshop, song, CONDITIONS[name]) for name in ("noise-10", "noise-0"))
    other = spoil(workshop, song, CONDITIONS["noise-10"], seed=(1, 3))
    assert soft.beside is not None
    assert loud.beside is not None
    assert other.beside is not None
    np.testing.assert_array_equal(soft.beside, loud.beside)
    assert not np.array_equal(soft.beside, other.beside)


def sweep(samples: int) -> Samples:
    """A tone whose frequency says where one is: 500 Hz at sample 0 and 100 Hz more a second."""
    at = np.arange(samples) / RATE_HZ
    return (0.5 * np.sin(2 * np.pi * (500 + 50 * at) * at)).astype(np.float32)


SPEEDS = [c for c in CONDITIONS.values() if c.speed != 1 and c.beside is None]


@pytest.mark.parametrize("condition", SPEEDS, ids=lambda c: c.name)
@pytest.mark.parametrize("start", [3, START, START + 1, START + 17])
def test_at_another_speed_every_sample_is_where_it_should_be(
    workshop: Workshop, condition: Condition, start: int
) -> None:
    stretch = stretch_of(sweep(20 * RATE_HZ), start)
    music = workshop.spoil(stretch, condition, lengths=LENGTHS, seed=(1,)).music
    at = (start + np.arange(max(LENGTHS)) * condition.speed) / RATE_HZ
    expected = 0.5 * np.sin(2 * np.pi * (500 + 50 * at) * at)
    inner = slice(100 if start < 100 else 0, None)  # where the song begins, the filter rings
    np.testing.assert_allclose(music[inner], expected[inner], atol=2e-3)


@pytest.mark.parametrize("name", ["tempo-0.92", "tempo-1.08"])
@pytest.mark.parametrize("second", [0.0, 1.0, 2.0])
def test_at_another_tempo_moments_are_where_they_should_be(
    workshop: Workshop, name: str, second: float
) -> None:
    condition = CONDITIONS[name]
    music = workshop.spoil(
        stretch_of(sweep(20 * RATE_HZ)), condition, lengths=LENGTHS, seed=(1,)
    ).music
    first = round(second * RATE_HZ)
    piece = music[first : first + RATE_HZ // 4] * np.hanning(RATE_HZ // 4)
    heard_hz = np.abs(np.fft.rfft(piece, RATE_HZ * 4)).argmax() / 4
    middle_s = (START + (first + RATE_HZ / 8) * condition.tempo) / RATE_HZ
    # 10 Hz are 0.1 s of the song: atempo looks for joints within a few hundredths of a second.
    assert heard_hz == pytest.approx(500 + 100 * middle_s, abs=10)


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "band", "room-5", "phone-5"])
def test_what_leaves_time_alone_stays_in_place(
    workshop: Workshop, song: Samples, name: str
) -> None:
    music = spoil(workshop, song, CONDITIONS[name]).music
    clean = song[START : START + len(music)]
    size = 2 * len(music)
    product = np.fft.rfft(music, size) * np.conj(np.fft.rfft(clean, size))
    lags = np.fft.irfft(product)
    assert int(np.abs(lags).argmax()) in (*range(17), *range(size - 16, size))  # 1 ms


def test_a_room_goes_on_sounding_of_what_was_before(workshop: Workshop) -> None:
    song = np.zeros(20 * RATE_HZ, np.float32)
    song[START - 800 : START] = 0.5  # nothing but echoes in the query itself
    music = spoil(workshop, song, CONDITIONS["room-5"]).music
    echoes, later = (float(np.abs(part).max()) for part in (music[:4000], music[9000:]))
    assert echoes > 0.001
    assert later < 1e-6  # the room's response is half a second long


def test_the_telephone_band() -> None:
    at = np.arange(2 * RATE_HZ) / RATE_HZ
    for frequency_hz, kept in (
        (200, False),
        (400, True),
        (1000, True),
        (3300, True),
        (4500, False),
    ):
        tone = np.sin(2 * np.pi * frequency_hz * at).astype(np.float32)
        heard = shaped(tone, TELEPHONE, sample_rate_hz=RATE_HZ)[RATE_HZ // 2 : -RATE_HZ // 2]
        if kept:
            inner = tone[RATE_HZ // 2 : -RATE_HZ // 2]
            np.testing.assert_allclose(heard, inner, atol=0.01)
        else:
            assert np.abs(heard).max() < 0.01


def test_mixing_music_with_what_is_louder() -> None:
    music, beside = noise(9000, 1), 0.01 * noise(9000, 2)
    heard = mixed(music, beside, snr_db=-5)
    other = heard - music
    ratio_db = 10 * np.log10(np.mean(music**2) / np.mean(other**2))
    assert ratio_db == pytest.approx(-5, abs=1e-3)


def test_simulated_rooms_reverberate_for_half_a_second() -> None:
    pytest.importorskip("pyroomacoustics")
    rooms = simulated_rooms(np.random.default_rng(9), 3, sample_rate_hz=RATE_HZ)
    again = simulated_rooms(np.random.default_rng(9), 3, sample_rate_hz=RATE_HZ)
    for response, same in zip(rooms, again, strict=True):
        np.testing.assert_array_equal(response, same)
        assert np.sum(response**2) == pytest.approx(1, abs=1e-4)
        left_db = 10 * np.log10(np.cumsum(response[::-1] ** 2)[::-1] + 1e-20)
        # T60 from the decay between -5 and -25 dB (ISO 3382, T20)
        t20_s = (np.argmax(left_db < -25) - np.argmax(left_db < -5)) / RATE_HZ
        assert 0.3 < 3 * t20_s < 0.8
