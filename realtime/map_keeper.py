"""Keeps the map abreast of the songs while the daemon listens, in the background."""

from __future__ import annotations

import contextlib
import os
import threading
import time

from catalog.catalog import Catalog
from catalog.errors import BusyError, CatalogError
from catalog.map_building import bring_up_to_date, is_abreast
from catalog.map_file import map_folder

from .live_catalog import LiveCatalog
from .live_map import LiveMap
from .logs import logger
from .settings import Settings

_log = logger("map")

PAUSE_S = 10.0
"""Between two tries, for while songs are added every moment changes the map."""

NICENESS = 10
"""Of the thread that draws: listening comes first."""

LAST_S = 5.0  # so long is waited at the end for a map that is being drawn


class MapKeeper:
    """Looks with every `tick` whether `maps`, the map of `catalog`, is abreast of it, and has it
    brought there.

    So there is a map although `nowhear add` was run before there were maps, or was killed. What
    goes wrong is logged and stops nothing.
    """

    def __init__(self, catalog: LiveCatalog, settings: Settings) -> None:
        self._catalog, self._settings = catalog, settings
        self.maps = LiveMap(map_folder(settings.catalog))
        self._worker: threading.Thread | None = None
        self._tried_s: float | None = None
        self._trouble: str | None = None

    def tick(self) -> None:
        """Takes over a new map, and begins to draw one if that is due; returns soon."""
        self.maps.refresh()
        opened = self._catalog.catalog
        if opened is None or is_abreast(self.maps.current, opened):
            return
        if self._worker is not None and self._worker.is_alive():
            return
        if self._tried_s is not None and time.monotonic() - self._tried_s < PAUSE_S:
            return
        self._tried_s = time.monotonic()
        self._worker = threading.Thread(target=self._work, name="map", daemon=True)
        self._worker.start()

    def close(self) -> None:
        """Waits for a map that is being drawn, though not for long: it is published whole or not
        at all."""
        if self._worker is not None:
            self._worker.join(LAST_S)

    def _work(self) -> None:
        with contextlib.suppress(OSError):  # on Linux, of this thread alone
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        try:
            with Catalog.open(self._settings.catalog, None) as opened:
                outcome = bring_up_to_date(opened, self._settings.map)
        except BusyError:
            return  # another process is at it
        except CatalogError as error:
            if str(error) != self._trouble:
                _log.warning("the map was not brought up to date: %s", error)
            self._trouble = str(error)
            return
        self._trouble = None
        if outcome.drawn and outcome.map is not None:
            _log.info("map of %d songs drawn by %s", len(outcome.map.map), outcome.map.facts.method)
        self.maps.refresh()
