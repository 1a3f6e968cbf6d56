"""Names recordings: which song, where in it the recording begins, how fast, how sure.

    blocks ─► prints ─► steps ─► matcher ─► one answer       (`realtime.finding`)
           └► style of every window ─► mean ─► search ─► similar songs

`Identifier` is pure but for the catalog that it searches; `identify_file` reads a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.catalog import Catalog
from catalog.songs import Song
from encoder.audio import rms_dbfs
from encoder.decode import Decoder
from encoder.embedding import Embeddings, Encoder
from encoder.errors import AudioFormatError
from encoder.files import MIN_DURATION_S, SILENT_DBFS, song_style
from encoder.windows import Windower, Windows

from .events import Ranked
from .finding import Found, PrintSteps, find
from .opening import matcher_over, opened
from .ranking import rank
from .recognizer import Matching
from .searching import PrintStep
from .settings import Settings

__all__ = ["Identification", "Identifier", "Named", "open_identifier"]

Samples = NDArray[np.float32]

_AGREEING_STEPS = 2  # of many steps of 10 s so many must say the same
_FIT_S = 5.0  # steps whose ends are less apart say nothing of the rate that each does not say alone
_HITS_PER_PLACE = 20  # near-duplicates and an artist's other songs fall out of the ranking
_BATCH_WINDOWS = 32  # windows that wait for one pass of the encoder; bounds memory


@dataclass(frozen=True)
class Named:
    """The song of a recording; `position_s` and `rate` as in `Found`, in seconds."""

    song: Song
    position_s: float
    rate: float
    confidence: float


@dataclass(frozen=True)
class Identification:
    """What a recording is: its song, None when no song of the catalog is sure enough, and the songs
    that sound like it, best first."""

    match: Named | None
    similar: tuple[Ranked, ...]
    duration_s: float


def numbers_of(match: Named) -> dict[str, float]:
    """Where and how fast a song is played and how sure that is, rounded as it is told in JSON."""
    return {
        "position": round(match.position_s, 3),
        "rate": round(match.rate, 4),
        "confidence": round(match.confidence, 6),
    }


class _Style:
    """The mean style of a recording that comes in blocks."""

    def __init__(self, encoder: Encoder, *, hop_s: float) -> None:
        spec = encoder.spec
        self._encoder = encoder
        self._windower = Windower(
            window_samples=spec.window_samples,
            hop_samples=max(1, round(hop_s * spec.sample_rate_hz)),
        )
        self._waiting: list[Samples] = []
        self._heard: list[Embeddings] = []

    def push(self, samples: Samples) -> None:
        """Takes the next block."""
        self._take(self._windower.push(samples, self._windower.end))

    def finish(self) -> NDArray[np.float32] | None:
        """The style `(D,)`, unit length; None when all was silent."""
        self._take(self._windower.flush())
        self._embed()
        rows = np.concatenate([part.style for part in self._heard]) if self._heard else ()
        return song_style(np.asarray(rows)) if len(rows) else None

    def _take(self, windows: Windows) -> None:
        self._waiting += [one for one in windows.samples if rms_dbfs(one) >= SILENT_DBFS]
        if len(self._waiting) >= _BATCH_WINDOWS:
            self._embed()

    def _embed(self) -> None:
        if self._waiting:
            self._heard.append(self._encoder.embed(np.stack(self._waiting)))
        self._waiting = []


class Identifier:
    """Names recordings by the songs of a catalog; loaded once for many, used by one thread.

    `matcher` None searches the whole catalog at the settings' own values.
    """

    def __init__(
        self,
        encoder: Encoder,
        catalog: Catalog,
        settings: Settings,
        *,
        matcher: Matching | None = None,
    ) -> None:
        self._encoder, self._catalog, self._settings = encoder, catalog, settings
        self._matcher = matcher or matcher_over(catalog, encoder, settings=settings)

    @property
    def sample_rate_hz(self) -> int:
        """Rate of the samples that it takes, in hertz."""
        return self._encoder.spec.sample_rate_hz

    def identify_file(self, path: Path, *, similar: int | None = None) -> Identification:
        """Names the recording in an audio file, which is read a piece at a time; see `identify`.

        Raises `DecodeError`: the file cannot be decoded.
        """
        with Decoder(path, sample_rate_hz=self.sample_rate_hz) as decoder:
            return self.identify(decoder.blocks(), similar=similar)

    def identify_samples(self, samples: Samples, *, similar: int = 0) -> Identification:
        """Names a recording `(n,)`, mono float32 at `sample_rate_hz`; see `identify`."""
        return self.identify([samples], similar=similar)

    def identify(self, blocks: Iterable[Samples], *, similar: int | None = None) -> Identification:
        """Names a recording that comes in mono float32 blocks at `sample_rate_hz`.

        `similar`: so many songs that sound like it are named too (None: as many as the settings
        say); without any, the styles need not be made, which is quicker.

        Raises `AudioFormatError`: samples that are no finite mono float32, or a recording that is
        shorter than `MIN_DURATION_S`.
        """
        wanted = self._settings.listen.similar if similar is None else similar
        prints = PrintSteps(self._encoder)
        style = _Style(self._encoder, hop_s=self._settings.catalog.hop_s)
        steps: list[PrintStep] = []
        length = 0
        for block in blocks:
            steps += prints.push(block)
            length += len(block)
            if wanted:
                style.push(block)
        duration_s = length / self.sample_rate_hz
        if duration_s < MIN_DURATION_S:
            raise AudioFormatError(
                f"is {duration_s:.3g} s long, expected at least {MIN_DURATION_S:g} s"
            )
        steps += prints.finish()
        match = self._named(self.find(steps))
        return Identification(match, self._similar(style, wanted, match), duration_s)

    def find(self, steps: Sequence[PrintStep]) -> Found | None:
        """The likeliest song, even when it is not sure enough to be named; see `find`."""
        rate_hz, settings = self.sample_rate_hz, self._settings.match
        return find(
            steps,
            self._matcher,
            threshold=settings.confidence,
            line=settings.line_s * rate_hz,
            apart=_FIT_S * rate_hz,
        )

    def find_in(self, samples: Samples) -> Found | None:
        """`find` for a recording `(n,)`, mono float32 at `sample_rate_hz`."""
        prints = PrintSteps(self._encoder)
        return self.find(prints.push(samples) + prints.finish())

    def _named(self, found: Found | None) -> Named | None:
        if found is None or not self._is_sure(found):
            return None
        song = self._catalog.get([found.song]).get(found.song)
        if song is None:  # removed a moment ago
            return None
        position_s = found.position / self._encoder.spec.prints.sample_rate_hz
        return Named(song, position_s, found.rate, found.confidence)

    def _is_sure(self, found: Found) -> bool:
        """As when listening: among many steps one is no proof, unless it is beyond doubt."""
        settings = self._settings.match
        if found.confidence >= settings.certain:
            return True
        enough = _AGREEING_STEPS if found.steps > _AGREEING_STEPS else 1
        return found.confidence >= settings.confidence and found.agreeing >= enough

    def _similar(self, style: _Style, wanted: int, match: Named | None) -> tuple[Ranked, ...]:
        vector = style.finish() if wanted else None
        if vector is None:
            return ()
        playing = () if match is None else self._catalog.members(match.song.group)
        hits = self._catalog.search(vector[np.newaxis], _HITS_PER_PLACE * wanted + len(playing))
        songs = self._catalog.get(hits.songs[0][hits.songs[0] >= 0].tolist())
        ranked = rank(
            hits.songs[0],
            hits.scores[0],
            songs,
            k=wanted,
            per_artist=self._settings.listen.per_artist,
            exclude=frozenset(playing),
        )
        return tuple(Ranked(songs[song], score) for song, score in ranked)


@contextmanager
def open_identifier(
    catalog: str | PathLike[str] | None = None, *, settings: Settings | None = None
) -> Iterator[Identifier]:
    """An `Identifier` that names recordings by the songs of the catalog in folder `catalog`.

    Without `catalog` it is the settings' own; without `settings` they are the defaults. Give it
    files (`identify_file`) or mono float32 samples at 16 kHz (`identify_samples`).

    Raises `catalog.errors.CatalogError`: there is no catalog, or it was made with other weights.
    `encoder.errors.EncoderError`: the weights or the device cannot be used.
    """
    with opened(catalog, settings) as (in_force, encoder, songs):
        yield Identifier(encoder, songs, in_force)
