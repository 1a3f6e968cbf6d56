"""How a network is run: on which device, in how many threads, in batches of what size."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from torch import Tensor

from encoder.errors import DeviceError
from encoder.settings import DeviceChoice, EncoderSettings

__all__ = ["Runner", "resolve_device"]


class Runner:
    """Runs networks on rows of samples, shared out among threads in batches that fit memory.

    One serves every network of an encoder, so that they share its threads.

    Raises:
        DeviceError: ``cuda`` was asked for and is not there.
    """

    def __init__(self, settings: EncoderSettings) -> None:
        self.device = resolve_device(settings.device)
        _configure(self.device)
        self._batch_windows = settings.batch_windows
        self._workers = _workers(settings.threads, self.device)
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="embed")

    def run(
        self,
        network: Callable[[Tensor], tuple[Tensor, ...]],
        rows: NDArray[np.float32],
        *,
        windows_a_row: int = 1,
    ) -> tuple[NDArray[np.float32], ...]:
        """What ``network`` gives for ``rows`` ``(n, T)``, ``n`` at least 1: arrays of ``n`` rows.

        ``windows_a_row`` says how many windows' worth of work and memory one row is.
        """
        share = -(-len(rows) // self._workers)  # rounded up
        step = max(1, min(share, self._batch_windows // windows_a_row))
        parts = [rows[first : first + step] for first in range(0, len(rows), step)]
        # One batch needs no second thread, and a live source mostly sends one. With one worker
        # the caller works itself: callers side by side would wait in turn for a pool of one.
        spread = map if len(parts) == 1 or self._workers == 1 else self._pool.map
        outputs = list(spread(lambda part: self._one(network, part), parts))
        return tuple(np.concatenate(column) for column in zip(*outputs, strict=True))

    def _one(
        self, network: Callable[[Tensor], tuple[Tensor, ...]], rows: NDArray[np.float32]
    ) -> list[NDArray[np.float32]]:
        # A copy, because torch warns of memory it may not write to, such as a mapped file's,
        # and refuses arrays that run backwards.
        samples = torch.from_numpy(np.array(rows, order="C")).to(self.device)
        with torch.inference_mode():
            return [output.cpu().numpy() for output in network(samples)]


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


def _configure(device: torch.device) -> None:
    # What listens multiplies small matrices, thousands a second. A second thread makes none of
    # them faster, and waits for the next one without sleeping: twice the processor time.
    threadpool_limits(1, user_api="blas")
    if device.type == "cpu":
        # Windows are shared out among threads as a whole. Torch's own threads would meet some
        # hundred times a window, and on a machine that does other work as well each meeting
        # waits for the scheduler: a window was seen to take a second in place of 20 ms.
        torch.set_num_threads(1)
    else:
        # cuDNN would round the convolutions' inputs to 10 bits, and the same window would then
        # get another vector on a GPU than on a CPU.
        torch.backends.cudnn.allow_tf32 = False


def _workers(threads: int, device: torch.device) -> int:
    if device.type != "cpu":
        return 1
    return threads or len(os.sched_getaffinity(0))
