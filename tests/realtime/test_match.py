"""Which of several spans' matches tells place and rate."""

from dataclasses import replace

import pytest

from realtime.match import Match, steadied

SHORT = Match(
    song=1, at=160_000, since=140_000, position=500_000.0, rate=1.0, score=0.8, confidence=0.9
)


def long(**changes: float) -> Match:
    return replace(SHORT, since=80_000, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "taken"),
    [
        (long(position=503_000.0, confidence=0.5), True),  # the same line
        (long(position=509_000.0, confidence=0.5), False),  # elsewhere, and not sure
        (long(position=900_000.0, confidence=0.995), True),  # elsewhere, and sure: no repeat
        (long(position=900_000.0, confidence=0.995, score=0.7), False),  # fits less well
        (long(song=2, confidence=0.999), False),
    ],
)
def test_the_longest_span_that_is_as_good_tells_the_place(other: Match, taken: bool) -> None:
    answer = steadied(SHORT, [SHORT, other], within=8_000, certain=0.99)
    assert answer.position == (other if taken else SHORT).position
    assert answer.since == (other if taken else SHORT).since
    assert answer.confidence == (max(0.9, other.confidence) if taken else 0.9)


def test_shorter_spans_have_no_say() -> None:
    answer = long(confidence=0.9)
    shorter = replace(SHORT, position=900_000.0, confidence=0.999)
    assert steadied(answer, [shorter, answer], within=8_000, certain=0.99) == answer


def test_an_answer_unlike_what_is_heard_stands_alone() -> None:
    """Landmarks propose lines whose prints are unlike: a tenth less of that is more."""
    answer = replace(SHORT, score=-0.1, confidence=0.0)
    assert steadied(answer, [answer], within=8_000, certain=0.99) == answer
    worse = long(score=-0.2, confidence=0.0)
    assert steadied(answer, [answer, worse], within=8_000, certain=0.99) == answer


def test_a_line_goes_on_at_its_rate() -> None:
    faster = replace(SHORT, rate=1.08)
    later = replace(faster, at=176_000, position=500_000 + 1.08 * 16_000)
    assert later.on_line_of(faster, within=1)
    assert not later.on_line_of(SHORT, within=1_000)
    assert not replace(later, song=2).on_line_of(faster, within=8_000)
