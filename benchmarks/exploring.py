"""How long the questions of the page take over a large catalog, and how much they hold up others.

    python benchmarks/exploring.py --songs 100000 [--catalog DIR]

Makes a catalog of songs that exist in name only, with styles that lie like real ones do
(`annoy_recall.py`) and names of usual length, and asks what the page asks, without the network in
between. Beside each question a thread counts how late it wakes from sleeps of 2 ms: what a question
holds up the one who listens. Prints a table. DIR is kept, and used again when it is there.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import insert

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.annoy_recall import DIMENSION, made_styles
from catalog import schema
from catalog.catalog import Catalog
from catalog.favourites import Favourites
from catalog.meta import read_meta, write_meta
from catalog.settings import CatalogSettings
from catalog.similar import query_of_song
from catalog.songs import search_key
from encoder.embedding import EncoderSpec, PrintSpec
from realtime.nearest import nearest
from realtime.paths import path_between

WORDS = "love night blue river stone dance light heart old road moon summer rain fire dream gold"
GENRES = ("Rock", "Jazz", "Electronic", "Folk", "Hip Hop", "Classical", "Metal", "Pop", "Blues")
TAGS = tuple(f"tag {i}" for i in range(50))
PRINTS = PrintSpec("none", "0" * 64, 16_000, 16_000, 4_000, 64)
SPEC = EncoderSpec("none", "0" * 64, 16_000, 48_000, DIMENSION, TAGS, PRINTS)
REPEATS = 9
SLEEP_S = 0.002
BATCH = 10_000


def make(settings: CatalogSettings, songs: int) -> None:
    """Writes the catalog as `add` would have, and publishes its index."""
    rng = np.random.default_rng(1)
    with Catalog.open(settings, SPEC, create=True) as catalog:
        state, store = catalog._state, catalog._store
        state.style_file(state.meta).write(0, made_styles(songs, rng))
        state.tag_file(state.meta).write(0, rng.random((songs, len(TAGS)), np.float32))
        with store.write() as db:
            meta = read_meta(db)
            assert meta is not None
            for first in range(0, songs, BATCH):
                rows = [song(i, rng) for i in range(first, min(songs, first + BATCH))]
                db.execute(insert(schema.songs), rows)
            write_meta(db, replace(meta, next_row=songs, revision=1))
        catalog.refresh()
        catalog.publish(force=True)


def song(row: int, rng: np.random.Generator) -> dict[str, object]:
    """A row of the song table."""
    title = " ".join(rng.choice(WORDS.split(), rng.integers(1, 5))).title()
    artist = f"The {' '.join(rng.choice(WORDS.split(), 2)).title()} {rng.integers(20)}"
    album = " ".join(rng.choice(WORDS.split(), 2)).title()
    path = f"/home/someone/music/{artist}/{album}/{row:06} {title}.mp3"
    return {
        "id": row + 1,
        "path": path.encode(),
        "title": title,
        "artist": artist,
        "album": album,
        "genre": str(rng.choice(GENRES)),
        "duration_s": float(rng.uniform(120, 400)),
        "content_hash": f"{row:064x}",
        "size": 1,
        "mtime_ns": 1,
        "added_at": datetime.now(UTC).replace(tzinfo=None),
        "row": row,
        "first_segment": 0,
        "segments": 0,
        "group_id": row + 1,
        "search_key": search_key(title, artist, album, path),
        "revision": 1,
    }


def questions(catalog: Catalog, settings: CatalogSettings) -> dict[str, Callable[[int], object]]:
    """What the page asks, each for the n-th time."""
    count = catalog.count
    ids = np.arange(1, count + 1, dtype=np.int32)
    texts = ("love", "the blue", "moon river rain", "jazz", "nothing at all", "l", "someone")

    def song_of(n: int) -> int:
        return 1 + n * 7919 % count

    def find(order: str) -> Callable[[int], object]:
        return lambda n: catalog.page(texts[n % len(texts)], order=order, limit=50)  # type: ignore[arg-type]

    def stars(_: int) -> object:
        with Favourites(settings) as kept:
            return kept.songs()

    return {
        "`/scores`: one song against all": lambda n: catalog.cosines(song_of(n), ids),
        "`/similar?n=3`": lambda n: nearest(
            catalog, query_of_song(catalog, song_of(n)), k=3, per_artist=2
        ),
        "`/similar?n=50`": lambda n: nearest(
            catalog, query_of_song(catalog, song_of(n)), k=50, per_artist=2
        ),
        "`/songs?text=`, best first": find("match"),
        "`/songs?text=&order=artist`": find("artist"),
        "`/songs` by title, all": lambda _: catalog.page(order="title", limit=50),
        "`/songs` by title, last page": lambda _: catalog.page(
            order="title", limit=50, offset=count - 50
        ),
        "`/songs?ids=`, 500 of them": lambda n: catalog.get(range(n + 1, n + 501)),
        "`/path`, 10 songs": lambda n: path_between(catalog, song_of(n), song_of(n + 9), length=10),
        "`/path`, 50 songs": lambda n: path_between(catalog, song_of(n), song_of(n + 9), length=50),
        "`/stars`, 1,000 of them": stars,
    }


class Sleeper:
    """How late a thread wakes that sleeps while others work, in milliseconds at worst."""

    def __enter__(self) -> Sleeper:
        self.worst_ms = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sleep)
        self._thread.start()
        return self

    def _sleep(self) -> None:
        while not self._stop.is_set():
            begun = time.perf_counter()
            time.sleep(SLEEP_S)
            late_ms = 1000 * (time.perf_counter() - begun - SLEEP_S)
            self.worst_ms = max(self.worst_ms, late_ms)

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def main() -> None:
    """Makes the catalog, asks, prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=int, default=100_000)
    parser.add_argument("--catalog", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        settings = CatalogSettings(directory=asked.catalog or Path(scratch))
        if not (settings.directory / "catalog.sqlite").is_file():
            make(settings, asked.songs)
        with Favourites(settings) as stars, Catalog.open(settings, SPEC) as catalog:
            for star in range(1, 1001) if not stars.songs() else ():
                stars.add(star)
            over = f"over {catalog.count:,} songs"
            print(f"| {over} | processor, ms | median, ms | worst | others late |")
            print("|---|--:|--:|--:|--:|")
            for name, question in questions(catalog, settings).items():
                question(0)
                times, works = [], []
                with Sleeper() as sleeper:
                    for n in range(REPEATS):
                        begun, worked = time.perf_counter(), time.process_time()
                        question(n)
                        works.append(1000 * (time.process_time() - worked))
                        times.append(1000 * (time.perf_counter() - begun))
                work, median, worst = statistics.median(works), statistics.median(times), max(times)
                late = sleeper.worst_ms
                print(f"| {name} | {work:.0f} | {median:.0f} | {worst:.0f} | {late:.0f} |")


if __name__ == "__main__":
    main()
