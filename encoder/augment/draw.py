"""Random numbers for a batch, the same on every device, and their use on a part of it.

Everything is drawn on the CPU from one seeded generator and moved, so that a GPU spoils sound
exactly as a CPU does with the same seed.
"""

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["Draw", "on_some"]


class Draw:
    """Draws for a batch of ``batch`` items; tensors stand on ``device``.

    >>> draw = Draw(torch.Generator().manual_seed(1), batch=3)
    >>> draw.uniform(2.0, 3.0).shape, draw.normal(5).shape
    (torch.Size([3]), torch.Size([3, 5]))
    >>> draw.chance(1.0).tolist()
    [True, True, True]
    """

    def __init__(
        self, generator: torch.Generator, *, batch: int, device: torch.device | str = "cpu"
    ) -> None:
        self.generator = generator
        self.batch = batch
        self.device = torch.device(device)

    def part(self, batch: int) -> "Draw":
        """Draws for ``batch`` items from the same generator."""
        return Draw(self.generator, batch=batch, device=self.device)

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Evenly between ``low`` and ``high``, ``(batch, *shape)`` float32."""
        even = torch.rand(self.batch, *shape, generator=self.generator)
        return (low + (high - low) * even).to(self.device)

    def log_uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Evenly in the logarithm between two positive bounds: each octave counts the same."""
        exponent = torch.rand(self.batch, *shape, generator=self.generator)
        return (low * (high / low) ** exponent).to(self.device)

    def normal(self, *shape: int) -> Tensor:
        """Normal values, mean 0 and variance 1, ``(batch, *shape)`` float32."""
        return torch.randn(self.batch, *shape, generator=self.generator).to(self.device)

    def integers(self, high: int) -> Tensor:
        """Whole numbers from 0 to ``high - 1``, ``(batch,)`` int64."""
        whole = torch.randint(high, (self.batch,), generator=self.generator)
        return whole.to(self.device)

    def chance(self, probability: float) -> Tensor:
        """True with ``probability`` for each item, ``(batch,)`` bool."""
        return (torch.rand(self.batch, generator=self.generator) < probability).to(self.device)


def on_some(
    x: Tensor, chosen: Tensor, effect: Callable[..., Tensor], *parameters: Tensor
) -> Tensor:
    """``effect(x, *parameters)`` for the ``chosen`` items ``(B,)``, the others untouched.

    ``x`` and the parameters have one row an item, and ``effect`` gets the chosen rows only, so
    that what is not chosen costs nothing. It gives rows of ``x``'s shape.

    >>> on_some(torch.ones(2, 3), torch.tensor([False, True]), lambda x: x * 5).tolist()
    [[1.0, 1.0, 1.0], [5.0, 5.0, 5.0]]
    """
    rows = chosen.nonzero(as_tuple=True)[0]
    if not len(rows):
        return x
    return x.index_copy(0, rows, effect(x[rows], *(parameter[rows] for parameter in parameters)))
