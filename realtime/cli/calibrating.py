"""The command `eval calibrate`: fits how sure matches are to a network and to music at hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from realtime.cli.common import ConfigOption, ends_cleanly, settings_from, stderr
from realtime.cli.evaluating import catalog_folder, evaluating, progress_shown
from realtime.cli.evaluating_options import check_folders, check_targets, conditions_of
from realtime.cli.listing import encoder_of

if TYPE_CHECKING:
    from realtime.calibration import Calibration
    from realtime.evaluation.calibrate import Evidence
    from realtime.evaluation.measuring import Request

LENGTHS_S = (2.0, 3.0, 5.0, 10.0)
QUERIES = 200


@evaluating.command(no_args_is_help=True)
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
    distractors: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR", help="More songs for the catalog, not asked for.", show_default=False
        ),
    ] = None,
    noise: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Recordings of noise.", show_default=False),
    ] = None,
    rooms: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Impulse responses of rooms.", show_default=False),
    ] = None,
    speech: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Recordings of speech.", show_default=False),
    ] = None,
    queries: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Queries under each condition.")
    ] = QUERIES,
    conditions: Annotated[
        str | None,
        typer.Option(
            metavar="A,B...",
            help="Conditions. \\[default: all that the folders given allow]",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws places, noise and rooms.")] = 0,
    catalog: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Catalog to fill and keep, or to take when it is there. \\[default: a temporary "
            "one]",
            show_default=False,
        ),
    ] = None,
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
    from realtime.evaluation.measuring import Request
    from realtime.evaluation.running import Plan

    material = Material(songs, tuple(distractors or ()), None, noise, rooms, speech)
    check_folders(material)
    check_targets(out)
    plan = Plan(conditions_of(conditions, material), LENGTHS_S, queries, seed)
    with catalog_folder(catalog) as folder:
        evidence, calibration = _fitted(Request(material, plan, leave_out=True), folder, config)
    calibration.write(out)
    _say(evidence, calibration, out)


def _fitted(request: Request, folder: Path, config: Path | None) -> tuple[Evidence, Calibration]:
    from catalog.catalog import Catalog
    from realtime.evaluation.calibrate import collect, fit

    settings = settings_from(config, folder)
    encoder = encoder_of(settings, alone=False)
    opened = Catalog.open(settings.catalog, encoder.spec, create=True, write=True)
    with opened as catalog, progress_shown() as progress:
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
