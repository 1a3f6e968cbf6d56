"""A server with all that explores a catalog of real files, and a way to ask it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from catalog.add import add
from catalog.catalog import Catalog
from catalog.map_file import map_folder
from catalog.settings import CatalogSettings
from realtime.explore.routes import explore_routes
from realtime.live_catalog import LiveCatalog
from realtime.live_map import LiveMap
from realtime.settings import Settings
from tests.catalog.making import SPEC, BandsEncoder, settings_at, write_music
from tests.helpers.serving import Answer, ServerThread, request


class Explored:
    """A server over the catalog of `settings`."""

    def __init__(self, server: ServerThread, catalog: LiveCatalog, maps: LiveMap) -> None:
        self.catalog, self.maps = catalog, maps
        self.settings: CatalogSettings = catalog._settings
        self._server = server

    def ask(self, path: str, *, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        """One request; `body` is sent as JSON, bytes as they are."""
        sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        return request(self._server.port, path, method=method, headers=headers, body=sent)

    def get(self, path: str) -> Any:
        """What a request says in JSON that must be granted."""
        answer = self.ask(path)
        assert answer.status == 200, answer
        return answer.json()


def music_catalog(folder: Path, count: int, *, seconds: float = 4.0) -> CatalogSettings:
    """A catalog of `count` sound files, each with its own sound, and no map."""
    settings = settings_at(folder / "catalog")
    paths = write_music(folder / "music", count, seconds=seconds)
    with Catalog.open(settings, SPEC, create=True) as catalog:
        # One worker: side by side the quicker file is first, and songs are known by number here.
        one = settings.model_copy(update={"workers": 1})
        summary = add(paths, catalog, BandsEncoder(), one)
        assert summary.added == count, summary.skipped
        catalog.publish(force=True)
    return settings


@contextmanager
def exploring(settings: CatalogSettings, **server: Any) -> Iterator[Explored]:
    """The catalog explored; keyword arguments are settings of the server."""
    catalog = LiveCatalog(settings, SPEC)
    maps = LiveMap(map_folder(settings))
    in_force = Settings().model_copy(update={"catalog": settings})
    routes = explore_routes(catalog=catalog, maps=maps, encoder=BandsEncoder(), settings=in_force)
    try:
        with ServerThread(api=routes, **server) as running:
            yield Explored(running, catalog, maps)
    finally:
        catalog.close()
