"""Much music as one long row of samples, so that any window of it is one look-up away.

A corpus is two files: ``NAME.i16`` holds the samples of all tracks, one behind the other, as
little-endian 16-bit numbers (mono, 16 kHz: 115 MB an hour), and ``NAME.jsonl`` a line for each
track. A track's samples are written before its line, so a build that was stopped goes on where
it stood: what no line accounts for is cut off first.
"""

import json
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from encoder.decode import decode
from encoder.errors import CorpusError, DecodeError

__all__ = ["FULL_SCALE", "Corpus", "Track", "build_corpus", "corpus_of", "open_corpus"]

FULL_SCALE = 32_768
"""The stored number that stands for a sample of 1."""

_FORMAT = 1
_BYTES = 2  # one stored sample
_MIN_TRACK_S = 5.0  # shorter ones are jingles, from which no pair of moments can be drawn


@dataclass(frozen=True)
class Track:
    """One line of the list: a file of the folder and what became of it.

    - ``file``: its path inside the folder, with ``/``.
    - ``bytes``: the file's size, by which a changed file is noticed.
    - ``samples``: how many samples of it the corpus holds, 0 when it was left out.
    - ``reason``: why it was left out, else null.
    """

    file: str
    bytes: int
    samples: int
    reason: str | None = None


@dataclass(frozen=True, eq=False)
class Corpus:
    """Tracks behind one another.

    - ``samples``: ``(N,)`` int16, full scale :data:`FULL_SCALE`; on any device.
    - ``starts``, ``lengths``: ``(tracks,)`` int64 on the CPU, in samples.
    - ``names``: each track's path inside its folder.
    - ``sample_rate_hz``: rate of the samples, in hertz.
    """

    samples: Tensor
    starts: Tensor
    lengths: Tensor
    names: tuple[str, ...]
    sample_rate_hz: int

    @property
    def duration_s(self) -> float:
        """Length of all tracks together, in seconds."""
        return int(self.lengths.sum()) / self.sample_rate_hz

    def to(self, device: torch.device) -> "Corpus":
        """The same corpus with its samples on ``device``."""
        moved = self.samples.to(device)
        return Corpus(moved, self.starts, self.lengths, self.names, self.sample_rate_hz)

    def select(self, tracks: Sequence[int]) -> "Corpus":
        """Only the tracks of these numbers, in this order; the samples are shared."""
        rows = torch.tensor(list(tracks), dtype=torch.int64)
        names = tuple(self.names[track] for track in tracks)
        return Corpus(
            self.samples, self.starts[rows], self.lengths[rows], names, self.sample_rate_hz
        )

    def cut(self, first: Tensor, length: int) -> Tensor:
        """Stretches ``(B, length)`` float32, full scale 1, from the samples numbered ``first``.

        ``first`` is ``(B,)`` int64 and counts over the whole corpus. What lies outside it is 0;
        a stretch may reach into the neighbouring track.
        """
        device = self.samples.device
        last = len(self.samples) - length
        if len(first) and int(first.min()) >= 0 and int(first.max()) <= last:
            # All stretches as a view, of which rows are copied: far quicker than by sample.
            rows = self.samples.unfold(0, length, 1)[first.to(device)]
            return rows.float().div_(FULL_SCALE)
        place = first.to(device)[:, None] + torch.arange(length, device=device)  # (B, length)
        inside = (place >= 0) & (place < len(self.samples))
        values = self.samples[place.clamp_(0, len(self.samples) - 1)]
        return values.float().mul_(inside).div_(FULL_SCALE)


def corpus_of(
    tracks: Sequence[NDArray[np.float32]], *, sample_rate_hz: int, names: Sequence[str] = ()
) -> Corpus:
    """A corpus of mono tracks that are in memory, full scale 1.

    >>> corpus = corpus_of([np.zeros(3, np.float32), np.full(2, 0.5, np.float32)],
    ...                    sample_rate_hz=16_000)
    >>> corpus.cut(torch.tensor([2, 3]), 3).tolist()
    [[0.0, 0.5, 0.5], [0.5, 0.5, 0.0]]
    """
    lengths = torch.tensor([len(track) for track in tracks], dtype=torch.int64)
    samples = [torch.from_numpy(_to_int16(track)) for track in tracks]
    return Corpus(
        samples=torch.cat(samples) if samples else torch.zeros(0, dtype=torch.int16),
        starts=lengths.cumsum(0) - lengths,
        lengths=lengths,
        names=tuple(names) or tuple(str(number) for number in range(len(tracks))),
        sample_rate_hz=sample_rate_hz,
    )


def build_corpus(
    folder: Path,
    cache: Path,
    *,
    sample_rate_hz: int = 16_000,
    min_track_s: float = _MIN_TRACK_S,
    only: Collection[str] | None = None,
    on_track: Callable[[Track], None] | None = None,
) -> list[Track]:
    """Decode every file below ``folder`` into ``cache``.i16 and .jsonl; gives all its tracks.

    ``only`` are the paths inside the folder that are wanted, with ``/``; None: all of them.

    Goes on where an earlier call was stopped. A file that cannot be decoded, or is shorter than
    ``min_track_s``, is left out with its reason.

    Raises:
        CorpusError: ``folder`` is no folder, the cache was made at another rate, or a file
            that it holds has changed since.
    """
    if not folder.is_dir():
        raise CorpusError(f"{folder} is not a folder, expected one with music in it")
    cache.parent.mkdir(parents=True, exist_ok=True)
    samples_path, list_path = _paths(cache)
    done = _read_list(list_path, sample_rate_hz) if list_path.exists() else []
    _refuse_changed(folder, done)
    if not done:
        list_path.write_text(_header(sample_rate_hz), encoding="utf-8")
    known = {track.file for track in done}
    with samples_path.open("ab") as samples, list_path.open("a", encoding="utf-8") as lines:
        samples.truncate(sum(track.samples for track in done) * _BYTES)
        for path in _files(folder) if only is None else _chosen(folder, only):
            name = path.relative_to(folder).as_posix()
            if name in known:
                continue
            track, values = _decoded(path, name, sample_rate_hz, min_track_s)
            samples.write(values.tobytes())
            _to_disk(samples.fileno(), samples.flush)
            lines.write(json.dumps(asdict(track)) + "\n")
            lines.flush()
            done.append(track)
            if on_track is not None:
                on_track(track)
    return done


def open_corpus(cache: Path) -> Corpus:
    """The corpus in ``cache``.i16 and .jsonl, mapped into memory and not copied.

    Raises:
        CorpusError: there is none, or its two files do not fit each other.
    """
    samples_path, list_path = _paths(cache)
    if not list_path.exists() or not samples_path.exists():
        raise CorpusError(f"there is no corpus at {cache}; make one from a folder of music first")
    rate = _rate(list_path)
    tracks = [track for track in _read_list(list_path, rate) if track.samples]
    lengths = torch.tensor([track.samples for track in tracks], dtype=torch.int64)
    count = int(lengths.sum())
    held = samples_path.stat().st_size // _BYTES
    if held < count or not count:
        raise CorpusError(
            f"{samples_path} holds {held} samples, expected {count} as {list_path.name} says; "
            "build the corpus again"
        )
    # Mapped copy on write: torch wants memory that it may write to, and nothing is written.
    mapped = np.memmap(samples_path, dtype="<i2", mode="c", shape=(count,))
    return Corpus(
        samples=torch.from_numpy(mapped),
        starts=lengths.cumsum(0) - lengths,
        lengths=lengths,
        names=tuple(track.file for track in tracks),
        sample_rate_hz=rate,
    )


def _decoded(
    path: Path, name: str, sample_rate_hz: int, min_track_s: float
) -> tuple[Track, NDArray[np.int16]]:
    size = path.stat().st_size
    nothing = np.zeros(0, np.int16)
    try:
        blocks = [_to_int16(block) for block in decode(path, sample_rate_hz=sample_rate_hz)]
    except DecodeError as error:
        return Track(name, size, 0, str(error)), nothing
    values = np.concatenate(blocks)
    if len(values) < min_track_s * sample_rate_hz:
        length_s = len(values) / sample_rate_hz
        return Track(name, size, 0, f"is {length_s:.1f} s long, expected {min_track_s} s"), nothing
    return Track(name, size, len(values)), values


def _to_int16(block: NDArray[np.float32]) -> NDArray[np.int16]:
    scaled = np.rint(block * np.float32(FULL_SCALE))
    clipped: NDArray[np.int16] = np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype("<i2")
    return clipped


def _to_disk(number: int, flush: Callable[[], None]) -> None:
    flush()
    os.fsync(number)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _chosen(folder: Path, names: Collection[str]) -> Iterator[Path]:
    return (path for path in (folder / name for name in sorted(names)) if path.is_file())


def _paths(cache: Path) -> tuple[Path, Path]:
    return cache.with_name(cache.name + ".i16"), cache.with_name(cache.name + ".jsonl")


def _header(sample_rate_hz: int) -> str:
    return json.dumps({"format": _FORMAT, "sample_rate_hz": sample_rate_hz}) + "\n"


def _rate(list_path: Path) -> int:
    with list_path.open(encoding="utf-8") as lines:
        header = _parsed(lines.readline(), list_path)
    if header.get("format") != _FORMAT or not isinstance(header.get("sample_rate_hz"), int):
        raise CorpusError(f"{list_path} begins with {header}, expected a corpus's format {_FORMAT}")
    return int(str(header["sample_rate_hz"]))


def _read_list(list_path: Path, sample_rate_hz: int) -> list[Track]:
    rate = _rate(list_path)
    if rate != sample_rate_hz:
        raise CorpusError(f"{list_path} is of {rate} Hz, expected {sample_rate_hz} Hz")
    text = list_path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]  # a kill may have left half a line
    if whole != text:
        list_path.write_text(whole, encoding="utf-8")
    lines = whole.splitlines()[1:]
    return [Track(**_parsed(line, list_path)) for line in lines]  # type: ignore[arg-type]


def _parsed(line: str, list_path: Path) -> dict[str, object]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise CorpusError(f"{list_path} holds a line that is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise CorpusError(f"{list_path} holds {line[:40]!r}, expected an object a line")
    return record


def _refuse_changed(folder: Path, done: Sequence[Track]) -> None:
    for track in done:
        path = folder / track.file
        if path.exists() and path.stat().st_size != track.bytes:
            raise CorpusError(
                f"{path} has {path.stat().st_size} bytes, expected {track.bytes} as when it was "
                "decoded; build the corpus under another name"
            )
