"""What every encoder offers: windows of samples in, style vectors, tags and prints out.

The recognizer and the catalog know this module and not which network stands behind it.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from encoder.errors import AudioFormatError
from encoder.settings import EncoderSettings

__all__ = [
    "PRINT_HOP_SAMPLES",
    "Embeddings",
    "Encoder",
    "EncoderSpec",
    "PrintSpec",
    "check_stretches",
    "check_windows",
    "load_encoder",
]


PRINT_HOP_SAMPLES = 8000
"""Distance between the segments of a song, in samples (0.5 s at 16 kHz)."""


@dataclass(frozen=True)
class PrintSpec:
    """What must agree wherever prints (fingerprint vectors) are stored or compared.

    - ``name``: the network, for people.
    - ``fingerprint``: 64 hex digits over weights and front-end parameters; prints compare only
      under the same one.
    - ``sample_rate_hz``: rate of the samples, in hertz.
    - ``window_samples``: samples that one print sees; it speaks of their middle.
    - ``stride_samples``: distance between the prints of one pass over a longer stretch.
    - ``dimension``: length of a print.
    """

    name: str
    fingerprint: str
    sample_rate_hz: int
    window_samples: int
    stride_samples: int
    dimension: int


@dataclass(frozen=True)
class EncoderSpec:
    """What must agree wherever an encoder's vectors are stored or compared.

    - ``name``: the model, for people.
    - ``fingerprint``: 64 hex digits over weights and front-end parameters; vectors compare
      only under the same one. The first 16 are enough to display.
    - ``sample_rate_hz``: rate of the samples, in hertz.
    - ``window_samples``: length of one window, in samples.
    - ``style_dim``: length of a style vector.
    - ``tags``: names of the tag probabilities, in their order.
    - ``prints``: what the prints rest on, which another network may make than the style.
    """

    name: str
    fingerprint: str
    sample_rate_hz: int
    window_samples: int
    style_dim: int
    tags: tuple[str, ...]
    prints: PrintSpec


@dataclass(frozen=True, eq=False)
class Embeddings:
    """What an encoder says of ``n`` windows.

    - ``style``: ``(n, style_dim)`` float32, as the network gives it: the teacher's are not of
      unit length, the small network's are.
    - ``tags``: ``(n, len(spec.tags))`` float32 probabilities, each on its own in 0 to 1.
    - ``prints``: ``(n, prints.dimension)`` unit float32 when the same pass gives them, else None.
    - ``music``: ``(n,)`` float32, the probability that each window is music and not other sound;
      None when there is no head for the encoder's styles (:mod:`encoder.music_head`).
    """

    style: NDArray[np.float32]
    tags: NDArray[np.float32]
    prints: NDArray[np.float32] | None = None
    music: NDArray[np.float32] | None = None


class Encoder(Protocol):
    """An encoder that is loaded and ready; its methods may be called from any thread."""

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder takes and gives."""
        ...

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        """Embed ``windows`` ``(n, window_samples)``, full scale 1; ``n`` may be 0.

        A window's row depends on that window alone (to within rounding, 1e-5).

        Raises:
            AudioFormatError: another shape or type, or a value that is not finite.
        """
        ...

    def prints(self, stretches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Prints ``(n, P, D)``, unit float32, of ``stretches`` ``(n, T)``, full scale 1.

        ``T`` is at least ``spec.prints.window_samples``; print ``p`` is that of the window that
        begins at sample ``p * stride_samples``, and there are
        ``P = 1 + (T - window_samples) // stride_samples`` of them.

        Raises:
            AudioFormatError: another shape or type, or a value that is not finite.
        """
        ...


def check_windows(windows: NDArray[np.float32], *, window_samples: int) -> None:
    """Check that ``windows`` is a finite float32 array ``(n, window_samples)``.

    Raises:
        AudioFormatError: it is not; the message says what came and what was expected.
    """
    _check_float32(windows, kind="window")
    if windows.ndim != 2 or windows.shape[1] != window_samples:
        raise AudioFormatError(
            f"windows have shape {windows.shape}, expected (n, {window_samples})"
        )
    _check_finite(windows, kind="window")


def check_stretches(stretches: NDArray[np.float32], *, window_samples: int) -> None:
    """Check that ``stretches`` is a finite float32 array ``(n, T)``, ``T`` at least a window.

    Raises:
        AudioFormatError: it is not; the message says what came and what was expected.
    """
    _check_float32(stretches, kind="stretch")
    if stretches.ndim != 2 or stretches.shape[1] < window_samples:
        raise AudioFormatError(
            f"stretches have shape {stretches.shape}, expected (n, {window_samples} or more)"
        )
    _check_finite(stretches, kind="stretch")


def _check_float32(rows: object, *, kind: str) -> None:
    if not isinstance(rows, np.ndarray) or rows.dtype != np.float32:
        came = getattr(rows, "dtype", None) or type(rows).__name__
        raise AudioFormatError(f"a {kind} is {came}, expected a float32 array")


def _check_finite(rows: NDArray[np.float32], *, kind: str) -> None:
    finite = np.isfinite(rows)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise AudioFormatError(
            f"{kind} {row} holds {rows[row, column]} at sample {column}, expected finite samples"
        )


def load_encoder(settings: EncoderSettings) -> Encoder:
    """Load the encoder that ``settings`` names, run it once and return it ready for use.

    Raises:
        WeightsError: a weights file is missing, damaged or of another model.
        DeviceError: ``cuda`` was asked for and is not there.
        EncoderError: torchaudio cannot be used on this machine.
    """
    # Here and not above: the implementation imports this module, and whoever only names the
    # types (the catalog, the command line's help) need not wait for torch.
    if settings.style == "network":
        from encoder.network import NetworkEncoder

        return NetworkEncoder(settings)
    from encoder.musicnn_encoder import MusicnnEncoder

    return MusicnnEncoder(settings)
