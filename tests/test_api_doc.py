"""docs/api.md names every route of the server and no other, every message and every field."""

import re
from pathlib import Path

from starlette.routing import Route

from realtime import messages
from realtime.api import api_routes
from realtime.device_messages import Begin, Credit, End, Skip
from realtime.hub import Hub
from realtime.live_catalog import LiveCatalog
from realtime.live_map import LiveMap
from realtime.settings import Settings
from tests.catalog.making import SPEC, BandsEncoder, settings_at

ROOT = Path(__file__).resolve().parent.parent
DOC = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SPOKEN = (
    messages.Hello,
    messages.Status,
    messages.Level,
    messages.Match,
    messages.Similar,
    messages.Tags,
    messages.Place,
    messages.Jobs,
    messages.Job,
    messages.Subscribe,
    messages.MatchedSong,
    messages.RankedSong,
    messages.Source,
    messages.EncoderInfo,
    messages.CatalogState,
    messages.Latency,
    messages.TagScore,
    Begin,
    Skip,
    End,
    Credit,
)


def test_it_has_the_routes_that_there_are(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "catalog")
    routes = api_routes(
        catalog=LiveCatalog(settings, SPEC),
        maps=LiveMap(tmp_path / "map"),
        encoder=BandsEncoder(),
        settings=Settings().model_copy(update={"catalog": settings}),
        hub=Hub(),
        version="1",
    )
    served = {
        (method, re.sub(r"\{\w+\}", "*", route.path))
        for route in routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    told = re.findall(r"\b(GET|POST|PUT|DELETE) (/api/[\w./]+)", DOC)
    assert {(method, re.sub(r"/(ID|A|B)\b", "/*", path)) for method, path in told} == served
    for route in routes:
        assert isinstance(route, Route) or f"`{route.path}`" in DOC, route


def test_it_has_the_messages_and_their_fields() -> None:
    for topic in messages.TOPICS:
        assert f"| `{topic}` |" in DOC
    for kind in SPOKEN:
        for name in kind.model_fields:
            assert re.search(rf'[`"]{name}[`"]', DOC), f"{kind.__name__}.{name}"


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", DOC):
        assert (ROOT / "docs" / target).exists(), target
    heads = {
        re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-")
        for head in re.findall(r"^#+ (.+)$", DOC, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", DOC)) <= heads
