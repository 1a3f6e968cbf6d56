"""Live: how soon a song is named and a change seen, and how often a name is false. Pure.

Programmes of known content go to a listener, which says at which sample it takes what for playing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realtime.blocks import Block

__all__ = [
    "FalseNames",
    "Heard",
    "Listen",
    "Passage",
    "Timing",
    "blocks",
    "false_names",
    "quantile",
    "timings",
]

Samples = NDArray[np.float32]

_BLOCK_SAMPLES = 16_000


@dataclass(frozen=True)
class Heard:
    """From sample `at` on the listener takes `song` for playing; None: nothing that it knows."""

    at: int
    song: int | None


Listen = Callable[[Iterable[Block]], Iterable[Heard]]
"""A listener that has heard nothing yet, and what it says of these blocks."""


@dataclass(frozen=True)
class Passage:
    """From `start` to `end` (samples) the programme plays a song of the group `group`."""

    start: int
    end: int
    group: int


@dataclass(frozen=True)
class Timing:
    """Of one passage, in samples from its start; None when it did not happen within it.

    - `named`: until it was first named right.
    - `changed`: until the listener no longer said the song before; None also when it had not been
      saying it.
    - `wrong`: how often something else was newly named in it, other than the song before.
    """

    named: int | None
    changed: int | None
    wrong: int
    knew_before: bool


@dataclass(frozen=True)
class FalseNames:
    """Names given in `seconds` of sound that nothing in the catalog is."""

    count: int
    seconds: float

    @property
    def per_hour(self) -> float:
        """Names an hour; NaN when nothing was heard."""
        return 3600 * self.count / self.seconds if self.seconds else float("nan")


def blocks(samples: Samples) -> Iterator[Block]:
    """`samples` as a source gives them, one second at a time."""
    for start in range(0, len(samples), _BLOCK_SAMPLES):
        yield Block(samples[start : start + _BLOCK_SAMPLES], start)


def timings(
    passages: Sequence[Passage], heard: Sequence[Heard], *, group_of: Callable[[int], int]
) -> list[Timing]:
    """One timing a passage; `heard` is in order, `group_of` gives a song's group."""
    said = [(words.at, None if words.song is None else group_of(words.song)) for words in heard]
    found = []
    for number, passage in enumerate(passages):
        before = passages[number - 1].group if number else None
        found.append(_timing(passage, before, said))
    return found


def false_names(heard: Iterable[Heard]) -> int:
    """How often a name was said anew."""
    count, before = 0, None
    for words in heard:
        count += words.song is not None and words.song != before
        before = words.song
    return count


def quantile(values: Sequence[float | None], share: float) -> float | None:
    """The smallest value that `share` of all do not exceed; None when too many are missing.

    What never happened counts as later than everything else.

    >>> quantile([1.0, 3.0, None, 2.0], 0.5)
    2.0
    >>> quantile([1.0, None, None], 0.5) is None
    True
    """
    ordered = sorted(value for value in values if value is not None)
    place = max(0, int(np.ceil(share * len(values))) - 1)
    return ordered[place] if place < len(ordered) else None


def _timing(passage: Passage, before: int | None, said: Sequence[tuple[int, int | None]]) -> Timing:
    earlier = [group for at, group in said if at <= passage.start]
    within = [(at, group) for at, group in said if passage.start < at <= passage.end]
    newest = earlier[-1] if earlier else None
    knew_before = before is not None and newest == before
    changes = [at for at, group in within if group != before]
    changed = changes[0] - passage.start if knew_before and changes else None
    rights = [at for at, group in within if group == passage.group]
    if newest == passage.group:  # the song before was of the same group, or guessed
        rights.insert(0, passage.start)
    wrong = 0
    for _, group in within:
        wrong += group not in (None, newest, passage.group, before)
        newest = group
    named = rights[0] - passage.start if rights else None
    return Timing(named=named, changed=changed, wrong=wrong, knew_before=knew_before)
