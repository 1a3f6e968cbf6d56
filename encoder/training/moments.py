"""Which moments of a corpus are trained on, and the batches that are made of them."""

import zlib
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from encoder.augment import Spoiler
from encoder.corpus import FULL_SCALE, Corpus
from encoder.errors import TrainingError
from encoder.targets import Targets

__all__ = ["Batch", "Batches", "Moments", "hold_out", "seeded"]

_BLOCK_S = 0.5  # the grid on which loudness is measured
_QUIET_DBFS = -50.0  # a quieter moment is a pause, which no two songs have differently
_EDGE_S = 1.0  # as far from a track's ends are the moments: half a window


@dataclass(frozen=True, eq=False)
class Moments:
    """Every half-second of a corpus that holds sound.

    - ``track``: ``(K,)`` the tracks' numbers.
    - ``centre``: ``(K,)`` the middles, in samples from the corpus's first one.
    """

    track: Tensor
    centre: Tensor

    @classmethod
    def of(cls, corpus: Corpus) -> "Moments":
        """The moments of ``corpus``.

        Raises:
            TrainingError: it has none that are loud enough.
        """
        block = round(_BLOCK_S * corpus.sample_rate_hz)
        edge = round(_EDGE_S * corpus.sample_rate_hz)
        least = FULL_SCALE**2 * 10 ** (_QUIET_DBFS / 10)
        tracks, centres = [], []
        for number, (start, length) in enumerate(zip(corpus.starts, corpus.lengths, strict=True)):
            count = int(length) // block
            whole = corpus.samples[int(start) : int(start) + count * block].view(count, block)
            loud = whole.float().square_().mean(1).cpu() >= least
            middle = torch.arange(count) * block + block // 2
            kept = loud & (middle >= edge) & (middle <= int(length) - edge)
            centres.append(int(start) + middle[kept])
            tracks.append(torch.full((int(kept.sum()),), number))
        if not any(len(centre) for centre in centres):
            raise TrainingError(
                f"{len(corpus.names)} tracks hold no sound above {_QUIET_DBFS:g} dBFS to learn from"
            )
        return cls(torch.cat(tracks), torch.cat(centres))


@dataclass(frozen=True, eq=False)
class Batch:
    """Pairs to learn from: windows ``(B, W)``, teacher's style ``(B, S)`` and tags ``(B, T)``.

    ``centre`` ``(B,)`` are the middles of the clean ones, in samples from the corpus's first.
    ``strangers`` ``(S, W)`` hold noise or speech and no music.
    """

    clean: Tensor
    spoiled: Tensor
    style: Tensor
    tags: Tensor
    centre: Tensor
    strangers: Tensor


@dataclass(frozen=True, eq=False)
class Batches:
    """Makes the pairs of any step of a run, from its number alone."""

    corpus: Corpus
    moments: Moments
    targets: Targets
    spoiler: Spoiler
    seed: int
    shard_pairs: int
    shard_strangers: int = 0

    def shards(self, step: int, shards: range) -> Batch:
        """The pairs of these ``shards`` of ``step``, in order."""
        parts = [self._shard(step, shard) for shard in shards]
        names = (field.name for field in fields(Batch))
        return Batch(**{name: torch.cat([getattr(p, name) for p in parts]) for name in names})

    def _shard(self, step: int, shard: int) -> Batch:
        generator = seeded(self.seed, step, shard)
        row = torch.randint(len(self.moments.centre), (self.shard_pairs,), generator=generator)
        block = round(_BLOCK_S * self.corpus.sample_rate_hz)
        aside = torch.randint(block, (self.shard_pairs,), generator=generator) - block // 2
        track, centre = self.moments.track[row], self.moments.centre[row] + aside
        style, tags = self.targets.at(track, centre - self.corpus.starts[track])
        return Batch(
            clean=self.spoiler.clean(self.corpus, centre),
            spoiled=self.spoiler.spoiled(self.corpus, centre, generator),
            style=style.to(self.corpus.samples.device),
            tags=tags.to(self.corpus.samples.device),
            centre=centre.to(self.corpus.samples.device),
            strangers=self.spoiler.strangers(self.shard_strangers, generator),
        )


def hold_out(names: tuple[str, ...], share: float) -> tuple[list[int], list[int]]:
    """Numbers of the tracks to train on and of those kept for validation.

    Whole folders are kept, so that no artist is on both sides where folders are artists; which
    ones follows from their names, so that it stays so when music is added.

    >>> hold_out(("a/1", "a/2", "b/1", "c/1"), 0.3)
    ([0, 1, 2], [3])
    """
    kept = [_place(name.split("/")[0]) < share for name in names]
    return [n for n, k in enumerate(kept) if not k], [n for n, k in enumerate(kept) if k]


def seeded(*numbers: int) -> torch.Generator:
    """A generator whose seed mixes ``numbers``, each of which matters.

    >>> seeded(1, 2).initial_seed() == seeded(2, 1).initial_seed()
    False
    """
    text = ",".join(map(str, numbers)).encode()
    seed = zlib.crc32(text) << 32 | zlib.crc32(text[::-1] + b";")
    return torch.Generator().manual_seed(seed & (2**63 - 1))


def _place(name: str) -> float:
    return zlib.crc32(name.encode()) / 2**32
