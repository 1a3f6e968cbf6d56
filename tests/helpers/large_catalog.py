"""A catalog of thousands of songs that exist in name and style only, made in a second or two."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert

from catalog import schema
from catalog.catalog import Catalog
from catalog.map_building import build_map
from catalog.meta import read_meta, write_meta
from catalog.settings import CatalogSettings, MapSettings
from catalog.songs import search_key
from encoder.embedding import EncoderSpec

GENRES = ("Rock", "Jazz", "Electronic", "Folk", "Hip Hop", "Classical", "Metal")
CLUSTERS = 40
SPREAD = 0.5
"""Of the songs in a cluster, against 1 of the clusters."""


def title_of(song: int) -> str:
    return f"Tune {song:05}"


def make_large_catalog(folder: Path, spec: EncoderSpec, *, songs: int) -> NDArray[np.float32]:
    """Fills a catalog as `add` would have, and draws its map by principal axes, which is quick.

    Each song has an artist of its own. Returns the styles (songs, style_dim), of unit length; the
    song of row i has the id i + 1.
    """
    rng = np.random.default_rng(4)
    styles = rng.normal(size=(CLUSTERS, spec.style_dim))[rng.integers(0, CLUSTERS, songs)]
    styles += SPREAD * rng.normal(size=styles.shape)
    unit = (styles / np.linalg.norm(styles, axis=1, keepdims=True)).astype(np.float32)
    # `Catalog.insert` takes milliseconds for each song, to look for its near-duplicates.
    with Catalog.open(CatalogSettings(directory=folder), spec, create=True) as catalog:
        state, store = catalog._state, catalog._store
        state.style_file(state.meta).write(0, unit)
        tags = rng.random((songs, len(spec.tags)), np.float32)
        state.tag_file(state.meta).write(0, tags)
        with store.write() as db:
            meta = read_meta(db)
            assert meta is not None
            db.execute(insert(schema.songs), [_row(song) for song in range(1, songs + 1)])
            write_meta(db, replace(meta, next_row=songs, revision=1))
        catalog.refresh()
        build_map(catalog, MapSettings(method="pca"))
    return unit


def _row(song: int) -> dict[str, object]:
    title, artist, path = title_of(song), f"Band {song:05}", f"/music/{song:05}.mp3"
    return {
        "id": song,
        "path": path.encode(),
        "title": title,
        "artist": artist,
        "genre": GENRES[song % len(GENRES)],
        "duration_s": 200.0,
        "content_hash": f"{song:064x}",
        "size": 1,
        "mtime_ns": 1,
        "added_at": datetime.now(UTC).replace(tzinfo=None),
        "row": song - 1,
        "first_segment": 0,
        "segments": 0,
        "group_id": song,
        "search_key": search_key(title, artist, None, path),
        "revision": 1,
    }
