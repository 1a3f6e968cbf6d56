"""The whole chain: same seed same sound, the moment stays in place, off means unchanged."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from encoder.augment import Banks, Spoiler, SpoilSettings
from encoder.augment.chain import quick_length
from encoder.corpus import Corpus, corpus_of
from tests.encoder.made_music import RATE_HZ, burst_places, bursts, song

LENGTH = 31_024
OFF = SpoilSettings(
    **{name: 0 for name in SpoilSettings.model_fields if name.endswith("_chance")},
    shift_s=0,
    gain_db=(0, 0),
)


@pytest.fixture(scope="module")
def banks() -> Banks:
    rng = np.random.default_rng(5)
    noise = rng.normal(0, 0.1, 8 * RATE_HZ).astype(np.float32)
    room = (rng.normal(0, 1, 4000) * np.exp(-np.arange(4000) / 800)).astype(np.float32)
    room[0] = 30
    return Banks(
        noise=corpus_of([noise], sample_rate_hz=RATE_HZ),
        speech=corpus_of([song(6, 5.0)], sample_rate_hz=RATE_HZ),
        rooms=corpus_of([room / 32], sample_rate_hz=RATE_HZ),
    )


@pytest.fixture(scope="module")
def music() -> Corpus:
    return corpus_of([song(1, 12.0), song(2, 12.0)], sample_rate_hz=RATE_HZ)


def spoil(settings: SpoilSettings, banks: Banks, music: Corpus, *, seed: int = 1) -> torch.Tensor:
    centre = torch.linspace(4, 20, 16).mul(RATE_HZ).long()
    generator = torch.Generator().manual_seed(seed)
    return Spoiler(settings, banks, length=LENGTH).spoiled(music, centre, generator)


def test_equal_seeds_give_equal_sound_and_others_do_not(banks: Banks, music: Corpus) -> None:
    one = spoil(SpoilSettings(), banks, music)
    assert one.shape == (16, LENGTH)
    assert bool(one.isfinite().all())
    assert torch.equal(one, spoil(SpoilSettings(), banks, music))
    assert not torch.equal(one, spoil(SpoilSettings(), banks, music, seed=2))


def test_with_everything_off_nothing_changes(banks: Banks, music: Corpus) -> None:
    spoiler = Spoiler(OFF, banks, length=LENGTH)
    centre = torch.tensor([6 * RATE_HZ, 15 * RATE_HZ])
    heard = spoiler.spoiled(music, centre, torch.Generator().manual_seed(1))
    torch.testing.assert_close(heard, spoiler.clean(music, centre), atol=1e-4, rtol=0)


def test_every_spoiling_changes_something_by_itself(banks: Banks, music: Corpus) -> None:
    plain = spoil(OFF, banks, music)
    names = [name for name in SpoilSettings.model_fields if name.endswith("_chance")]
    assert len(names) == 15
    for name in names:
        heard = spoil(OFF.model_copy(update={name: 1.0}), banks, music)
        changed = (heard - plain).abs().amax(1) > 1e-3
        assert bool(changed.all()), (name, changed)


def test_strangers_are_noise_and_speech_without_music(banks: Banks) -> None:
    tone = np.sin(np.arange(5 * RATE_HZ) * 2 * np.pi * 1000 / RATE_HZ).astype(np.float32) / 2
    apart = replace(banks, speech=corpus_of([tone], sample_rate_hz=RATE_HZ))
    spoiler = Spoiler(
        OFF.model_copy(update={"recorded_share": 1.0, "varied_share": 0.0}), apart, length=LENGTH
    )
    heard = spoiler.strangers(64, torch.Generator().manual_seed(1))
    assert heard.shape == (64, LENGTH)
    spectrum = torch.fft.rfft(heard).abs()
    peak = spectrum.argmax(1) * RATE_HZ / LENGTH
    spoken = (peak - 1000).abs() < 1
    assert 8 <= int(spoken.sum()) <= 32  # three in ten
    levels = heard[~spoken].std(1)
    assert bool(((levels - 0.1).abs() < 0.01).all())  # the noise of the bank as it is
    assert spoiler.strangers(0, torch.Generator()).shape == (0, LENGTH)


@pytest.mark.parametrize("kind", ["speed_chance", "tempo_chance", "pitch_chance"])
def test_the_moment_stays_in_the_middle(banks: Banks, kind: str) -> None:
    middle = 4 * RATE_HZ
    quiet = corpus_of([bursts(8 * RATE_HZ, middle)[0].numpy()], sample_rate_hz=RATE_HZ)
    settings = OFF.model_copy(update={kind: 1.0})
    spoiler = Spoiler(settings, banks, length=LENGTH)
    heard = spoiler.spoiled(quiet, torch.full((8,), middle), torch.Generator().manual_seed(1))
    places = [burst_places(x, 1)[0] for x in heard]
    assert places == pytest.approx([LENGTH // 2] * 8, abs=128)  # 8 ms


def test_the_shift_is_within_its_bound_and_differs(banks: Banks) -> None:
    middle = 4 * RATE_HZ
    quiet = corpus_of([bursts(8 * RATE_HZ, middle)[0].numpy()], sample_rate_hz=RATE_HZ)
    spoiler = Spoiler(OFF.model_copy(update={"shift_s": 0.25}), banks, length=LENGTH)
    heard = spoiler.spoiled(quiet, torch.full((64,), middle), torch.Generator().manual_seed(1))
    places = torch.tensor([burst_places(x, 1)[0] for x in heard])
    shift_s = (places - LENGTH // 2) / RATE_HZ
    assert float(shift_s.abs().max()) <= 0.251
    assert float(shift_s.std()) > 0.1


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="rain_chance"):
        SpoilSettings.model_validate({"rain_chance": 1})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"speed_chance": 0.6, "tempo_chance": 0.5}, "are 1.18 together, expected at most 1"),
        ({"rate": (1.1, 0.9)}, "is upside down, expected the lower value first"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(
    values: dict[str, object], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        SpoilSettings.model_validate(values)


def test_quick_lengths_are_products_of_small_primes() -> None:
    assert [quick_length(n) for n in (1, 14, 49_151, 49_153)] == [2, 16, 49_152, 50_000]
