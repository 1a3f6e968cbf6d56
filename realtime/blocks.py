"""What a source hands on: blocks of mono samples, each with the number of its first sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Block:
    """Mono samples at the encoder's rate.

    `start` counts samples (at that rate) since the source was opened. When it is larger than the
    end of the block before, the samples between were lost: a visible gap, never a silent shift.
    """

    samples: NDArray[np.float32]  # (n,), -1 to 1
    start: int

    @property
    def end(self) -> int:
        """Number of the sample after the last one."""
        return self.start + len(self.samples)
