"""Styles of a dataset's tracks: of songs of the catalog as stored, of other files heard once.

What was heard of files outside the catalog is kept in the catalog's folder:

    datasets/fma-0123456789abcdef/   the dataset and the encoder's fingerprint
      style.f32                      a row a track that could be heard
      tracks.jsonl                   a line a track: key, file as it was, why it could not be heard

A row is written before its line, so a call that was stopped goes on where it stood. A file that
has changed is heard again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..datasets import Track
from ..errors import StoreError
from ..files import RefusedError, embed
from ..lock import locked_folder
from ..vectors import VectorFile

if TYPE_CHECKING:
    from encoder.embedding import Encoder

    from ..reader import CatalogReader

FOLDER = "datasets"
_SHOWN = 16  # digits of a fingerprint that tell it from others

Tell = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False)
class Styles:
    """`known` (n,) says which tracks have a style; `styles` (m, D), unit length, are theirs.

    `skipped` are pairs of key and reason; a track that has neither a song nor a file is not there.
    """

    known: NDArray[np.bool_]
    styles: NDArray[np.float32]
    skipped: list[tuple[str, str]]


def styles_of(
    tracks: Sequence[Track],
    catalog: CatalogReader,
    encoder: Encoder,
    *,
    hop_s: float,
    tell: Tell | None = None,
) -> Styles:
    """The styles of `tracks`, all of one dataset.

    Raises `StoreError`: what was heard cannot be kept, or is damaged. `BusyError`: another process
    listens to datasets of this catalog.
    """
    known = np.zeros(len(tracks), bool)
    rows: dict[int, NDArray[np.float32]] = {}
    joined = [row for row, track in enumerate(tracks) if track.song is not None]
    found, styles = catalog.styles([int(tracks[row].song or 0) for row in joined])
    kept = (row for row, has in zip(joined, found, strict=True) if has)
    rows.update(zip(kept, styles, strict=True))
    skipped: list[tuple[str, str]] = []
    others = [row for row, track in enumerate(tracks) if row not in rows and track.path]
    if others:
        with kept_sound(catalog.settings.directory):
            heard = _Heard(catalog.settings.directory, tracks[others[0]].dataset, encoder)
            for done, row in enumerate(others):
                if tell is not None:
                    tell(done, len(others), tracks[row].title or tracks[row].key)
                answer = heard.of(tracks[row], hop_s=hop_s)
                if isinstance(answer, str):
                    skipped.append((tracks[row].key, answer))
                else:
                    rows[row] = answer
    known[list(rows)] = True
    dimension = encoder.spec.style_dim
    ordered = [rows[row] for row in sorted(rows)]
    together = np.stack(ordered) if ordered else np.zeros((0, dimension), np.float32)
    return Styles(known, together.astype(np.float32), skipped)


def kept_sound(catalog: Path) -> AbstractContextManager[Path]:
    """The folder of what is kept of datasets' sound in the folder of a catalog, for one process.

    Raises `BusyError`: another process writes there. `StoreError`.
    """
    return locked_folder(catalog / FOLDER)


class _Heard:
    """What was heard of the files of one dataset by one encoder."""

    def __init__(self, folder: Path, dataset: str, encoder: Encoder) -> None:
        self._encoder = encoder
        place = folder / FOLDER / f"{dataset}-{encoder.spec.fingerprint[:_SHOWN]}"
        self._lines = place / "tracks.jsonl"
        self._file = VectorFile(place / "style.f32", dimension=encoder.spec.style_dim)
        self._rows = 0
        self._known: dict[str, dict[str, Any]] = {}
        for line in _whole_lines(self._lines):
            self._known[line["key"]] = line
            self._rows += line["reason"] is None

    def of(self, track: Track, *, hop_s: float) -> NDArray[np.float32] | str:
        """The style of a track (D,), or why there is none."""
        assert track.path is not None
        try:
            now = track.path.stat()
        except (OSError, ValueError) as error:
            return getattr(error, "strerror", None) or str(error)
        file = {"key": track.key, "bytes": now.st_size, "mtime_ns": now.st_mtime_ns}
        before = self._known.get(track.key)
        if before is not None and file.items() <= before.items():
            if before["reason"] is not None:
                return str(before["reason"])
            return self._stored(int(before["row"]))
        return self._hear(track.path, file, hop_s)

    def _stored(self, row: int) -> NDArray[np.float32]:
        try:
            return np.array(self._file.rows(row + 1)[row])
        except StoreError as error:
            raise StoreError(
                f"{self._file.path}: is damaged; remove {self._file.path.parent} to hear all again"
            ) from error

    def _hear(self, path: Path, file: dict[str, Any], hop_s: float) -> NDArray[np.float32] | str:
        from encoder.files import song_style

        try:
            style = song_style(embed(path, self._encoder, hop_s=hop_s).style)
        except RefusedError as error:
            self._note({**file, "reason": str(error), "row": None})
            return str(error)
        self._file.write(self._rows, style[None])
        self._note({**file, "reason": None, "row": self._rows})
        self._rows += 1
        return style

    def _note(self, line: dict[str, Any]) -> None:
        try:
            self._lines.parent.mkdir(parents=True, exist_ok=True)
            with self._lines.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(line) + "\n")
        except OSError as error:
            raise StoreError(f"{self._lines}: cannot be written: {error.strerror}") from error
        self._known[line["key"]] = line


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Lines of the list; half a line, which a kill left, is cut off."""
    try:
        text = path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            path.write_text(whole, encoding="utf-8")
        for line in whole.splitlines():
            yield json.loads(line)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read: {error}; remove it to hear all again") from error
