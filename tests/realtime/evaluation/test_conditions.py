"""Which conditions there are, and what they need."""

import pytest

from realtime.evaluation.conditions import CONDITIONS, FASTEST, chosen, needed


def test_every_condition_of_the_goals_is_there() -> None:
    assert list(CONDITIONS) == [
        "clean", "noise-10", "noise-5", "noise-0", "room-5", "phone-5", "speed-0.92", "speed-0.96",
        "speed-1.04", "speed-1.08", "speed-1.06-noise-5", "tempo-0.92", "tempo-1.08", "mp3", "opus",
        "aac", "band", "speech",
    ]  # fmt: skip
    assert len({condition.title for condition in CONDITIONS.values()}) == len(CONDITIONS)


def test_names_choose_in_the_order_of_reports() -> None:
    assert [c.name for c in chosen(["speech", "mp3", "clean"])] == ["clean", "mp3", "speech"]
    assert chosen([]) == list(CONDITIONS.values())


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(
        ValueError, match="unknown condition nois; expected some of clean, noise-10"
    ):
        chosen(["clean", "nois"])


def test_needs() -> None:
    assert needed(chosen(["clean", "mp3", "speed-1.04"])) == set()
    assert needed(chosen(["phone-5"])) == {"simulated", "noise"}
    assert needed(chosen(["speech", "room-5"])) == {"speech", "measured", "noise"}


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=lambda c: c.name)
def test_rates(condition) -> None:  # type: ignore[no-untyped-def]
    assert float(condition.speed_ratio) == condition.speed
    assert condition.rate <= FASTEST == 1.08
