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
from .meta import FORMAT_VERSION, PRINT_FIELDS, Meta
from .settings import CatalogSettings

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
    print_name: str
    print_fingerprint: str
    print_sample_rate_hz: int
    print_window_samples: int
    print_stride_samples: int
    print_dimension: int
    print_hop_samples: int
    metric: str
    epoch: int
    annoy_version: str
    trees: int
    print_trees: int
    index_dimension: int  # principal directions that the index of segments keeps
    index_every: int  # of so many segments one is indexed
    songs: int
    segments: int  # items in the index of segments
    revision: int  # of the catalog when the generation was built
    bytes: dict[str, int]  # of every file
    sha256: dict[str, str]

    @classmethod
    def of(
        cls, meta: Meta, settings: CatalogSettings, *, songs: int, segments: int, folder: Path
    ) -> Manifest:
        """The manifest of a generation just built in `folder` from the catalog at `meta`."""
        files = sorted(folder.iterdir())
        return cls(
            **_expected(meta),
            trees=settings.trees,
            print_trees=settings.print_trees,
            index_dimension=min(settings.print_dimension, meta.print_dimension),
            index_every=settings.index_every,
            songs=songs,
            segments=segments,
            revision=meta.revision,
            bytes={file.name: file.stat().st_size for file in files},
            sha256={file.name: sha256_of(file) for file in files},
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
        _check_format(data, path)
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

    def check_files(self, folder: Path) -> None:
        """Raises `StoreError` when a file is not the one that was built."""
        for name, size in self.bytes.items():
            path = folder / name
            if (found := path.stat().st_size) != size:
                raise StoreError(f"{path}: {found} bytes, expected {size}; {REMEDY}")
        for name, wanted in self.sha256.items():
            path = folder / name
            if (digest := sha256_of(path)) != wanted:
                raise StoreError(f"{path}: SHA-256 {digest}, expected {wanted}; {REMEDY}")


def _check_format(data: object, path: Path) -> None:
    """Raises `ManifestError` when the keys are those of another format."""
    found = data.get("format_version") if isinstance(data, dict) else None
    if isinstance(found, int) and found != FORMAT_VERSION:
        raise ManifestError(
            f"{path}: format_version is {found}, but the catalog expects {FORMAT_VERSION}; {REMEDY}"
        )


def _expected(meta: Meta) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "catalog": meta.catalog,
        "encoder": meta.encoder,
        "fingerprint": meta.fingerprint,
        "sample_rate_hz": meta.sample_rate_hz,
        "window_samples": meta.window_samples,
        "dimension": meta.dimension,
        **{name: getattr(meta, name) for name in PRINT_FIELDS},
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
