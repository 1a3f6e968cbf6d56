"""The map as the daemon sees it: it may not be there yet, and is taken over when it is another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from catalog.errors import CatalogError
from catalog.generations import current_number
from catalog.map_file import StoredMap, Xyz, open_map

from .logs import logger

_log = logger("map")


class LiveMap:
    """The newest map in `folder`; `refresh` takes over what was published. For any thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._current: StoredMap | None = None
        self._trouble: str | None = None
        self.refresh()

    @property
    def current(self) -> StoredMap | None:
        """The map, None while there is none. It is a value: what asks twice may get two."""
        return self._current

    def refresh(self) -> None:
        """Takes over a map that was published since; raises nothing. One small read if none was."""
        try:
            number = current_number(self.folder)
            if number != (None if self._current is None else self._current.number):
                self._current = open_map(self.folder)
            self._trouble = None
        except CatalogError as error:
            if str(error) != self._trouble:
                _log.warning("%s", error)
            self._trouble = str(error)

    def places(self, ids: Iterable[int]) -> dict[int, Xyz]:
        """Where the songs among `ids` lie that are on the map."""
        current = self._current
        return {} if current is None else current.map.places(ids)
