"""The encoder that ships: log-mel front end and MusiCNN teacher behind the protocol."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from encoder.checkpoint import Checkpoint, fingerprint, read_checkpoint, require_tensors
from encoder.embedding import Embeddings, EncoderSpec, check_windows
from encoder.errors import DeviceError, WeightsError
from encoder.fast_teacher import FastTeacher
from encoder.frontend import FrontEndSettings, LogMelFrontEnd
from encoder.settings import DeviceChoice, EncoderSettings
from encoder.teacher import ARCHITECTURE, Teacher, parameter_shapes

__all__ = ["SHIPPED_WEIGHTS", "MusicnnEncoder", "load_teacher", "resolve_device"]

SHIPPED_WEIGHTS = Path(__file__).parent / "weights" / "musicnn_msd.safetensors"


class MusicnnEncoder:
    """MusiCNN (Million Song Dataset, Last.fm tags) as an :class:`encoder.embedding.Encoder`.

    Loads the weights and runs one silent window, so that the first real one is not slow.

    Raises:
        WeightsError: the weights file is missing, damaged or of another model.
        DeviceError: ``cuda`` was asked for and is not there.
    """

    def __init__(self, settings: EncoderSettings) -> None:
        self._device = resolve_device(settings.device)
        _configure_torch(self._device)
        teacher, checkpoint = load_teacher(settings.weights or SHIPPED_WEIGHTS)
        front_end = FrontEndSettings()
        self._batch_windows = settings.batch_windows
        self._workers = _workers(settings.threads, self._device)
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="embed")
        self._network: nn.Module = (
            nn.Sequential(LogMelFrontEnd(front_end), FastTeacher(teacher)).to(self._device).eval()
        )
        self._spec = EncoderSpec(
            name="musicnn-msd",
            fingerprint=fingerprint(checkpoint.tensors, front_end.parameters()),
            sample_rate_hz=front_end.sample_rate_hz,
            window_samples=front_end.window_samples,
            style_dim=teacher.config.style_dim,
            tags=_tags(checkpoint, teacher.config.tags),
        )
        self.embed(np.zeros((1, front_end.window_samples), np.float32))

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder takes and gives."""
        return self._spec

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        """Embed ``windows`` ``(n, window_samples)``; see :class:`encoder.embedding.Encoder`.

        Raises:
            AudioFormatError: another shape or type, or a value that is not finite.
        """
        check_windows(windows, window_samples=self._spec.window_samples)
        style = np.empty((len(windows), self._spec.style_dim), np.float32)
        tags = np.empty((len(windows), len(self._spec.tags)), np.float32)
        share = -(-len(windows) // self._workers)  # rounded up
        step = max(1, min(share, self._batch_windows))
        rows = [slice(first, first + step) for first in range(0, len(windows), step)]
        # One batch needs no second thread, and a live source mostly sends one. With one worker
        # the caller works itself: callers side by side would wait in turn for a pool of one.
        run = map if len(rows) == 1 or self._workers == 1 else self._pool.map
        for part, outputs in zip(rows, run(self._run, [windows[r] for r in rows]), strict=True):
            style[part], tags[part] = outputs
        return Embeddings(style=style, tags=tags)

    def _run(self, windows: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        # A copy, because torch warns of memory it may not write to, such as a mapped file's,
        # and refuses arrays that run backwards.
        samples = torch.from_numpy(np.array(windows, order="C")).to(self._device)
        with torch.inference_mode():
            outputs: tuple[Tensor, Tensor] = self._network(samples)
        return tuple(output.cpu().numpy() for output in outputs)


def load_teacher(path: Path) -> tuple[Teacher, Checkpoint]:
    """The teacher with the weights in the file at ``path``, and the file's contents.

    Raises:
        WeightsError: the file is missing, damaged or of another model.
    """
    teacher = Teacher()
    checkpoint = read_checkpoint(path, architecture=ARCHITECTURE)
    require_tensors(checkpoint, parameter_shapes(teacher))
    # Not strict: the training counters of batch normalisation are in no file.
    teacher.load_state_dict(dict(checkpoint.tensors), strict=False)
    return teacher, checkpoint


def resolve_device(choice: DeviceChoice) -> torch.device:
    """The torch device for a setting; ``auto`` is cuda where there is one.

    Raises:
        DeviceError: ``cuda`` was asked for and torch offers none.
    """
    available = torch.cuda.is_available()
    if choice == "cuda" and not available:
        raise DeviceError(
            f"device 'cuda' was asked for, but torch {torch.__version__} finds none on this "
            "machine; set device to 'cpu' or 'auto'"
        )
    return torch.device("cuda" if available and choice != "cpu" else "cpu")


def _configure_torch(device: torch.device) -> None:
    if device.type == "cpu":
        # Windows are shared out among threads as a whole. Torch's own threads would meet some
        # hundred times a window, and on a machine that does other work as well each meeting
        # waits for the scheduler: a window was seen to take a second in place of 20 ms.
        torch.set_num_threads(1)
    else:
        # cuDNN would round the middle convolutions' inputs to 10 bits, and the same window
        # would then get another vector on a GPU than on a CPU.
        torch.backends.cudnn.allow_tf32 = False


def _workers(threads: int, device: torch.device) -> int:
    if device.type != "cpu":
        return 1
    return threads or len(os.sched_getaffinity(0))


def _tags(checkpoint: Checkpoint, expected: int) -> tuple[str, ...]:
    tags = checkpoint.record.get("tags")
    if not isinstance(tags, list) or len(tags) != expected:
        found = f"{len(tags)} tags" if isinstance(tags, list) else f"tags {tags!r}"
        raise WeightsError(f"{checkpoint.source} names {found}, expected a list of {expected}")
    return tuple(str(tag) for tag in tags)
