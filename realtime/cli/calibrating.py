"""The command `eval calibrate`: fits how sure matches are to a network and to music at hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from realtime.cli.common import ConfigOption, ends_cleanly, stderr
from realtime.cli.evaluating import catalog_folder, evaluating, opened, progress_shown
from realtime.cli.evaluating_options import (
    QUERIES,
    ConditionsOption,
    DistractorsOption,
    KeptCatalogOption,
    NoiseOption,
    QueriesOption,
    RoomsOption,
    SeedOption,
    SpeechOption,
    check_folders,
    check_targets,
    conditions_of,
)

if TYPE_CHECKING:
    from realtime.calibration import Calibration
    from realtime.evaluation.calibrate import Evidence
    from realtime.evaluation.measuring import Request

LIVE_HOURS = 1.0
LENGTHS_S = (2.0, 3.0, 5.0, 10.0)


def register(app: typer.Typer) -> None:
    """Put the command beside `eval identify`; `app` has that group already."""
    del app
    evaluating.command(no_args_is_help=True)(calibrate)


@ends_cleanly
def calibrate(
    songs: Annotated[
        Path,
        typer.Argument(
            metavar="SONGS",
            help="Folder of songs, in folders of albums, that the network was not trained on.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(metavar="FILE", help="Where to write the calibration.", show_default=False),
    ],
    distractors: DistractorsOption = None,
    noise: NoiseOption = None,
    rooms: RoomsOption = None,
    speech: SpeechOption = None,
    queries: QueriesOption = QUERIES,
    live: Annotated[
        float,
        typer.Option(
            metavar="HOURS",
            min=0,
            max=1000,
            help="Hear passages of all songs live besides, without themselves in the catalog, for "
            "so many hours: hardly anything else is as like a song as what hours of music hold.",
        ),
    ] = LIVE_HOURS,
    conditions: ConditionsOption = None,
    seed: SeedOption = 0,
    catalog: KeptCatalogOption = None,
    config: ConfigOption = None,
) -> None:
    """Fit the probability that matches carry to the network in force.

    Needed after `nowhear train fingerprint`; the network that ships comes with its own. Every query
    is put twice, once without its song in the catalog. Use songs, noise and rooms that neither
    training nor a later `eval identify` sees. The setting `match.calibration` takes the file.

    [bold]Example[/bold]

    nowhear eval calibrate held-out --distractors ~/Music --noise noise --out calibration.json
    """
    from realtime.evaluation.material import Material
    from realtime.evaluation.measuring import Live, Request
    from realtime.evaluation.running import Plan

    material = Material(songs, tuple(distractors or ()), None, noise, rooms, speech)
    check_folders(material)
    check_targets(out)
    plan = Plan(conditions_of(conditions, material), LENGTHS_S, queries, seed)
    with catalog_folder(catalog) as folder:
        request = Request(material, plan, leave_out=True, live=Live(0, live))
        evidence, calibration = _fitted(request, folder, config)
    calibration.write(out)
    _say(evidence, calibration, out)


def _fitted(request: Request, folder: Path, config: Path | None) -> tuple[Evidence, Calibration]:
    from realtime.evaluation.calibrate import collect, fit

    with opened(folder, config) as (settings, encoder, catalog), progress_shown() as progress:
        evidence = collect(request, encoder, catalog, settings, progress=progress)
    return evidence, fit(evidence, fingerprint=encoder.spec.prints.fingerprint)


def _say(evidence: Evidence, calibration: Calibration, out: Path) -> None:
    from realtime.evaluation.calibrate import threshold

    wrong, right = int((~evidence.right).sum()), int(evidence.right.sum())
    stderr.print(
        f"{out}: fitted to {right} right and {wrong} wrong lines; the surest wrong one has a "
        f"confidence of {threshold(evidence, calibration):.5f}",
        markup=False,
    )
