"""Peaks as they are stored: as `encoder.peaks` packs them, two bytes a peak, zeros where none is.

Their type stands here as well, since a catalog that is read never needs the network's library.
"""

from __future__ import annotations

import numpy as np

PEAK_TYPE = np.dtype("<u2")
