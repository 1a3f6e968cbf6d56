"""How well the names of a dataset join with those of songs, for each threshold of likeness.

    python benchmarks/joins.py [--data ../shared/data] [--seed 0] [--out benchmarks/joins.md]

Half of the artists of the tables at hand, those that the threshold was not chosen on; a catalog of
2,000 songs, half of which the dataset has not; each name with one or two made faults (letters left
out, swapped, changed, put in; case, accents, articles, guests, editions, punctuation).
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.reporting import show
from catalog.datasets import Track
from catalog.imports import join
from catalog.imports.names import name_of
from catalog.songs import Song

CATALOG_SONGS = 2000
TRIALS = 5

Pair = tuple[str, str]


def real_names(data: Path) -> list[Pair]:
    """Artists and titles of the tables at hand."""
    found: set[Pair] = set()
    tables = (
        ("spotify/SpotifyFeatures_partial.csv", 1, 2, 18),
        ("msd/msd_subset.csv", 2, 33, 35),
        ("fma/tracks_fma_small.csv", 3, 5, 12),
    )
    for name, artist, title, columns in tables:
        with (data / name).open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if len(row) == columns]
        found.update((row[artist], row[title]) for row in rows[1:])
    return sorted(pair for pair in found if all(pair))


def with_typo(rng: random.Random, text: str) -> str:
    if len(text) < 4:  # nothing would be left to know it by
        return text
    at = rng.randrange(1, len(text) - 1)
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return rng.choice(
        [
            text[:at] + text[at + 1 :],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            text[:at] + letter + text[at + 1 :],
            text[:at] + letter + text[at:],
        ]
    )


def without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


def bare(text: str) -> str:
    return text.replace("&", "and").translate(str.maketrans("-", " ", "'.,"))


def faulty(rng: random.Random, pair: Pair) -> Pair:
    """A name with one or two faults."""
    faults: list[Callable[[str, str], Pair]] = [
        lambda artist, title: (with_typo(rng, artist), title),
        lambda artist, title: (artist, with_typo(rng, title)),
        lambda artist, title: (artist.upper(), title.lower()),
        lambda artist, title: (without_accents(artist), without_accents(title)),
        lambda artist, title: (artist, f"{title} (Remastered 2011)"),
        lambda artist, title: (artist, f"{title} - Remastered"),
        lambda artist, title: (f"{artist} feat. Somebody Else", title),
        lambda artist, title: (artist, f"{title} [feat. Somebody Else]"),
        lambda artist, title: (
            f"{artist[4:]}, The" if artist.startswith("The ") else f"The {artist}",
            title,
        ),
        lambda artist, title: (bare(artist), bare(title)),
    ]
    for fault in rng.sample(faults, rng.choice([1, 2])):
        pair = fault(*pair)
    return pair


def joined_names(pairs: list[Pair], least: float, *, seed: int) -> tuple[int, int, int, int]:
    """Joins that are right and wrong, songs found, and songs that could be."""
    rng = random.Random(seed)
    shuffled = rng.sample(pairs, len(pairs))
    half = len(shuffled) // 2
    there, absent = shuffled[:half], shuffled[half:]
    chosen = rng.sample(there, CATALOG_SONGS // 2) + rng.sample(absent, CATALOG_SONGS // 2)
    now = datetime.now(UTC)
    songs = []
    for number, pair in enumerate(chosen):
        artist, title = faulty(rng, pair)
        path = Path(f"/{number}.mp3")
        songs.append(Song(number, path, title, artist, None, None, None, 1.0, "", now, number))
    join.LEAST_LIKENESS = least
    names, ratio = join.Names(songs), join.fuzzy_ratio()
    found = {}
    for artist, title in there:
        track = Track("made", f"{artist}\0{title}", title=title, artist=artist)
        if (best := names.best(track, ratio)) is not None:
            found[track.key] = best
    right, wrong, hit = 0, 0, set()
    for key, song in join._best_of_each_song(found).items():
        artist, title = key.split("\0")
        if name_of(artist, title) == name_of(*chosen[song]):
            right += 1
            hit.add(song)
        else:
            wrong += 1
    return right, wrong, len(hit), CATALOG_SONGS // 2


def likenesses(data: Path, *, seed: int) -> Iterator[str]:
    """A row for each threshold, on artists that it was not chosen on."""
    pairs = real_names(data)
    artists = sorted({artist for artist, _ in pairs})
    random.Random(seed).shuffle(artists)
    others = set(artists[len(artists) // 2 :])
    held_out = [pair for pair in pairs if pair[0] in others]
    for least in (0.75, 0.8, 0.85, 0.88, 0.9, 0.95):
        trials = [joined_names(held_out, least, seed=seed + trial) for trial in range(TRIALS)]
        right, wrong, hit, could = (sum(column) for column in zip(*trials, strict=True))
        yield (
            f"| {least:.2f} | {right + wrong:,} | {right / (right + wrong):.4f} | "
            f"{hit / could:.3f} |"
        )


def report(data: Path, *, seed: int) -> Iterator[str]:
    yield "# Joins by artist and title\n"
    yield f"Made by `python benchmarks/joins.py --seed {seed}`, {TRIALS} trials."
    yield (__doc__ or "").split("\n\n", 2)[2]
    yield "| least likeness | joins | of them right | songs found |\n|---|---|---|---|"
    yield from likenesses(data, seed=seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    show(report(args.data, seed=args.seed), out=args.out)


if __name__ == "__main__":
    main()
