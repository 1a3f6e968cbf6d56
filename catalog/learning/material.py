"""What there is to learn of a dataset: tracks with a genre or tags, divided by their artists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..datasets import Track
from ..errors import LearningError
from ..songs import search_key
from .splits import SPLITS, Divided, divide

LEAST = 10
"""A genre or tag that fewer tracks have cannot be learnt, nor judged."""


@dataclass(frozen=True, eq=False)
class Material:
    """Tracks of one dataset and what is known of each.

    - `names`: of the genres, by name, or of the tags, the most frequent first.
    - `y`: (n,) numbers of genres, or (n, k) tags as 0 and 1, NaN where unknown.
    - `divided`: which tracks are learnt from, tuned on and tested on.
    - `left_out`: how many tracks are not here, by the reason.
    """

    dataset: str
    names: tuple[str, ...]
    tracks: tuple[Track, ...]
    y: NDArray[Any]
    divided: Divided
    left_out: dict[str, int]

    @property
    def of_tags(self) -> bool:
        """Whether it is tags, of which a track may have several."""
        return self.y.ndim == 2

    def where(self, keep: NDArray[np.bool_], *, reason: str) -> Material:
        """Only the tracks with True in `keep` (n,); the others count as left out for `reason`."""
        rows = np.flatnonzero(keep)
        split = self.divided
        return Material(
            dataset=self.dataset,
            names=self.names,
            tracks=tuple(self.tracks[row] for row in rows.tolist()),
            y=self.y[rows],
            divided=Divided(split.split[rows], split.official, split.filtered, split.nameless),
            left_out=self.left_out | ({reason: int((~keep).sum())} if not keep.all() else {}),
        )

    def require(self) -> None:
        """Raises `LearningError` unless there is something in every split, and two names."""
        counts = {split: len(self.divided.rows(split)) for split in SPLITS}
        if len(self.names) < 2 or not all(counts.values()):
            told = ", ".join(f"{count} {split}" for split, count in counts.items())
            out = "; ".join(f"{count} left out: {why}" for why, count in self.left_out.items())
            raise LearningError(
                f"{self.dataset}: {told} tracks of {len(self.names)} kinds, expected at least one "
                f"track in each split and two kinds{'; ' + out if out else ''}. Import the dataset "
                "with its audio (`nowhear datasets` shows what was found), or learn rarer ones "
                "with --least"
            )


def genre_material(tracks: Iterable[Track], *, least: int = LEAST, seed: int = 0) -> Material:
    """The main genre of each track; genres of fewer than `least` tracks are left out."""
    every = list(tracks)
    known = [(track, name) for track in every if (name := genre_of(track))]
    spelling = _spellings(name for _, name in known)
    counts = Counter(_key(name) for _, name in known)
    kept = [(t, _key(name)) for t, name in known if counts[_key(name)] >= least]
    keys = sorted({key for _, key in kept})
    places = {key: place for place, key in enumerate(keys)}
    chosen = tuple(track for track, _ in kept)
    reasons = {
        "no genre": len(every) - len(known),
        f"genres of fewer than {least} tracks": len(known) - len(kept),
    }
    return Material(
        dataset=every[0].dataset if every else "",
        names=tuple(spelling[key] for key in keys),
        tracks=chosen,
        y=np.array([places[key] for _, key in kept], np.int64),
        divided=_divided(chosen, seed),
        left_out={reason: count for reason, count in reasons.items() if count},
    )


def tag_material(
    tracks: Iterable[Track],
    tags: Iterable[tuple[str, str, float]],
    *,
    most: int,
    least: int = LEAST,
    least_weight: float = 0.0,
    seed: int = 0,
) -> Material:
    """The `most` most frequent tags; a track that has some tags lacks the others.

    `tags` are (key, tag, weight); those of `least_weight` or less are none. Spellings that differ
    in letter case or spacing are one tag. A track without any tag at all is unknown and left out:
    nobody has listened for tags there.
    """
    every = list(tracks)
    of_track: dict[str, set[str]] = {}
    spelled: Counter[str] = Counter()
    for key, tag, weight in tags:
        name = _key(tag)
        if weight > least_weight and name:
            of_track.setdefault(key, set()).add(name)
            spelled[" ".join(tag.split())] += 1
    chosen = tuple(track for track in every if track.key in of_track)
    counts = Counter(name for track in chosen for name in of_track[track.key])
    order = sorted((n for n in counts if counts[n] >= least), key=lambda n: (-counts[n], n))[:most]
    y = np.zeros((len(chosen), len(order)), np.float32)
    for row, track in enumerate(chosen):
        y[row] = [name in of_track[track.key] for name in order]
    spelling = _spellings(spelled.elements())
    return Material(
        dataset=every[0].dataset if every else "",
        names=tuple(spelling[name] for name in order),
        tracks=chosen,
        y=y,
        divided=_divided(chosen, seed),
        left_out={"no tag": len(every) - len(chosen)} if len(every) > len(chosen) else {},
    )


def genre_of(track: Track) -> str | None:
    """The main genre of a track, or the only one it has; None where that is not clear."""
    genre = track.genre or (track.genres[0] if len(track.genres) == 1 else None)
    return " ".join(genre.split()) if genre and genre.strip() else None


def _divided(tracks: Sequence[Track], seed: int) -> Divided:
    return divide([t.artist for t in tracks], [t.split for t in tracks], seed=seed)


def _spellings(names: Iterable[str]) -> dict[str, str]:
    """The commonest spelling of each name, by its search key."""
    counts = Counter(names)
    found: dict[str, str] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        found.setdefault(_key(name), name)
    return found


def _key(name: str) -> str:
    """What spellings of one name have in common."""
    return " ".join(search_key(name).split())
