"""Says of an answer whether it is right: the song, and the place in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
        prints = self._encoder.spec.prints
        slack = int(POSITION_S * prints.sample_rate_hz) // prints.stride_samples
        margin = slack * prints.stride_samples
        length = max(length, prints.window_samples)
        other = self._read(self._songs[song].path)
        if claimed < margin or claimed + length + margin > len(other):
            return False
        if start + length > len(clean):
            return False
        true = self._prints(clean[start : start + length])
        there = self._prints(other[claimed - margin : claimed + length + margin])
        agreements = (
            float((true * there[shift : shift + len(true)]).sum(axis=1).mean())
            for shift in range(2 * slack + 1)
        )
        return max(agreements) >= SAME_COSINE

    def _prints(self, samples: Samples) -> Samples:
        prints: Samples = self._encoder.prints(np.ascontiguousarray(samples[None]))[0]
        return prints
