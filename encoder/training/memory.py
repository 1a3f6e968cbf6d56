"""Vectors of earlier steps, against which pairs are held too: many more songs than in a batch."""

from dataclasses import dataclass

import torch
from torch import Tensor

from encoder.training.loss import alike

__all__ = ["Memory", "Seen"]

_NEAR_S = 0.5  # moments of a song closer than this share most of their windows


@dataclass(frozen=True, eq=False)
class Seen:
    """Clean windows that were seen.

    - ``vectors``: ``(N, D)`` what the network made of them.
    - ``pictures``: ``(N, K)`` of :func:`encoder.training.loss.look_alike`.
    - ``centres``: ``(N,)`` their middles, in samples from the corpus's first one.
    """

    vectors: Tensor
    pictures: Tensor
    centres: Tensor


class Memory:
    """The newest ``size`` clean windows of a run.

    Cross-batch memory (Wang et al., "Cross-Batch Memory for Embedding Learning", CVPR 2020,
    section 3): late in training a network changes so little in a few steps that its vectors of
    then still are good examples of what a pair must not be taken for. They cost nothing, where a
    larger batch would cost a pass of the network each.
    """

    def __init__(self, size: int, *, sample_rate_hz: int) -> None:
        self._size = size
        self._near = round(_NEAR_S * sample_rate_hz)
        self._seen: Seen | None = None

    def others(self, now: Seen) -> tuple[Tensor, Tensor] | None:
        """Remembered vectors ``(M, D)``, and which of them ``(N, M)`` are the same as ``now``.

        The same is what lies at nearly the same place, and what looks alike. None while nothing
        is remembered.
        """
        if self._seen is None:
            return None
        near = (now.centres[:, None] - self._seen.centres).abs() < self._near
        return self._seen.vectors, near | alike(now.pictures, self._seen.pictures)

    def put(self, now: Seen) -> None:
        """Remember these in place of the oldest."""
        if not self._size:
            return
        new = (now.vectors.detach().float(), now.pictures.float(), now.centres)
        if self._seen is not None:
            old = (self._seen.vectors, self._seen.pictures, self._seen.centres)
            new = tuple(torch.cat(both) for both in zip(old, new, strict=True))  # type: ignore[assignment]
        self._seen = Seen(*(values[-self._size :] for values in new))

    def state(self) -> dict[str, Tensor]:
        """What :meth:`load_state` takes."""
        return {} if self._seen is None else dict(vars(self._seen))

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Remember what :meth:`state` gave."""
        self._seen = Seen(**state) if state else None
