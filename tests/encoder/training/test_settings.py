"""The learning rate over a run, and settings that cannot be."""

import pytest
from pydantic import ValidationError

from encoder.training.settings import TrainSettings


def test_the_rate_rises_stays_and_falls_to_nothing() -> None:
    settings = TrainSettings(steps=100, warmup_steps=10, decay_share=0.2, learning_rate=2.0)
    assert settings.learning_rate_at(0) == pytest.approx(0.2)
    assert settings.learning_rate_at(9) == settings.learning_rate_at(79) == 2.0
    assert settings.learning_rate_at(90) == pytest.approx(1.0)
    assert settings.learning_rate_at(100) == 0


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    short, long = TrainSettings(steps=100), TrainSettings(steps=1000)
    rates = [(short.learning_rate_at(step), long.learning_rate_at(step)) for step in range(80)]
    assert all(a == b for a, b in rates)


def test_parts_of_shards_are_refused() -> None:
    with pytest.raises(ValidationError, match="batch_pairs 10 is no multiple of shard_pairs 4"):
        TrainSettings(batch_pairs=10, shard_pairs=4)
