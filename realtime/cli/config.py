"""`nowhear config`: which settings are in force."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from realtime.cli.common import (
    CatalogOption,
    ConfigOption,
    JsonOption,
    ends_cleanly,
    print_json,
    settings_from,
)
from realtime.config_file import as_yaml, document, in_force

DefaultsOption = Annotated[
    bool, typer.Option("--defaults", help="Print a settings file with all defaults, explained.")
]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(config)


@ends_cleanly
def config(
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    defaults: DefaultsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print the settings in force: the defaults, the settings file over them, the options.

    \b
    [bold]Examples[/bold]
      nowhear config
      nowhear config --defaults > config.yaml
    """
    if defaults:
        sys.stdout.write(document())
        return
    settings = in_force(settings_from(config, catalog))
    if as_json:
        print_json(settings)
    else:
        sys.stdout.write(as_yaml(settings))
