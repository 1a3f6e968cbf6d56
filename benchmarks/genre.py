"""Genres and tags told from styles, from features and by the tuned network, artists held apart.

    python benchmarks/genre.py FOLDER... --cache DIR [--divisions 10] [--tune-s 240] [--out FILE]

FOLDERs are made by `tools/fma_folder.py`. Each is imported as `nowhear import fma` and `msd` do,
into two catalogs in --cache, one of the teacher's styles and one of the small network's, whose
answers are kept there. Prints Markdown.

Tracks are divided by artist into training, validation and test, several times with other seeds;
what is chosen (weight decay, epoch) is chosen by validation. The network is tuned once, for at most
so many seconds, on the division of the folder's own tables.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from catalog.catalog import Catalog
from catalog.datasets import Datasets
from catalog.imports.run import run_import
from catalog.learning.comparing import Outcome
from catalog.learning.figures import ClassFigures, LabelFigures
from catalog.learning.lesson import Vectors, by_features, by_style, files_of, imported, learn
from catalog.learning.material import Material, genre_material, tag_material
from catalog.learning.splits import SPLITS, Divided
from catalog.learning.tuning import tuned
from catalog.settings import CatalogSettings
from encoder.embedding import Encoder, load_encoder
from encoder.settings import EncoderSettings, StyleChoice
from tools.fma_folder import splits

HEAD = """\
# Genres and tags

`{command}`: what `nowhear train genre` and `train tags` find on free music laid out as FMA's folder
and as Last.fm's tags by `tools/fma_folder.py`, as no audio of FMA or of the Million Song Dataset is
here. Clips of 30 s. No artist stands in two splits, in any table.

These tables prove the path: import, styles, splits, heads, fine-tuning, figures. They say little of
genres at large. `fma` are the genres that the files themselves name, of which two (Soundtrack,
Game) are no kinds of music; `games` are eight games' soundtracks, which stand in for eight genres.
When the audio is there, the marks to beat on FMA small (8 genres, official split) are 0.57 (VGG16
of Neural Notes), and 0.592 by k-NN and 0.643 by a probe, published for Dasheng. The 518 made
features have the shape of FMA's `features.csv` and hold statistics of 74 mel bands.
"""

LEAST = 5
SEED = 1
STYLES: tuple[StyleChoice, ...] = ("teacher", "network")


@dataclass(frozen=True)
class Asked:
    folder: Path
    cache: Path
    divisions: int
    tune_s: float
    threads: int


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def opened(asked: Asked, style: str, encoder: Encoder) -> CatalogSettings:
    """The catalog of a folder and a style, with both datasets imported."""
    settings = CatalogSettings(directory=asked.cache / f"{asked.folder.name}-{style}")
    with Catalog.open(settings, encoder.spec, create=True):
        pass
    with Datasets(settings) as datasets:
        names = [info.name for info in datasets.names()]
        for kind, part in (("fma", "fma_metadata fma_small"), ("msd", "msd")):
            if kind not in names:
                run_import(kind, [asked.folder / each for each in part.split()], datasets)
    return settings


def heard(asked: Asked, settings: CatalogSettings, encoder: Encoder, material: Material) -> Vectors:
    with Catalog.open(settings, encoder.spec) as catalog:

        def tell(done: int, total: int, what: str) -> None:
            if done % 10 == 0:
                say(f"{asked.folder.name}, {encoder.spec.name}: {done} of {total}, {what}")

        vectors = by_style(material, catalog, encoder, hop_s=settings.hop_s, tell=tell)
    for key, why in vectors.skipped:
        say(f"skipped {key}: {why}")
    return vectors


def divided_anew(vectors: Vectors, seed: int) -> Vectors:
    """The same tracks, their artists dealt out by another seed."""
    material = vectors.material
    rows = [
        SimpleNamespace(number=row, artist=track.artist, genre=material.names[material.y[row]])
        for row, track in enumerate(material.tracks)
    ]
    split: dict[int, str] = splits(rows, seed=seed)  # type: ignore[arg-type]
    places = np.array([SPLITS.index(split[row]) for row in range(len(rows))], np.int8)
    divided = Divided(places, official=0, filtered=0, nameless=0)
    return replace(vectors, material=replace(material, divided=divided))


def majority(material: Material) -> float:
    """Accuracy of who always says the genre that is commonest in training."""
    learnt, asked = (material.y[material.divided.rows(split)] for split in ("training", "test"))
    commonest = Counter(learnt.tolist()).most_common(1)[0][0]
    return float((asked == commonest).mean())


def table_of(rows: dict[tuple[str, str], list[Any]]) -> list[str]:
    """Mean and deviation over the divisions of accuracy and mean recall."""
    lines = ["| vectors | method | test accuracy | mean recall |", "|---|---|--:|--:|"]
    for (vectors, method), figures in rows.items():
        parts = ([f.accuracy for f in figures], [f.balanced_accuracy for f in figures])
        cells = [f"{np.mean(part):.3f} ± {np.std(part):.3f}" for part in parts]
        lines.append(f"| {vectors} | {method} | {cells[0]} | {cells[1]} |")
    return lines


def confusion(figures: Sequence[Any]) -> list[str]:
    """The divisions' tests together: recall and what was told instead."""
    names = figures[0].names
    total = sum(f.confusion for f in figures)
    lines = ["| genre | recall | " + " | ".join(str(n + 1) for n in range(len(names))) + " |"]
    lines.append("|---|--:|" + "--:|" * len(names))
    for row, name in enumerate(names):
        recall = total[row, row] / max(1, total[row].sum())
        cells = " | ".join(str(count) for count in total[row])
        lines.append(f"| {row + 1} {name} | {recall:.2f} | {cells} |")
    return lines


def genres(asked: Asked, by_name: dict[str, Vectors]) -> list[str]:
    """All ways over all divisions."""
    found: dict[tuple[str, str], list[Any]] = {}
    chance = []
    for seed in range(1, asked.divisions + 1):
        say(f"{asked.folder.name}: division {seed} of {asked.divisions}")
        for name, vectors in by_name.items():
            anew = divided_anew(vectors, seed)
            for outcome in learn(anew, seed=SEED, device="cpu"):
                found.setdefault((name, outcome.method), []).append(outcome.test)
        chance.append(majority(anew.material))
    material = next(iter(by_name.values())).material
    each = Counter(material.names[y] for y in material.y.tolist())
    of_artists = len({track.artist for track in material.tracks})
    head = ", ".join(f"{name} {count}" for name, count in each.items())
    best = max(found, key=lambda key: np.mean([f.balanced_accuracy for f in found[key]]))
    return [
        f"{len(material.tracks)} clips of {of_artists} artists: {head}. {asked.divisions} "
        f"divisions by artist, mean ± standard deviation. Always the commonest genre: accuracy "
        f"{np.mean(chance):.3f}, mean recall {1 / len(each):.3f}.",
        "",
        *table_of(found),
        "",
        f"{best[1]} on {best[0]}, all divisions together (a row is the truth):",
        "",
        *confusion(found[best]),
    ]


def fine_tuned(asked: Asked, settings: CatalogSettings, by_name: dict[str, Vectors]) -> list[str]:
    """The network tuned on the folder's own division, beside the others there."""
    lines = ["| vectors | method | validation accuracy | test accuracy | mean recall |"]
    lines.append("|---|---|--:|--:|--:|")

    def line(name: str, outcome: Outcome) -> None:
        v, t = outcome.validation, outcome.test
        assert isinstance(v, ClassFigures)
        assert isinstance(t, ClassFigures)
        figures = f"{v.accuracy:.3f} | {t.accuracy:.3f} | {t.balanced_accuracy:.3f}"
        lines.append(f"| {name} | {outcome.method} | {figures} |")

    for name, vectors in by_name.items():
        for outcome in learn(vectors, seed=SEED, device="cpu"):
            line(name, outcome)
    with Catalog.open(settings, None) as catalog:
        material = by_name["network"].material
        files = files_of(material, catalog)
    for epochs in (0, None):
        outcome = tuned(
            material,
            files,
            settings.directory,
            network=None,
            seed=SEED,
            device="cpu",
            epochs=epochs,
            stop_after_s=asked.tune_s,
            report=lambda record: say(str(record)),
        )
        line("sound", outcome)
    counts = ", ".join(f"{len(material.divided.rows(split))} {split}" for split in SPLITS)
    return [f"The folder's own division ({counts}); tuned for at most {asked.tune_s:.0f} s on one "
            f"core. 0 epochs: a head on the frozen network.", "", *lines]  # fmt: skip


def tags(asked: Asked, settings: CatalogSettings, encoder: Encoder) -> list[str]:
    """Tags imported as Last.fm's, told from the small network's styles."""
    with Datasets(settings) as datasets:
        tracks = imported(datasets, "msd")
        material = tag_material(tracks, datasets.tags("msd"), most=50, least=LEAST, seed=SEED)
    vectors = heard(asked, settings, encoder, material)
    outcomes = learn(vectors, seed=SEED, device="cpu")
    counts = [f"{len(vectors.material.divided.rows(s))} {s}" for s in SPLITS]
    lines = [f"{len(material.names)} tags, {', '.join(counts)}; the small network's styles.", ""]
    lines += ["| method | mean ROC-AUC | mean PR-AUC |", "|---|--:|--:|"]
    for outcome in outcomes:
        test = outcome.test
        assert isinstance(test, LabelFigures)
        lines.append(f"| {outcome.method} | {test.mean_roc_auc:.3f} | {test.mean_pr_auc:.3f} |")
    test = outcomes[1].test
    assert isinstance(test, LabelFigures)
    lines += ["", f"{outcomes[1].method}, tag by tag:", ""]
    lines += ["| tag | has it | ROC-AUC | PR-AUC |", "|---|--:|--:|--:|"]
    rows = zip(test.names, test.positives, test.tracks, test.roc_auc, test.pr_auc, strict=True)
    for name, positives, total, roc, pr in rows:
        cells = [f"{value:.2f}" if value == value else "-" for value in (roc, pr)]
        lines.append(f"| {name} | {positives} of {total} | {cells[0]} | {cells[1]} |")
    return lines


def report(asked: Asked) -> Iterator[list[str]]:
    """The parts of a folder's tables, each when it is known."""
    by_name: dict[str, Vectors] = {}
    settings: dict[str, CatalogSettings] = {}
    encoders: dict[str, Encoder] = {}
    for style in STYLES:
        chosen = EncoderSettings(style=style, threads=asked.threads, device="cpu")
        encoders[style] = load_encoder(chosen)
        settings[style] = opened(asked, style, encoders[style])
        with Datasets(settings[style]) as datasets:
            material = genre_material(imported(datasets, "fma"), least=LEAST, seed=SEED)
        by_name[style] = heard(asked, settings[style], encoders[style], material)
    table = asked.folder / "fma_metadata" / "features.csv"
    by_name["518 made features"] = by_features(by_name["network"].material, table)
    yield [f"## {asked.folder.name}", "", *genres(asked, by_name), ""]
    if asked.tune_s:
        yield [*fine_tuned(asked, settings["network"], by_name), ""]
    yield ["Tags:", "", *tags(asked, settings["network"], encoders["network"]), ""]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Genres and tags, artists held apart.")
    parser.add_argument("folders", type=Path, nargs="+", help="folders of tools/fma_folder.py")
    parser.add_argument("--cache", type=Path, required=True, help="folder for what was computed")
    parser.add_argument("--divisions", type=int, default=10, help="divisions by artist")
    parser.add_argument("--tune-s", type=float, default=240, help="seconds of tuning; 0: none")
    parser.add_argument("--threads", type=int, default=1, help="0: one a core")
    parser.add_argument("--out", type=Path, help="also write the tables here")
    asked = parser.parse_args(argv)
    names = " ".join(folder.name for folder in asked.folders)
    given = f"{names} --cache DIR --divisions {asked.divisions} --tune-s {asked.tune_s:.0f}"
    text = HEAD.format(command=f"python benchmarks/genre.py {given}") + "\n"
    print(text)
    for folder in asked.folders:
        one = Asked(folder, asked.cache, asked.divisions, asked.tune_s, asked.threads)
        for part in report(one):
            print("\n".join(part), flush=True)
            text += "\n".join(part) + "\n"
            if asked.out is not None:
                asked.out.write_text(text.rstrip() + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
