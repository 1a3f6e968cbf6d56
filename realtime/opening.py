"""A recognizer over a catalog on disk, for programs that embed nowhear."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from catalog.catalog import Catalog
from encoder.embedding import load_encoder

from .recognizer import Recognizer
from .settings import Settings


@contextmanager
def open_recognizer(
    catalog: str | PathLike[str] | None = None, *, settings: Settings | None = None
) -> Iterator[Recognizer]:
    """A `Recognizer` that hears with the encoder and searches the catalog in folder `catalog`.

    Without `catalog` it is the settings' own; without `settings` they are the defaults. Feed it
    mono float32 blocks at 16 kHz (`encoder.audio.StreamResampler` makes them of any others).

    Raises `catalog.errors.CatalogError`: there is no catalog, or it was made with other weights.
    `encoder.errors.EncoderError`: the weights or the device cannot be used.
    """
    in_force = settings or Settings()
    where = in_force.catalog
    if catalog is not None:
        where = where.model_copy(update={"directory": Path(catalog)})
    encoder = load_encoder(in_force.encoder)
    with Catalog.open(where, encoder.spec) as songs:
        yield Recognizer(
            encoder.spec,
            embed=encoder.embed,
            search=songs.search,
            songs=songs.get,
            settings=in_force.listen,
        )
