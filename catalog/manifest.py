"""The manifest beside an index: what it was made from, and its checksum.

An Annoy file has no header, so nothing in it tells of another dimension, encoder or order.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .errors import ManifestError, StoreError
from .store import FORMAT_VERSION, Meta

MANIFEST_NAME = "manifest.json"
REMEDY = "`nowhear add --reindex` builds the index again from the stored vectors"
READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What one index generation was made from."""

    format_version: int
    catalog: str
    encoder: str
    fingerprint: str
    sample_rate_hz: int
    window_samples: int
    dimension: int
    metric: str
    epoch: int
    annoy_version: str
    trees: int
    songs: int
    revision: int  # of the catalog when the generation was built
    annoy_bytes: int
    annoy_sha256: str
    songs_sha256: str

    @classmethod
    def of(cls, meta: Meta, *, trees: int, songs: int, annoy: Path, song_map: Path) -> Manifest:
        """The manifest of a generation just built from the catalog at `meta`."""
        return cls(
            **_expected(meta),
            trees=trees,
            songs=songs,
            revision=meta.revision,
            annoy_bytes=annoy.stat().st_size,
            annoy_sha256=sha256_of(annoy),
            songs_sha256=sha256_of(song_map),
        )

    def write(self, folder: Path) -> None:
        """Write `manifest.json` into `folder`."""
        text = json.dumps(asdict(self), indent=2) + "\n"
        (folder / MANIFEST_NAME).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest in `folder`.

        Raises `ManifestError`: no manifest, or not one. `FileNotFoundError` is left to the caller,
        since a folder may vanish under a reader that is late.
        """
        path = folder / MANIFEST_NAME
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise ManifestError(f"{path}: not JSON: {error}; {REMEDY}") from error
        wanted = {field.name for field in fields(cls)}
        if not isinstance(data, dict) or set(data) != wanted:
            keys = sorted(data) if isinstance(data, dict) else type(data).__name__
            raise ManifestError(f"{path}: holds {keys}, expected {sorted(wanted)}; {REMEDY}")
        return cls(**data)

    def check(self, meta: Meta, *, folder: Path) -> None:
        """Raises `ManifestError`, naming both values, unless the index belongs to `meta`."""
        for name, wanted in _expected(meta).items():
            found = getattr(self, name)
            if found != wanted:
                raise ManifestError(
                    f"{folder / MANIFEST_NAME}: {name} is {found!r}, but the catalog expects "
                    f"{wanted!r}; {REMEDY}"
                )
        if not isinstance(self.revision, int) or self.revision > meta.revision:
            raise ManifestError(
                f"{folder / MANIFEST_NAME}: revision is {self.revision!r}, but the catalog is at "
                f"{meta.revision}: the database is older than the index; {REMEDY}"
            )

    def check_files(self, *, annoy: Path, song_map: Path) -> None:
        """Raises `StoreError` when a file is not the one that was built."""
        size = annoy.stat().st_size
        if size != self.annoy_bytes:
            raise StoreError(f"{annoy}: {size} bytes, expected {self.annoy_bytes}; {REMEDY}")
        for path, wanted in ((annoy, self.annoy_sha256), (song_map, self.songs_sha256)):
            found = sha256_of(path)
            if found != wanted:
                raise StoreError(f"{path}: SHA-256 {found}, expected {wanted}; {REMEDY}")


def _expected(meta: Meta) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "catalog": meta.catalog,
        "encoder": meta.encoder,
        "fingerprint": meta.fingerprint,
        "sample_rate_hz": meta.sample_rate_hz,
        "window_samples": meta.window_samples,
        "dimension": meta.dimension,
        "metric": meta.metric,
        "epoch": meta.epoch,
        "annoy_version": version("annoy"),
    }


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal; raises `OSError`."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(READ_BYTES):
            digest.update(block)
    return digest.hexdigest()
