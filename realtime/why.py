"""Why two songs are alike: the tags that both have, and the passages that are most alike. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .passages import Passages

MOST_TAGS = 6
LEAST_PROBABILITY = 0.05
"""Tags below it say nothing: most songs have most tags at a few hundredths."""

MOST_PASSAGES = 3


@dataclass(frozen=True)
class SharedTag:
    """A tag that two songs have, and its probability in each."""

    tag: str
    a: float
    b: float


@dataclass(frozen=True)
class AlikePassages:
    """A passage of each of two songs: where they begin and how long they are, in seconds, and the
    cosine of their styles."""

    a_s: float
    b_s: float
    length_s: float
    cosine: float


def shared_tags(
    one: Mapping[str, float], other: Mapping[str, float], *, most: int = MOST_TAGS
) -> list[SharedTag]:
    """Tags that both songs have, strongest first: a tag is as strong as in the song that has less
    of it.

    >>> [tag.tag for tag in shared_tags({"folk": 0.5, "loud": 0.9}, {"folk": 0.4, "loud": 0.01})]
    ['folk']
    """
    both = [SharedTag(tag, one[tag], other[tag]) for tag in one if tag in other]
    strong = [tag for tag in both if min(tag.a, tag.b) >= LEAST_PROBABILITY]
    return sorted(strong, key=lambda tag: -min(tag.a, tag.b))[:most]


def alike_passages(
    one: Passages, other: Passages, *, most: int = MOST_PASSAGES
) -> list[AlikePassages]:
    """The pairs of passages that are most alike, best first; no two overlap in either song."""
    length_s = min(one.length_s, other.length_s)
    cosines = np.clip(one.styles @ other.styles.T, -1.0, 1.0)  # (n, m)
    chosen: list[AlikePassages] = []
    for place in np.argsort(-cosines, axis=None, kind="stable").tolist():
        if len(chosen) == most:
            break
        i, j = divmod(place, len(other.starts_s))
        a_s, b_s = float(one.starts_s[i]), float(other.starts_s[j])
        if all(
            abs(a_s - pair.a_s) >= one.length_s and abs(b_s - pair.b_s) >= other.length_s
            for pair in chosen
        ):
            chosen.append(AlikePassages(a_s, b_s, length_s, float(cosines[i, j])))
    return chosen
