"""The commands `train genre` and `train tags`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from realtime.cli.common import (
    CatalogOption,
    ConfigOption,
    JsonOption,
    ends_cleanly,
    print_json,
    settings_from,
    stderr,
)
from realtime.cli.learning_report import print_lesson
from realtime.cli.listing import encoder_of
from realtime.cli.progress import progress
from realtime.cli.training import Device, train_app

if TYPE_CHECKING:
    from catalog.learning.comparing import Outcome
    from catalog.learning.lesson import Vectors
    from catalog.learning.material import Material
    from realtime.settings import Settings

LEAST = 10
TAGS = 50
HEADS = "heads"

DataOption = Annotated[
    str, typer.Option("--data", metavar="NAME", help="Dataset that was imported.")
]
FeaturesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="Learn from a table of features, as FMA's features.csv, instead of styles.",
        show_default=False,
    ),
]
LeastOption = Annotated[int, typer.Option(min=1, help="What fewer tracks have is left out.")]
FineTuneOption = Annotated[
    bool, typer.Option("--finetune", help="Tune the small network to the sound as well.")
]
EpochsOption = Annotated[
    int | None, typer.Option(min=0, help="Most epochs of --finetune.", show_default=False)
]
StopAfterOption = Annotated[
    float | None,
    typer.Option(metavar="S", min=0, help="Most seconds of --finetune.", show_default=False),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="File for the best of them. \\[default: in the catalog's folder, heads]",
        show_default=False,
    ),
]
SeedOption = Annotated[int, typer.Option(min=0, help="Seed of splits, weights and order.")]
DeviceOption = Annotated[Device, typer.Option(help="Where to learn.")]


@dataclass(frozen=True)
class _Asked:
    """What the options say, of both commands."""

    what: str
    features: Path | None
    finetune: bool
    epochs: int | None
    stop_after_s: float | None
    out: Path | None
    seed: int
    device: str


def register(app: typer.Typer) -> None:  # noqa: ARG001 - the commands join the group `train`
    """Put the commands into the group `train`."""
    train_app.command()(genre)
    train_app.command()(tags)


@ends_cleanly
def genre(
    data: DataOption = "fma",
    features: FeaturesOption = None,
    least: LeastOption = LEAST,
    finetune: FineTuneOption = False,
    epochs: EpochsOption = None,
    stop_after: StopAfterOption = None,
    out: OutOption = None,
    seed: SeedOption = 1,
    device: DeviceOption = Device.AUTO,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Learn genres from a dataset's tracks, and say how well they are told.

    Compares nearest neighbours, a linear head and one with a hidden layer on the tracks' styles.

    With --finetune also the small network, tuned to their sound.

    Uses the dataset's own splits, or 80 : 10 : 10 by artist; no artist is learnt and tested on.

    [bold]Examples[/bold]

    nowhear train genre --data fma

    nowhear train genre --data fma --finetune --device cuda

    nowhear train genre --data fma --features fma_metadata/features.csv
    """
    from catalog.datasets import Datasets
    from catalog.learning.lesson import imported
    from catalog.learning.material import genre_material

    settings = settings_from(config, catalog)
    with Datasets(settings.catalog) as datasets:
        material = genre_material(imported(datasets, data), least=least, seed=seed)
    asked = _Asked("genre", features, finetune, epochs, stop_after, out, seed, device.value)
    _carry_out(asked, settings, material, json=json)


@ends_cleanly
def tags(
    data: DataOption = "msd",
    most: Annotated[int, typer.Option("--most", min=2, help="So many tags, the commonest.")] = TAGS,
    least_weight: Annotated[
        float,
        typer.Option("--least-weight", min=0, help="A tag of this weight or less is none."),
    ] = 0.0,
    features: FeaturesOption = None,
    least: LeastOption = LEAST,
    finetune: FineTuneOption = False,
    epochs: EpochsOption = None,
    stop_after: StopAfterOption = None,
    out: OutOption = None,
    seed: SeedOption = 1,
    device: DeviceOption = Device.AUTO,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Learn tags from a dataset's tracks, of which a track may have several, and say how well.

    As `train genre`, with a ROC-AUC and a PR-AUC a tag.

    A track that has some tags lacks the others; one without any teaches nothing.

    [bold]Examples[/bold]

    nowhear train tags --data msd

    nowhear train tags --data msd --most 100 --least-weight 10
    """
    from catalog.datasets import Datasets
    from catalog.learning.lesson import imported
    from catalog.learning.material import tag_material

    settings = settings_from(config, catalog)
    with Datasets(settings.catalog) as datasets:
        material = tag_material(
            imported(datasets, data),
            datasets.tags(data),
            most=most,
            least=least,
            least_weight=least_weight,
            seed=seed,
        )
    asked = _Asked("tags", features, finetune, epochs, stop_after, out, seed, device.value)
    _carry_out(asked, settings, material, json=json)


def _carry_out(asked: _Asked, settings: Settings, material: Material, *, json: bool) -> None:
    from catalog.learning.comparing import best, save
    from catalog.learning.lesson import as_json, learn

    material.require()
    with progress("learning") as tell:
        vectors = _vectors(asked, settings, material, tell)
        outcomes = learn(vectors, seed=asked.seed, device=asked.device, tell=tell)
        if asked.finetune:
            outcomes.append(_tuned(asked, settings, vectors.material, tell))
    chosen = best(outcomes)
    out = asked.out or (
        settings.catalog.directory / HEADS / f"{asked.what}-{material.dataset}.safetensors"
    )
    save(chosen, out)
    for what, why in vectors.skipped:
        stderr.print(f"skipped {what}: {why}", markup=False)
    if json:
        print_json(as_json(vectors.material, outcomes) | {"model": str(out)})
    else:
        print_lesson(vectors.material, outcomes, model=out)


def _vectors(asked: _Asked, settings: Settings, material: Material, tell: Any) -> Vectors:
    from catalog.catalog import Catalog
    from catalog.learning.lesson import by_features, by_style

    if asked.features is not None:
        return by_features(material, asked.features)
    chosen = settings.encoder.model_copy(update={"device": asked.device})
    encoder = encoder_of(settings.model_copy(update={"encoder": chosen}), alone=True)
    with Catalog.open(settings.catalog, encoder.spec) as opened:
        return by_style(material, opened, encoder, hop_s=settings.catalog.hop_s, tell=tell)


def _tuned(asked: _Asked, settings: Settings, material: Material, tell: Any) -> Outcome:
    from catalog.catalog import Catalog
    from catalog.learning.lesson import files_of
    from catalog.learning.tuning import tuned

    with Catalog.open(settings.catalog, None) as opened:
        files = files_of(material, opened)

    def report(record: dict[str, float]) -> None:
        losses = f"{record['loss']:.3f}, validation {record['validation_loss']:.3f}"
        tell(record["epoch"], None, f"epoch {record['epoch']:.0f}: loss {losses}")

    return tuned(
        material,
        files,
        settings.catalog.directory,
        network=settings.encoder.network,
        seed=asked.seed,
        device=asked.device,
        epochs=asked.epochs,
        stop_after_s=asked.stop_after_s,
        tell=tell,
        report=report,
    )
