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

    - ``keys``: ``(N, D)`` their vectors by the averaged network.
    - ``pictures``: ``(N, K)`` of :func:`encoder.training.loss.look_alike`.
    - ``centres``: ``(N,)`` their middles, in samples from the corpus's first one.
    """

    keys: Tensor
    pictures: Tensor
    centres: Tensor


class Memory:
    """The newest ``size`` clean windows of a run.

    A queue of keys by a network that changes slowly (He et al., "Momentum Contrast for
    Unsupervised Visual Representation Learning", CVPR 2020, section 3.2): they cost next to
    nothing, where a larger batch would cost a pass forth and back for each. Keys by the network in
    training itself were tried: it ran away from its own past, and the loss rose.
    """

    def __init__(self, size: int, *, sample_rate_hz: int) -> None:
        self._size = size
        self._near = round(_NEAR_S * sample_rate_hz)
        self._seen: Seen | None = None

    def others(self, now: Seen) -> tuple[Tensor, Tensor] | None:
        """Remembered keys ``(M, D)``, and which of them ``(N, M)`` are the same as ``now``.

        The same is what lies at nearly the same place, and what looks alike. None while nothing
        is remembered.
        """
        if self._seen is None or not len(self._seen.keys):
            return None
        near = (now.centres[:, None] - self._seen.centres).abs() < self._near
        return self._seen.keys, near | alike(now.pictures, self._seen.pictures)

    def put(self, now: Seen) -> None:
        """Remember these in place of the oldest."""
        both = [now] if self._seen is None else [self._seen, now]
        joined = {name: torch.cat([vars(seen)[name] for seen in both]) for name in vars(now)}
        first = max(0, len(joined["keys"]) - self._size)
        self._seen = Seen(**{name: values[first:] for name, values in joined.items()})

    def state(self) -> dict[str, Tensor]:
        """What :meth:`load_state` takes."""
        return {} if self._seen is None else dict(vars(self._seen))

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Remember what :meth:`state` gave."""
        self._seen = Seen(**state) if state else None
