"""From blocks of samples to steps: gaps, levels, windows and stretches to embed, silence. Pure.

    blocks ─► level hops ─► silence or sound ─► windows of style, stretches of prints

Windows and stretches are laid from the level hop in which sound begins, so the first one is
complete one length after that. However a signal is cut into blocks, the steps are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoder.audio import check_samples, rms_dbfs
from encoder.embedding import EncoderSpec
from encoder.errors import AudioFormatError
from encoder.windows import Windower, Windows

from .blocks import Block
from .events import Gap, Level
from .levels import LevelMeter
from .sections import ListenSettings
from .tracking import SoundTracker

PRINTS = 2
"""A stretch holds the windows of so many prints, one stride apart: one pass gives them all, for
little more than one costs."""


@dataclass(frozen=True, eq=False)
class Window:
    """`samples` `(window_samples,)` whose style is to be found; the sound in it ends at `end`."""

    samples: NDArray[np.float32]
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Stretch:
    """`samples` `(n,)` whose prints are to be found; the sound in it ends at `end`.

    `audible` are the numbers of the prints in whose windows there is something to hear.
    """

    samples: NDArray[np.float32]
    start: int
    end: int
    audible: tuple[int, ...]


@dataclass(frozen=True)
class Silence:
    """What was heard is over."""

    at: int


Step = Level | Gap | Window | Stretch | Silence


def has_one_pass(spec: EncoderSpec) -> bool:
    """Whether one pass over a window gives style, tags and print.

    Then every window is a stretch as well: it comes as a `Window` and there are no others.
    """
    return spec.window_samples == spec.prints.window_samples


class Cutter:
    """Cuts blocks into steps, in order of position."""

    def __init__(self, spec: EncoderSpec, settings: ListenSettings) -> None:
        def samples(seconds: float) -> int:
            return max(1, round(seconds * spec.sample_rate_hz))

        self._silence_dbfs = settings.silence_dbfs
        self._hop = samples(settings.level_hop_s)
        self._meter = LevelMeter(sample_rate_hz=spec.sample_rate_hz, hop_samples=self._hop)
        self._hops = Windower(window_samples=self._hop, hop_samples=self._hop)
        self._spec = spec
        self._one_pass = has_one_pass(spec)
        hop = settings.print_hop_s if self._one_pass else settings.hop_s
        self._windows = Windower(window_samples=spec.window_samples, hop_samples=samples(hop))
        prints = spec.prints
        self._stretches = Windower(
            window_samples=prints.window_samples + prints.stride_samples * (PRINTS - 1),
            hop_samples=samples(settings.print_hop_s),
        )
        self._tracker = SoundTracker(
            silence_dbfs=settings.silence_dbfs, hold_samples=samples(settings.silence_hold_s)
        )
        self._hop_end = self._hop  # end of the level hop under way
        self.end = 0
        """Number of the sample after the newest one."""

    @property
    def hop_samples(self) -> int:
        """Length of a level hop."""
        return self._hop

    def check(self, blocks: Iterable[Block]) -> None:
        """Raises `AudioFormatError` unless these blocks can come next."""
        end = self.end
        for block in blocks:
            check_samples(block.samples)
            if block.start < end:
                raise AudioFormatError(
                    f"block begins at sample {block.start}, expected {end} or later"
                )
            end = block.end

    def push(self, block: Block) -> Iterator[Step]:
        """What a block completes, in order: gap, windows and stretches, levels, silence."""
        if block.start > self.end:
            yield Gap(at=block.start, samples=block.start - self.end)
            self._hop_end = block.start + self._hop
        self.end = block.end
        start = block.start
        while start < block.end:
            # The state changes at ends of hops only, so no piece may reach across one.
            stop = min(block.end, self._hop_end)
            yield from self._piece(block.samples[start - block.start : stop - block.start], start)
            start = stop

    def flush(self) -> list[Step]:
        """What is left at the end of the source: a sound too short for one window, padded."""
        if self._tracker.state == "silence":
            return []
        return self._audible(self._windows.flush(), self._stretches.flush())

    def _piece(self, samples: NDArray[np.float32], start: int) -> Iterator[Step]:
        before = self._tracker.state
        if before == "sound":
            yield from self._cut(samples, start)
        hops = self._hops.push(samples, start)
        if not len(hops):
            return
        level = self._meter.measure(hops.samples[0])
        at = self._hop_end
        self._hop_end += self._hop
        state = self._tracker.step(level.rms_dbfs, at=at)
        yield Level(at, level.rms_dbfs, level.peak_dbfs, state, level.bands)
        if (before, state) == ("silence", "sound"):
            yield from self._cut(hops.samples[0], int(hops.starts[0]))
        if (before, state) == ("sound", "silence"):
            # Sound that begins with the very next hop is laid anew all the same.
            self._windows.flush()
            self._stretches.flush()
            yield Silence(at)

    def _cut(self, samples: NDArray[np.float32], start: int) -> list[Step]:
        return self._audible(
            self._windows.push(samples, start), self._stretches.push(samples, start)
        )

    def _audible(self, windows: Windows, stretches: Windows) -> list[Step]:
        """Those in which there is something to hear, in order of their ends."""
        steps: list[Window | Stretch] = []
        for samples, start in _parts(windows):
            if self._is_audible(samples):
                steps.append(Window(samples, start, min(start + len(samples), self.end)))
        for samples, start in () if self._one_pass else _parts(stretches):
            if audible := self._audible_prints(samples):
                end = min(start + len(samples), self.end)
                steps.append(Stretch(samples, start, end, audible))
        return [*sorted(steps, key=lambda step: step.end)]

    def _is_audible(self, samples: NDArray[np.float32]) -> bool:
        return bool(rms_dbfs(samples) >= self._silence_dbfs)

    def _audible_prints(self, stretch: NDArray[np.float32]) -> tuple[int, ...]:
        spec = self._spec.prints
        firsts = [number * spec.stride_samples for number in range(PRINTS)]
        cuts = [stretch[first : first + spec.window_samples] for first in firsts]
        return tuple(number for number, cut in enumerate(cuts) if self._is_audible(cut))


def _parts(windows: Windows) -> Iterator[tuple[NDArray[np.float32], int]]:
    return zip(windows.samples, windows.starts.tolist(), strict=True)
