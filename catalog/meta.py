"""What the whole catalog rests on: the `meta` table as a value, and what must agree with it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy import insert as sql_insert

from encoder.embedding import PRINT_HOP_SAMPLES, EncoderSpec
from encoder.peaks import PEAK_FORMAT, PEAKS_PER_SEGMENT

from . import schema
from .errors import ManifestError, StoreError

FORMAT_VERSION = 3
"""Raised when the tables or the vector files change so that older code would misread them.

1: styles and tags. 2: segments as well (`songs.first_segment`, `songs.segments`, `prints.i8`).
3: peaks as well (`peaks.u16`).
"""

WITHOUT = {1: "the segments that name a song", 2: "the peaks that prove a song"}
"""What the formats that `catalog.migration` mends are without."""

PRINT_FIELDS = (
    "print_fingerprint",
    "print_name",
    "print_dimension",
    "print_sample_rate_hz",
    "print_window_samples",
    "print_stride_samples",
    "print_hop_samples",
)
PEAK_FIELDS = ("peak_format", "peaks_per_segment")
ENCODER_FIELDS = ("fingerprint", "encoder", "dimension", "sample_rate_hz", "window_samples")

METRIC = "angular"
REMEDY = "`nowhear add --rebuild` embeds them again"


@dataclass(frozen=True)
class Meta:
    """What the whole catalog rests on, and two counters."""

    format_version: int
    catalog: str  # drawn at random when the catalog was made
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
    print_hop_samples: int  # from one segment of a song to the next
    peak_format: int  # `encoder.peaks.PEAK_FORMAT`
    peaks_per_segment: int
    metric: str
    tags: tuple[str, ...]
    epoch: int  # raised when all songs are embedded again; names the folder of the vectors
    next_row: int  # rows of the style and tag files that count
    next_segment: int  # rows of the files of prints and of peaks that count
    revision: int  # raised by every transaction that writes

    @classmethod
    def of(cls, spec: EncoderSpec) -> Meta:
        """Meta of a new, empty catalog."""
        prints = spec.prints
        return cls(
            format_version=FORMAT_VERSION,
            catalog=secrets.token_hex(8),
            encoder=spec.name,
            fingerprint=spec.fingerprint,
            sample_rate_hz=spec.sample_rate_hz,
            window_samples=spec.window_samples,
            dimension=spec.style_dim,
            print_name=prints.name,
            print_fingerprint=prints.fingerprint,
            print_sample_rate_hz=prints.sample_rate_hz,
            print_window_samples=prints.window_samples,
            print_stride_samples=prints.stride_samples,
            print_dimension=prints.dimension,
            print_hop_samples=PRINT_HOP_SAMPLES,
            peak_format=PEAK_FORMAT,
            peaks_per_segment=PEAKS_PER_SEGMENT,
            metric=METRIC,
            tags=tuple(spec.tags),
            epoch=1,
            next_row=0,
            next_segment=0,
            revision=0,
        )

    def restarted(self, spec: EncoderSpec) -> Meta:
        """The same catalog, about to be embedded again by `spec`."""
        fresh = Meta.of(spec)
        return fresh.going_on(catalog=self.catalog, epoch=self.epoch, revision=self.revision)

    def going_on(self, *, catalog: str, epoch: int, revision: int) -> Meta:
        """This meta for a catalog that was at `epoch` and `revision`, and begins the next."""
        return replace(self, catalog=catalog, epoch=epoch + 1, revision=revision + 1)

    def check(self, spec: EncoderSpec) -> None:
        """Raises `ManifestError` when the songs were embedded by another encoder than `spec`, or
        their peaks are others than are found now."""
        wanted = Meta.of(spec)
        for name in (*ENCODER_FIELDS, *PRINT_FIELDS):
            stored, now = getattr(self, name), getattr(wanted, name)
            if stored != now:
                of_prints = name in PRINT_FIELDS
                maker = "print_name" if of_prints else "encoder"
                raise ManifestError(
                    f"the catalog's {'prints were made' if of_prints else 'songs were embedded'} "
                    f"with {name} {stored!r} (encoder {getattr(self, maker)!r}), but the encoder "
                    f"in force has {name} {now!r} (encoder {getattr(wanted, maker)!r}); {REMEDY}"
                )
        for name in PEAK_FIELDS:
            stored, now = getattr(self, name), getattr(wanted, name)
            if stored != now:
                raise ManifestError(
                    f"the catalog's peaks were found with {name} {stored!r}, but this nowhear has "
                    f"{name} {now!r}; {REMEDY}"
                )

    def is_of(self, spec: EncoderSpec) -> bool:
        """Whether `check` finds nothing wrong."""
        try:
            self.check(spec)
        except ManifestError:
            return False
        return True


def read_meta(connection: Connection) -> Meta | None:
    """The `meta` rows; None before the catalog is made. Raises `ManifestError`, `StoreError`."""
    found = meta_values(connection)
    if not found:
        return None
    if found.get("format_version") != FORMAT_VERSION:
        raise _another_format(found.get("format_version"))
    if wrong := _wrong(found):
        raise damaged(wrong)
    return Meta(**{**found, "tags": tuple(found["tags"])})


def meta_values(connection: Connection) -> dict[str, Any]:
    """The `meta` rows as they are; a damaged value is None."""
    return {key: _value(value) for key, value in connection.execute(select(schema.meta))}


def damaged(keys: Sequence[str]) -> StoreError:
    """The error of a `meta` table that is wrong at `keys`."""
    return StoreError(
        f"the catalog's table `meta` is damaged at {', '.join(keys)}; put back a copy of the "
        "database, or move the catalog's folder away and add again"
    )


def _another_format(found: object) -> ManifestError:
    if isinstance(found, int) and found in WITHOUT:
        return ManifestError(
            f"the catalog has format version {found}, without {WITHOUT[found]}; this nowhear reads "
            f"version {FORMAT_VERSION}: `nowhear add --rebuild` embeds its songs again, which keep "
            "their ids"
        )
    return ManifestError(
        f"the catalog has format version {found}, this nowhear reads version {FORMAT_VERSION}; use "
        "the nowhear that wrote it, or make a new catalog with `nowhear add --catalog DIR PATH...`"
    )


def _value(text: str) -> Any:
    """What a value of `meta` says; None, which stands for nothing there, when it is damaged."""
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None


def _wrong(found: dict[str, Any]) -> list[str]:
    """Keys of `meta` that are missing, unknown, or of another type."""
    types = {"int": int, "str": str, "tuple[str, ...]": list}
    wanted = {field.name: types[str(field.type)] for field in fields(Meta)}
    missing = [name for name, kind in wanted.items() if not isinstance(found.get(name), kind)]
    return missing + sorted(set(found) - set(wanted))


def write_meta(connection: Connection, meta: Meta) -> None:
    """Replace the `meta` rows."""
    connection.execute(delete(schema.meta))
    rows = [{"key": key, "value": json.dumps(value)} for key, value in asdict(meta).items()]
    connection.execute(sql_insert(schema.meta), rows)
