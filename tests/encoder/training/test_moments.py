"""Which moments are trained on, and that a step's pairs follow from its number alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from encoder.augment import Spoiler, SpoilSettings
from encoder.corpus import corpus_of
from encoder.errors import TrainingError
from encoder.training.moments import Batches, Moments, hold_out, seeded
from tests.encoder.made_music import RATE_HZ, song
from tests.encoder.training.material import material


def test_moments_are_loud_and_away_from_the_ends() -> None:
    first = song(1, 6.0)
    first[2 * RATE_HZ : 4 * RATE_HZ] = 0
    moments = Moments.of(corpus_of([first, song(2, 3.0)], sample_rate_hz=RATE_HZ))
    seconds = (moments.centre / RATE_HZ).tolist()
    assert seconds == [1.25, 1.75, 4.25, 4.75, 7.25, 7.75]
    assert moments.track.tolist() == [0, 0, 0, 0, 1, 1]


def test_silence_gives_nothing_to_learn_from() -> None:
    silent = corpus_of([np.zeros(5 * RATE_HZ, np.float32)], sample_rate_hz=RATE_HZ)
    with pytest.raises(TrainingError, match="hold no sound above -50 dBFS"):
        Moments.of(silent)


def test_shards_are_the_same_however_they_are_shared() -> None:
    made = material()
    batches = Batches(
        corpus=made.corpus,
        moments=Moments.of(made.corpus),
        targets=made.targets,
        spoiler=Spoiler(SpoilSettings(), made.banks, length=8000),
        seed=1,
        shard_pairs=2,
        shard_strangers=1,
    )
    whole = batches.shards(5, range(4))
    parts = [batches.shards(5, range(2)), batches.shards(5, range(2, 4))]
    for name in ("clean", "spoiled", "style", "tags", "strangers"):
        together = torch.cat([getattr(part, name) for part in parts])
        assert torch.equal(getattr(whole, name), together), name
    assert not torch.equal(whole.spoiled, batches.shards(6, range(4)).spoiled)
    assert whole.clean.shape == (8, 8000)
    assert whole.style.shape == (8, 3)
    assert whole.strangers.shape == (4, 8000)
    without = replace(batches, shard_strangers=0).shards(5, range(4))
    assert torch.equal(without.spoiled, whole.spoiled)
    assert not len(without.strangers)


def test_whole_folders_are_held_out_whatever_stands_beside_them() -> None:
    names = tuple(f"{folder}/{n}" for folder in "abcdefgh" for n in range(3))
    kept, held = hold_out(names, 0.5)
    assert sorted(kept + held) == list(range(len(names)))
    folders = {names[n][0] for n in held}
    assert folders
    assert folders.isdisjoint(names[n][0] for n in kept)
    fewer = tuple(name for name in names if name[0] in "abc")
    again = {fewer[n] for n in hold_out(fewer, 0.5)[1]}
    assert again == {names[n] for n in held} & set(fewer)


def test_every_number_of_a_seed_matters() -> None:
    seeds = {seeded(*numbers).initial_seed() for numbers in [(1, 2, 3), (1, 2, 4), (1, 3, 3), (2,)]}
    assert len(seeds) == 4
