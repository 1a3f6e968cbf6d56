"""How well taste is learnt from listening, and told from sound.

    python benchmarks/taste.py [--lastfm DIR] [--tasteprofile FILE] [--music CATALOG] --out FILE

First, on the listening of HetRec 2011's Last.fm and of a part of the Taste Profile: of each user's
items 20 % are held out for the test and 10 % for validation, for every seed anew; settings are
chosen on validation by mean average precision, figures are of the test part, over all items that
the user is not known to have played. Then, where music is at hand but no listening to it: listeners
are made up (``catalog.taste.listeners``), whose taste is known, of the songs in a catalog, which is
only read; songs are held out by artist, and nothing but their sound may tell who plays them.
Figures are means over seeds, and their standard deviation. Prints Markdown.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from catalog.catalog import Catalog
from catalog.datasets import Datasets, Listening
from catalog.imports.run import run_import
from catalog.reader import CatalogReader
from catalog.settings import CatalogSettings
from catalog.taste import fitting, learning
from catalog.taste.als import AlsSettings, factorise
from catalog.taste.inputs import KINDS, InputKind
from catalog.taste.listeners import ListenerSettings, MadeUp, made_up_listening
from catalog.taste.metrics import RankingFigures
from catalog.taste.model import TasteModel
from catalog.taste.splits import plays_of
from encoder.embedding import EncoderSpec, PrintSpec

COLUMNS = ("map", "recall", "ndcg", "auc")
HEARD = (0.0, 0.4, 0.7, 1.0)
NAMES = {
    fitting.ALS: "ALS, as fitted",
    fitting.LIKES: "ALS, mean cosine with the user's items (`recommend`)",
    fitting.DIRECTION: "ALS, cosine with the user's vector",
    fitting.NEIGHBOUR: "item k-NN",
    fitting.POPULARITY: "popularity",
    fitting.RANDOM: "random",
    "head style": "**head on style**",
    "head prints": "head on mean prints",
    "head both": "head on both",
    "tag-regression": "tag regression",
    "content-knn": "content k-NN",
    "true-factors": "upper bound: vectors from the plays themselves",
    "true-factors-direction": "the same, directions only",
    "generating": "the taste that made the plays",
}

Row = Mapping[str, float]


@dataclass(frozen=True)
class Trial:
    """One seed's figures by method, and what was chosen."""

    rows: Mapping[str, Row]
    about: Mapping[str, Any]


def row_of(found: RankingFigures) -> Row:
    return {name: getattr(found, name) for name in (*COLUMNS, "users")}


def table(trials: Sequence[Trial], order: Sequence[str], columns: Sequence[str]) -> Iterator[str]:
    heads = {"map": "mAP", "recall": f"recall@{fitting.K}", "ndcg": f"nDCG@{fitting.K}"}
    yield "| by | " + " | ".join(heads.get(name, "AUC") for name in columns) + " |"
    yield "|:--|" + "--:|" * len(columns)
    for method in order:
        values = {name: [trial.rows[method][name] for trial in trials] for name in columns}
        cells = [f"{np.mean(v):.4f} ± {np.std(v, ddof=1):.4f}" for v in values.values()]
        yield f"| {NAMES[method]} | " + " | ".join(cells) + " |"


def imported(kind: str, path: Path) -> Listening:
    """The listening of a dataset, by way of an empty catalog that is gone again."""
    prints = PrintSpec(
        name="none",
        fingerprint="0" * 64,
        sample_rate_hz=16_000,
        window_samples=16_000,
        stride_samples=8_000,
        dimension=2,
    )
    spec = EncoderSpec(
        name="none",
        fingerprint="0" * 64,
        sample_rate_hz=16_000,
        window_samples=16_000,
        style_dim=2,
        tags=("none",),
        prints=prints,
    )
    with tempfile.TemporaryDirectory() as folder:
        settings = CatalogSettings(directory=Path(folder))
        Catalog.open(settings, spec, create=True).close()
        with Datasets(settings) as datasets:
            run_import(kind, [path], datasets)
            return datasets.listening(kind)


def fitted(listening: Listening, kind: str, seed: int) -> Trial:
    """Chosen, fitted and judged with one seed."""
    begun_s = time.perf_counter()
    als = AlsSettings(seed=seed)
    model = fitting.fit_taste(listening, dataset=kind, als=als, seed=seed)
    whole_s = time.perf_counter() - begun_s
    chosen = AlsSettings(**{name: model.settings[name] for name in AlsSettings.model_fields})
    begun_s = time.perf_counter()
    factorise(plays_of(listening), chosen)
    fit_s = time.perf_counter() - begun_s
    rows = {
        name: {key: found[key] for key in (*COLUMNS, "users")}
        for name, found in model.figures["test"].items()
    }
    about = {**chosen.model_dump(), "k": model.figures["neighbours"]}
    print(f"{kind} seed {seed}: {about}, {whole_s:.0f} s", file=sys.stderr)
    return Trial(rows, {**about, "fit_s": fit_s, "whole_s": whole_s})


def report_fits(kind: str, title: str, path: Path, seeds: Sequence[int]) -> Iterator[str]:
    listening = imported(kind, path)
    trials = [fitted(listening, kind, seed) for seed in seeds]
    users = [int(trial.rows[fitting.ALS]["users"]) for trial in trials]
    order = [fitting.ALS, fitting.LIKES, fitting.DIRECTION]
    yield f"## {title}"
    yield ""
    yield (
        f"{len(listening.users):,} users, {len(listening.items):,} items, "
        f"{len(listening.plays):,} pairs; seeds {', '.join(map(str, seeds))}; judged on "
        f"{min(users):,} users, from whom something is held out."
    )
    yield ""
    rivals = [fitting.NEIGHBOUR, fitting.POPULARITY, fitting.RANDOM]
    yield from table(trials, order + rivals, COLUMNS)
    yield ""
    for seed, trial in zip(seeds, trials, strict=True):
        about = trial.about
        yield (
            f"- Seed {seed} chose {about['factors']} factors, regularization "
            f"{about['regularization']:g}, alpha {about['alpha']:g}, eps {about['eps']:g}; "
            f"{about['k']} neighbours. A fit to all takes {about['fit_s']:.1f} s on one core, "
            f"choosing, judging and fitting together {about['whole_s'] / 60:.1f} min."
        )
    yield ""


class Music:
    """Songs of a catalog, and listeners made up for them."""

    def __init__(self, catalog: CatalogReader) -> None:
        self.catalog = catalog
        self.songs = tuple(catalog.survey().ids.tolist())
        self.artists = learning.artists_of(catalog, self.songs)
        self.styles = catalog.styles(self.songs)[1]

    def listened(self, settings: ListenerSettings) -> MadeUp:
        keys = [str(song) for song in self.songs]
        artists = [artist or "" for artist in self.artists]
        return made_up_listening(keys, self.styles, artists, settings)

    def model(self, made: MadeUp, als: AlsSettings) -> TasteModel:
        """The songs and settings; `learning` makes vectors of its own from the training part."""
        count = len(self.songs)
        lines = {song: line for line, song in enumerate(self.songs)}
        factors, listeners = np.zeros((count, als.factors), np.float32), np.ones(count, np.int32)
        items = tuple(made.listening.items)
        return TasteModel("own", items, factors, listeners, lines, als.model_dump())

    def told(self, made: MadeUp, als: AlsSettings, seed: int, kinds: Sequence[InputKind]) -> Trial:
        rows: dict[str, Row] = {}
        for kind in kinds:
            model = self.model(made, als)
            material = learning.material_of(
                self.catalog, model, made.listening, kind=kind, seed=seed
            )
            found = learning.judge_cold_start(
                material, als, learning.tried_heads(seed), input=kind, seed=seed
            )
            rows |= {name: row_of(one) for name, one in found.methods.items()}
            rows[f"head {kind}"] = row_of(found.methods["head"])
        lines = np.array([self.songs.index(song) for song in material.songs])

        def truth(users: NDArray[np.int64]) -> NDArray[np.float32]:
            return made.chances[users][:, lines]

        rows["generating"] = row_of(learning.judged_on(material, truth, material.test))
        return Trial(rows, {"songs": len(material.test)})


def report_cold(folder: Path, seeds: Sequence[int]) -> Iterator[str]:
    """Songs that nobody has played, and how that depends on what can be heard of taste."""
    with Catalog.open(CatalogSettings(directory=folder), None) as catalog:
        music = Music(catalog)
        first = music.listened(ListenerSettings(seed=seeds[0]))
        chosen = fitting.fit_taste(first.listening, dataset="own", als=AlsSettings(), tune=True)
        als = AlsSettings(**{name: chosen.settings[name] for name in AlsSettings.model_fields})
        trials, plays = [], []
        for seed in seeds:
            made = music.listened(ListenerSettings(seed=seed))
            trial = music.told(made, als, seed, KINDS)
            print(f"cold seed {seed}: {trial.rows['head style']}", file=sys.stderr)
            trials.append(trial)
            plays.append(len(made.listening.plays))
        yield from _cold_by_method(music, seeds, als, trials, plays)
        yield from _cold_by_heard(music, seeds, als, trials)


def _cold_by_method(
    music: Music,
    seeds: Sequence[int],
    als: AlsSettings,
    trials: Sequence[Trial],
    plays: Sequence[int],
) -> Iterator[str]:
    made_by = ListenerSettings()
    yield "## Songs that nobody has played: made-up listeners of real music"
    yield ""
    yield (
        f"{len(music.songs)} songs of {len(set(music.artists))} artists (where none is named, "
        f"folders); {made_by.users:,} listeners, {np.mean(plays):,.0f} pairs. "
        f"{made_by.heard:.0%} of a song's taste follows from its sound by a random network "
        "that no head knows, half of the rest is its artist's and half its own. Seeds "
        f"{', '.join(map(str, seeds))} of listeners, of artists held out and of heads: "
        f"{', '.join(str(trial.about['songs']) for trial in trials)} songs were held out, "
        f"and judged on {', '.join(str(int(t.rows['random']['users'])) for t in trials)} "
        f"listeners who play any. {als.factors} factors, regularization "
        f"{als.regularization:g}, alpha {als.alpha:g}, eps {als.eps:g}: chosen on the "
        "validation part of the first seed's listeners."
    )
    yield ""
    order = ["head style", "head prints", "head both", "tag-regression", "content-knn"]
    rest = ["random", "true-factors", "true-factors-direction", "generating"]
    lines = list(table(trials, order + rest, ("map", "auc")))
    lines.insert(
        2 + len(order) + 1, "| popularity | undefined | undefined: nobody has played them |"
    )
    yield from lines
    yield ""


def _cold_by_heard(
    music: Music, seeds: Sequence[int], als: AlsSettings, trials: Sequence[Trial]
) -> Iterator[str]:
    """`trials` are those of the share that is heard by default."""
    cells = (
        ("head style", "map"),
        ("head style", "auc"),
        ("random", "map"),
        ("true-factors", "map"),
        ("true-factors", "auc"),
    )
    yield "The head on style, by how much of taste can be heard at all:"
    yield ""
    yield "| heard | head, mAP | head, AUC | random, mAP | upper bound, mAP | its AUC |"
    yield "|--:|--:|--:|--:|--:|--:|"
    for heard in HEARD:
        many = [trial.rows for trial in trials]
        if heard != ListenerSettings().heard:
            others = (ListenerSettings(seed=seed, heard=heard) for seed in seeds)
            many = [
                music.told(music.listened(one), als, one.seed, ["style"]).rows for one in others
            ]
        print(f"cold, {heard:.0%} heard", file=sys.stderr)
        means = [np.mean([rows[method][name] for rows in many]) for method, name in cells]
        yield f"| {heard:.0%} | " + " | ".join(f"{value:.3f}" for value in means) + " |"
    yield ""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="How well taste is learnt.")
    parser.add_argument("--lastfm", type=Path, help="folder of HetRec 2011's Last.fm")
    parser.add_argument("--tasteprofile", type=Path, help="file of triplets")
    parser.add_argument("--music", type=Path, help="folder of a catalog; it is only read")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--out", type=Path, help="also write the report here")
    asked = parser.parse_args(argv)
    lines: list[str] = []
    if asked.lastfm is not None:
        title = "Listening: HetRec 2011 Last.fm, artists"
        lines += report_fits("lastfm", title, asked.lastfm, asked.seeds)
    if asked.tasteprofile is not None:
        title = "Listening: a part of the Taste Profile, songs"
        lines += report_fits("tasteprofile", title, asked.tasteprofile, asked.seeds)
    if asked.music is not None:
        lines += report_cold(asked.music, asked.seeds)
    text = "\n".join(lines).rstrip() + "\n"
    print(text)
    if asked.out is not None:
        asked.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
