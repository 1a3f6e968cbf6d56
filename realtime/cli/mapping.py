"""What commands that change the songs do for the map."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from realtime.cli.common import stderr
from realtime.cli.progress import progress, progress_is_seen

if TYPE_CHECKING:
    from catalog.reader import CatalogReader
    from catalog.settings import MapSettings


def keep_map(catalog: CatalogReader, settings: MapSettings) -> None:
    """Bring the map abreast of the songs and say what was done to it.

    The songs are stored already, so what goes wrong is said and nothing more.
    """
    from catalog.errors import BusyError, CatalogError
    from catalog.map_building import bring_up_to_date

    try:
        with drawing_bar() as show:
            outcome = bring_up_to_date(catalog, settings, on_progress=show)
    except BusyError:
        stderr.print("the map is being drawn by another process; the next one takes these songs up")
        return
    except CatalogError as error:
        stderr.print(f"the map was not brought up to date: {error}", markup=False)
        return
    if outcome.drawn and outcome.map is not None:
        facts = outcome.map.facts
        stderr.print(f"map drawn: {facts.songs} songs, by {facts.method}")
    if outcome.advice is not None:
        stderr.print(outcome.advice, markup=False)


@contextmanager
def drawing_bar() -> Iterator[Callable[[float], None] | None]:
    """Shows how far the drawing is, see `progress`; None: nobody sees it."""
    if not progress_is_seen():
        yield None
        return
    with progress("drawing") as tell:
        yield lambda share: tell(share, 1.0)
