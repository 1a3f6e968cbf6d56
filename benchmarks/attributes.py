"""Genre from the Echo Nest's attributes on FMA, and attributes from style on made ones.

    python benchmarks/attributes.py --fma FOLDER --catalog CATALOG --out benchmarks/attributes.md

FOLDER holds FMA's metadata: `tracks.csv` or parts of it, and `echonest.json` or `echonest.csv`.
CATALOG is any catalog of songs, of which the styles alone are used; without it the second part is
left out. Nothing is written to either.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from catalog.attribute_genres import HIDDEN, GenreLesson, learn_genres
from catalog.attribute_heads import LEAST_SONGS, figures_of, fitted
from catalog.catalog import Catalog
from catalog.datasets import Datasets, Track
from catalog.imports.run import run_import
from catalog.kept_attributes import ATTRIBUTES, dataset_attributes
from catalog.learning.splits import divide
from catalog.settings import CatalogSettings
from encoder.embedding import EncoderSpec, PrintSpec

SEEDS = range(5)
DIVISIONS = range(10)
SHARES = (0.9, 0.7, 0.5)
"""How much of a made attribute's variance its style settles; the rest is noise."""

Z = 1.96  # of 95 %


def tracks_of(folder: Path, only: str | None) -> tuple[list[Track], NDArray[np.float32]]:
    """Tracks with attributes, of one file of tracks or of all, imported into a fresh catalog."""
    with tempfile.TemporaryDirectory() as place:
        settings = CatalogSettings(directory=Path(place))
        prints = PrintSpec("none", "0" * 64, 8000, 8000, 2000, 2)
        spec = EncoderSpec("none", "0" * 64, 8000, 8000, 2, ("none",), prints)
        Catalog.open(settings, spec, create=True).close()
        names = ("echonest*", "*genres*.csv", only or "tracks*.csv")
        paths = [path for name in names for path in sorted(folder.glob(name))]
        with Datasets(settings) as datasets:
            run_import("fma", paths, datasets)
        return dataset_attributes(settings, "fma")


def interval(share: float, count: int) -> str:
    """Wilson's 95 % interval (J. Am. Stat. Ass. 22, 1927)."""
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * np.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return f"{middle - half:.3f} to {middle + half:.3f}"


def table(lessons: Sequence[GenreLesson], *, intervals: bool) -> list[str]:
    """Means over the lessons, and how far accuracy spreads."""
    heads = ("way", "accuracy", "±", *(("95 %",) if intervals else ()), "balanced", "log loss")
    lines = [f"| {' | '.join((*heads, 'calibration error'))} |", f"|---|{'--:|' * len(heads)}"]
    for number, way in enumerate(lessons[0].ways):
        ways = [lesson.ways[number] for lesson in lessons]
        right = np.array([one.test.accuracy for one in ways])
        told = [f"{right.mean():.3f}", f"{right.std():.3f}"]
        told += [interval(float(right.mean()), way.test.tracks)] if intervals else []
        told += [f"{np.mean([one.test.balanced_accuracy for one in ways]):.3f}"]
        told += [f"{np.mean([one.log_loss for one in ways]):.3f}"]
        told += [f"{np.mean([one.calibration for one in ways]):.3f}"]
        lines.append(f"| {way.method} | {' | '.join(told)} |")
    return lines


def official(name: str, tracks: list[Track], values: NDArray[np.float32]) -> list[str]:
    """The table on the official split."""
    lessons = [learn_genres(tracks, values, seed=seed) for seed in SEEDS]
    material = lessons[0].material
    counts = [len(material.divided.rows(s)) for s in ("training", "validation", "test")]
    recall = lessons[0].ways[0].test
    told = ", ".join(
        f"{genre} {'none' if np.isnan(value) else f'{value:.2f}'} ({count})"
        for genre, value, count in zip(
            recall.names, recall.recall, recall.confusion.sum(axis=1), strict=True
        )
    )
    return [
        f"**{name}**: {sum(counts)} tracks with attributes and a genre, {len(material.names)} "
        f"genres; {counts[0]} to learn from, {counts[1]} to tune on, {counts[2]} to test on; "
        f"{material.divided.filtered} left out by the artist filter.",
        "",
        *table(lessons, intervals=True),
        "",
        f"Recall of the network, seed 0, with the number of test tracks: {told}.",
        "",
    ]


def divisions(tracks: list[Track], values: NDArray[np.float32]) -> list[str]:
    """The table over divisions by artist."""
    plain = [replace(track, split=None) for track in tracks]
    lessons = [learn_genres(plain, values, seed=seed) for seed in DIVISIONS]
    tested = [len(lesson.material.divided.rows("test")) for lesson in lessons]
    network = np.array([lesson.ways[0].test.accuracy for lesson in lessons])
    ahead = []
    for number, way in enumerate(lessons[0].ways[1:], start=1):
        apart = network - np.array([lesson.ways[number].test.accuracy for lesson in lessons])
        ahead.append(f"{way.method} {apart.mean():+.3f} ± {apart.std():.3f}")
    return [
        f"The same tracks divided anew by artist, 80 : 10 : 10, {len(DIVISIONS)} times (seeds 0 to "
        f"{len(DIVISIONS) - 1}), {min(tested)} to {max(tested)} test tracks each:",
        "",
        *table(lessons, intervals=False),
        "",
        f"The network is ahead of each, in the same divisions, by: {'; '.join(ahead)}.",
        "",
    ]


def from_style(catalog: Path) -> list[str]:
    """Made attributes told from the real styles of songs."""
    with Catalog.open(CatalogSettings(directory=catalog), None) as opened:
        survey = opened.survey()
        styles = np.array(survey.styles[survey.rows], np.float32)
        songs = opened.get(survey.ids.tolist())
        artists = [songs[song].artist for song in survey.ids.tolist()]
        encoder = opened.info().encoder
    lines = ["| variance that style settles | told of songs not learnt from |", "|--:|--:|"]
    tested = 0
    for share in SHARES:
        found = []
        for seed in SEEDS:
            values = made_attributes(styles, share, seed)
            split = divide(artists, [None] * len(styles), seed=seed)
            parts = [split.rows(name) for name in ("training", "validation", "test")]
            rows = [(styles[part], values[part]) for part in parts]
            head = fitted(rows[0], rows[1], fingerprint="made", seed=seed)
            found += [one.r2 for one in figures_of(head, rows[0][1], *rows[2])]
            tested = max(tested, len(parts[2]))
        lines.append(f"| {share:.0%} | {np.mean(found):.0%} ± {np.std(found):.0%} |")
    return [
        f"{len(styles)} songs, styles by {encoder}, divided by artist (up to {tested} tested):",
        "",
        *lines,
        "",
    ]


def made_attributes(styles: NDArray[np.float32], share: float, seed: int) -> NDArray[np.float32]:
    """Eight attributes: random directions of the styles' variance, and noise."""
    rng = np.random.default_rng(seed)
    centred = styles - styles.mean(axis=0)
    plain = centred @ rng.normal(size=(styles.shape[1], len(ATTRIBUTES)))
    plain = plain / plain.std(axis=0) * np.sqrt(share)
    values: NDArray[np.float64] = 0.5 + 0.12 * (
        plain + np.sqrt(1 - share) * rng.normal(size=plain.shape)
    )
    values[:, ATTRIBUTES.index("tempo")] *= 200
    return values.astype(np.float32)


def report(fma: Path, catalog: Path | None) -> str:
    """The whole report."""
    tracks, values = tracks_of(fma, "tracks_fma_small.csv")
    every, every_values = tracks_of(fma, None)
    given = " ".join(("--fma FOLDER", *(() if catalog is None else ("--catalog CATALOG",))))
    lines = [
        "# Attributes",
        "",
        f"`python benchmarks/attributes.py {given}`",
        "",
        "## Genre from the Echo Nest's eight attributes",
        "",
        "FMA's tracks with their official split and an artist filter. The network has one hidden "
        f"layer ({' or '.join(map(str, HIDDEN))} units, chosen on the validation split) over "
        "the attributes and their log odds; the others get the same input and are tuned on the "
        f"same split. Means over {len(SEEDS)} seeds, ± the deviation between them; 95 % is "
        "Wilson's interval of one such test. Balanced: mean recall of the genres, 0.125 by chance. "
        "Nothing was chosen by the test split.",
        "",
        *official("fma_small", tracks, values),
        *divisions(tracks, values),
        *official("fma_small and the rows of `tracks_truncated.csv`", every, every_values),
        "## Attributes from style",
        "",
        "No song at hand has both, sound and attributes, so no head is shipped, and how well the "
        "Echo Nest's attributes are told from style is **not known**. What is proved is the way: "
        "attributes that were made from real styles (a random direction of them, plus noise) are "
        f"told again by the heads of `nowhear attributes train`, which needs {LEAST_SONGS} songs. "
        "The share of the variance that is told cannot be larger than what style settles; the "
        "directions are hard ones, since all of the style's axes count alike.",
        "",
        *(["(no catalog was given)"] if catalog is None else from_style(catalog)),
    ]
    return "\n".join(lines)


def main() -> None:
    """Measures and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fma", type=Path, required=True)
    parser.add_argument("--catalog", type=Path)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    text = report(asked.fma, asked.catalog)
    if asked.out is None:
        print(text)
    else:
        asked.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
