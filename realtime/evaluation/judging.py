"""Says of an answer whether it is right: the song, and the place in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.songs import Song, path_text
from encoder.embedding import Encoder

from .trials import Answer, QueriedSong, Trial

__all__ = ["POSITION_S", "Judge"]

Samples = NDArray[np.float32]

POSITION_S = 0.25
"""A position this near to the true one is right."""

SAME_COSINE = 0.95
"""Two passages whose prints agree this well on average are exact repeats of one another."""

_SHIFTS = 17  # places tried around a claimed one: every 31 ms
_SONGS_KEPT = 4  # decoded songs that are kept for comparing passages


class Judge:
    """Knows the catalog's songs and can listen to them.

    `read` decodes a file to all its samples at the encoder's rate.
    """

    def __init__(
        self, songs: Mapping[int, Song], encoder: Encoder, *, read: Callable[[Path], Samples]
    ) -> None:
        self._songs = songs
        self._encoder = encoder
        self._read = lru_cache(_SONGS_KEPT)(read)

    def judge(
        self,
        blank: Trial,
        answer: Answer | None,
        *,
        of: QueriedSong,
        clean: Samples,
        start: int,
        rate: float,
    ) -> Trial:
        """`blank` filled in: `of` was played from sample `start` of `clean` on, at `rate`.

        A song is right when it is the one played or in its near-duplicate group.
        """
        if answer is None:
            return blank
        spec = self._encoder.spec
        trial = replace(
            blank,
            named=answer.named,
            answer=path_text(self._songs[answer.song].path),
            rate=answer.rate,
            score=answer.score,
            confidence=answer.confidence,
        )
        if of.outsider or of.song is None:
            return trial
        if self._songs[answer.song].group != self._songs[of.song].group:
            return replace(trial, right=False)
        error_s = answer.position_s - start / spec.sample_rate_hz
        repeat = False
        if abs(error_s) > POSITION_S:
            claimed = round(answer.position_s * spec.sample_rate_hz)
            length = round(blank.length_s * rate * spec.sample_rate_hz)
            repeat = self._repeats(clean, start, answer.song, claimed, length=length)
        return replace(
            trial,
            right=True,
            position_error_s=error_s,
            position_right=repeat or abs(error_s) <= POSITION_S,
            repeat=repeat,
        )

    def _repeats(self, clean: Samples, start: int, song: int, claimed: int, *, length: int) -> bool:
        """Whether the song has at `claimed` (within `POSITION_S`) what `clean` has at `start`."""
        spec = self._encoder.spec.prints
        margin = int(POSITION_S * spec.sample_rate_hz)
        length = max(length, spec.window_samples)
        other = self._read(self._songs[song].path)
        if claimed < margin or claimed + length + margin > len(other):
            return False
        if start + length > len(clean):
            return False
        shifts = np.linspace(-margin, margin, _SHIFTS).round().astype(int)
        there = self._prints([other[claimed + shift :][:length] for shift in shifts.tolist()])
        true = self._prints([clean[start : start + length]])
        agreements = (there * true).sum(axis=-1).mean(axis=-1)  # (shifts,)
        return float(agreements.max()) >= SAME_COSINE

    def _prints(self, stretches: Sequence[Samples]) -> Samples:
        """Prints `(n, P, D)` of stretches of one length."""
        return self._encoder.prints(np.stack(stretches))
