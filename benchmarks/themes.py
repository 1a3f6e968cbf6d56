"""How many themes there are, how stable they are, and what they are called.

    python benchmarks/themes.py --fma FOLDER --catalog CATALOG --out benchmarks/themes.md

FOLDER holds FMA's metadata with the Echo Nest's attributes, CATALOG any catalog of songs: it is
copied, and not written to.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from catalog.catalog import Catalog
from catalog.datasets import Datasets
from catalog.imports.run import run_import
from catalog.settings import CatalogSettings, ThemeSettings
from catalog.theme_building import build_themes
from catalog.theme_clusters import (
    MINI_BATCH_ROWS,
    Judged,
    best,
    centres_of,
    judged,
    nearest_centres,
)
from catalog.theme_file import Theme, Themes, themes_folder
from catalog.theme_material import Material, material_of

SEEDS = range(3)
LARGE = 100_000  # rows of the timed division in parts
SHOWN = 3


def figures_table(figures: Sequence[Judged], chosen: int) -> list[str]:
    """What each number of themes was found to be worth."""
    lines = [
        "| themes | silhouette | Davies-Bouldin | Calinski-Harabasz | stability | ± | mean rank |",
        "|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for one in figures:
        count = f"**{one.count}**" if one.count == chosen else str(one.count)
        lines.append(
            f"| {count} | {one.silhouette:.3f} | {one.davies_bouldin:.3f} | "
            f"{one.calinski_harabasz:.0f} | {one.stability:.2f} | {one.spread:.2f} | "
            f"{one.rank:.1f} |"
        )
    return lines


def seeds_line(material: Material, settings: ThemeSettings, chosen: int) -> str:
    """Which number other seeds choose, and how alike they divide the rows into that number."""
    from sklearn.metrics import adjusted_rand_score

    mean, spread = material.scaling()
    rows = np.asarray((material.rows - mean) / spread, np.float32)
    counts = range(settings.fewest, settings.most + 1)
    numbers = Counter(best(judged(rows, counts, seed=seed)) for seed in SEEDS)
    told = ", ".join(f"{count} ({times} times)" for count, times in sorted(numbers.items()))
    labels = [nearest_centres(rows, centres_of(rows, chosen, seed=seed)) for seed in SEEDS]
    alike = [
        adjusted_rand_score(one, other)
        for place, one in enumerate(labels)
        for other in labels[place + 1 :]
    ]
    return (
        f"Of {len(SEEDS)} seeds the numbers chosen were {told}. {chosen} themes by two seeds agree "
        f"with an adjusted Rand index of {np.mean(alike):.2f} (least {min(alike):.2f})."
    )


def described(theme: Theme) -> str:
    """A row of the table of themes."""
    telling = sorted(theme.profile, key=lambda one: -abs(one.score))[:SHOWN]
    profile = ", ".join(f"{one.name} {one.value:.2f} ({one.score:+.1f})" for one in telling)
    kinds = ", ".join(f"{one.name} {one.value:.2f}" for one in [*theme.genres, *theme.tags][:SHOWN])
    return f"| {theme.name} | {theme.songs} | {profile} | {kinds} |"


def section(title: str, catalog: Path, *, data: str | None) -> list[str]:
    """Themes of a catalog or of a dataset in it."""
    settings, wanted = CatalogSettings(directory=catalog), ThemeSettings()
    shutil.rmtree(themes_folder(settings), ignore_errors=True)
    by = "attributes" if data is not None else "style"
    wanted = wanted.model_copy(update={"by": by})
    with Catalog.open(settings, None) as opened:
        begun_s = time.perf_counter()
        made: Themes = build_themes(opened, wanted, data=data)
        seconds = time.perf_counter() - begun_s
        material = material_of(opened, by=None if data else "style", data=data)
    chosen = len(made.themes)
    return [
        f"## {title}",
        "",
        f"{made.facts.rows} rows, seed 0, {seconds:.0f} s for all of it.",
        "",
        *figures_table(made.facts.figures, chosen),
        "",
        seeds_line(material, wanted, chosen),
        "",
        "| theme | rows | attributes furthest from the mean | genres and tags that tell it |",
        "|---|--:|---|---|",
        *(described(theme) for theme in made.themes),
        "",
    ]


def in_parts() -> list[str]:
    """Time of a division in parts, and how it compares with one of all rows at once."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(0)
    middles = rng.normal(size=(40, 64))
    rows = middles[rng.integers(0, 40, LARGE)] + 0.7 * rng.normal(size=(LARGE, 64))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    begun_s = time.perf_counter()
    centres = centres_of(rows, 20, seed=0)
    seconds = time.perf_counter() - begun_s
    begun_s = time.perf_counter()
    with threadpool_limits(1):
        whole = KMeans(20, n_init=1, random_state=0).fit(rows)
    whole_seconds = time.perf_counter() - begun_s
    squares = np.square(rows - centres[nearest_centres(rows, centres)]).sum()
    return [
        "## Large catalogs",
        "",
        f"Beyond {MINI_BATCH_ROWS:,} rows centres are found by mini-batch k-means. {LARGE:,} made "
        f"unit vectors of 64 numbers, 20 themes: {seconds:.1f} s, and the rows lie "
        f"{squares / whole.inertia_ - 1:+.1%} from their centres (sum of squares) against k-means "
        f"of all at once from one start, which takes {whole_seconds:.1f} s.",
        "",
    ]


def report(fma: Path, catalog: Path) -> str:
    """The whole report."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "catalog"
        shutil.copytree(catalog, copy)
        paths = [path for path in sorted(fma.iterdir()) if path.suffix in (".csv", ".json")]
        with Datasets(CatalogSettings(directory=copy)) as datasets:
            run_import("fma", paths, datasets)
        with Catalog.open(CatalogSettings(directory=copy), None) as opened:
            encoder = opened.info().encoder
        sections = [
            *section("The Echo Nest's attributes of FMA", copy, data="fma"),
            *section(
                f"How the songs of a real catalog sound (styles by {encoder})", copy, data=None
            ),
        ]
    return "\n".join(
        [
            "# Themes",
            "",
            "`python benchmarks/themes.py --fma FOLDER --catalog CATALOG`",
            "",
            "`nowhear themes build` tries every number from 3 to 20 and takes the one with the "
            "best mean rank by four measures: silhouette (of 4,000 rows), Davies-Bouldin, "
            "Calinski-Harabasz, and stability: the mean adjusted Rand index between the divisions "
            "that two halves of the rows make of all, over 5 pairs of halves (± their deviation). "
            "A silhouette below 0.25 says that there are no separate clusters: music is a "
            "continuum, and themes are regions of it; what speaks for a number is above all that "
            "other songs would give the same themes. Of more than 10,000 rows so many, drawn at "
            "random, are judged.",
            "",
            *sections,
            *in_parts(),
        ]
    )


def main() -> None:
    """Measures and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fma", type=Path, required=True)
    parser.add_argument("--catalog", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    text = report(asked.fma, asked.catalog)
    if asked.out is None:
        print(text)
    else:
        asked.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
