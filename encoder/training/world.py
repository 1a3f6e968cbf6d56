"""One process or several that train together (torchrun's variables say which).

Each process makes its part of a batch's shards. Vectors are gathered before the contrastive
loss, so that every pair is held against all others, as in one process.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor

from encoder.errors import TrainingError

__all__ = ["World", "joined_world"]

_PATIENCE = timedelta(days=2)  # the first process decodes and asks while the others wait for it


@dataclass(frozen=True)
class World:
    """This process's number and how many there are."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0

    def share(self, shards: int) -> range:
        """The shards of a step that this process makes.

        Raises:
            TrainingError: they cannot be shared out evenly.
        """
        if shards % self.size:
            raise TrainingError(
                f"{shards} shards a step cannot be shared evenly by {self.size} processes; "
                "choose batch_pairs and shard_pairs so that they can"
            )
        each = shards // self.size
        return range(self.rank * each, (self.rank + 1) * each)

    def gathered(self, x: Tensor) -> Tensor:
        """The rows of all processes, in order; gradients flow into this one's alone."""
        if self.size == 1:
            return x
        parts = [torch.empty_like(x) for _ in range(self.size)]
        dist.all_gather(parts, x.detach().contiguous())
        parts[self.rank] = x
        return torch.cat(parts)

    def agreed(self, stop: bool) -> bool:
        """Whether the leading process wants to stop: all end after the same step."""
        if self.size == 1:
            return stop
        word = torch.tensor([int(stop)], device=_device())
        dist.broadcast(word, src=0)
        return bool(word.item())

    def wait(self) -> None:
        """Until all processes are here."""
        if self.size > 1:
            dist.barrier()


@contextmanager
def joined_world(*, cuda: bool) -> Iterator[World]:
    """The processes that torchrun started, or this one alone; with ``cuda``, a GPU for each.

    Raises:
        TrainingError: there are fewer GPUs than processes.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield World()
        return
    if cuda:
        _take_own_gpu()
    dist.init_process_group("nccl" if cuda else "gloo", timeout=_PATIENCE)
    try:
        world = World(dist.get_rank(), size)
        yield world
        # One that takes its group down while another still uses it may be aborted as it exits:
        # gloo's threads then let go of tensors that Python has given up (pytorch issue 179291).
        world.wait()
    finally:
        dist.destroy_process_group()


def _take_own_gpu() -> None:
    own, count = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
    if own >= count:
        raise TrainingError(
            f"process {own} has no GPU of its own: there are {count}; start at most {count} "
            "processes, or set device to 'cpu'"
        )
    torch.cuda.set_device(own)


def _device() -> torch.device:
    return torch.device("cuda" if dist.get_backend() == "nccl" else "cpu")
