"""`nowhear doctor`: checks everything, and says how to mend what it finds."""

from __future__ import annotations

from dataclasses import asdict

import typer
from rich.text import Text

from realtime.cli.common import (
    FAILED,
    CatalogOption,
    ConfigOption,
    JsonOption,
    ends_cleanly,
    print_json,
    settings_from,
    stdout,
)

MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red")}
NAME_CELLS = 15


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(doctor)


@ends_cleanly
def doctor(
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check device, libraries, weights, catalog, disk, port and page; say how to mend each.

    Ends with 1 when something keeps nowhear from working; a warning does not.

    \b
    [bold]Examples[/bold]
      nowhear doctor
      nowhear doctor --json | jq '.[] | select(.state != "ok")'
    """
    from realtime.doctor import Check, diagnose, failed  # loads the catalog and the server

    found: list[Check] = []
    for check in diagnose(settings_from(config, catalog)):
        found.append(check)
        if not as_json:
            mark, style = MARKS[check.state]
            text = Text(f"{mark} {check.name:{NAME_CELLS}}", style)
            text.append(f" {check.detail}", "default")
            if check.mend is not None:
                text.append(f"\n  {'':{NAME_CELLS}} → {check.mend}", "bold")
            stdout.print(text)
    if as_json:
        print_json([asdict(check) for check in found])
    if failed(found):
        raise typer.Exit(FAILED)
