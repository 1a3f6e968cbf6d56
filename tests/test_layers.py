"""Imports go one way, `realtime → catalog → encoder`; each edge library stands in few places."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("encoder", "catalog", "realtime")
MAY_IMPORT = {
    "encoder": {"encoder"},
    "catalog": {"catalog", "encoder"},
    "realtime": {"realtime", "catalog", "encoder"},
}
# A library that belongs to one layer, with the packages that may know of it.
OWNERS = {
    "torch": {"encoder"},
    "torchaudio": {"encoder"},
    "safetensors": {"encoder"},
    "av": {"encoder"},
    "annoy": {"catalog"},
    "sqlalchemy": {"catalog"},
    "mutagen": {"catalog"},
    "h5py": {"catalog"},
    "rapidfuzz": {"catalog"},
    "sklearn": {"catalog"},
    "umap": {"catalog"},
    "sounddevice": {"realtime"},
    "starlette": {"realtime"},
    "uvicorn": {"realtime"},
    "websockets": {"realtime"},
    "typer": {"realtime"},
    "rich": {"realtime"},
}
# Edges that are imported in one module only.
ONE_MODULE = {"annoy", "sounddevice", "uvicorn", "mutagen"}
# The pure core: no clock, no thread, no socket, no file.
PURE = [
    "catalog/song_path.py",
    "catalog/theme_clusters.py",
    "catalog/theme_words.py",
    "catalog/imports/names.py",
    "catalog/map_placing.py",
    "catalog/learning/splits.py",
    "catalog/learning/figures.py",
    "catalog/spreading.py",
    "catalog/taste/closeness.py",
    "catalog/taste/listeners.py",
    "catalog/taste/metrics.py",
    "catalog/taste/rivals.py",
    "catalog/taste/splits.py",
    "encoder/windows.py",
    "realtime/alignment.py",
    "realtime/blocks.py",
    "realtime/device.py",
    "realtime/device_messages.py",
    "realtime/finding.py",
    "realtime/heard.py",
    "realtime/identity.py",
    "realtime/matching.py",
    "realtime/placing.py",
    "realtime/playing.py",
    "realtime/steps.py",
    "realtime/ranking.py",
    "realtime/addresses.py",
    "realtime/events.py",
    "realtime/hello.py",
    "realtime/levels.py",
    "realtime/recognizer.py",
    "realtime/smoothing.py",
    "realtime/tracking.py",
    "realtime/outbox.py",
    "realtime/messages.py",
    "realtime/why.py",
]
IMPURE = {"time", "datetime", "threading", "asyncio", "socket", "os", "pathlib", "random", "io"}


def modules() -> list[Path]:
    found = [p for package in PACKAGES for p in (ROOT / package).rglob("*.py")]
    return [path for path in found if "node_modules" not in path.parts]


def imported(path: Path) -> set[str]:
    """Top-level names that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            home = path.relative_to(ROOT).parts[0]
            names.add(home if node.level else (node.module or "").split(".")[0])
    return names


def test_there_is_something_to_look_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in modules()} == set(PACKAGES)
    assert "torch" in imported(ROOT / "encoder/teacher.py")


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    home = path.relative_to(ROOT).parts[0]
    names = imported(path)
    assert names & set(PACKAGES) <= MAY_IMPORT[home]
    assert not names & {"tests", "benchmarks", "tools"}
    foreign = {name for name in names if home not in OWNERS.get(name, {home})}
    assert not foreign, f"{home} must not know {foreign}"


@pytest.mark.parametrize("library", sorted(ONE_MODULE))
def test_an_edge_is_imported_in_one_module_only(library: str) -> None:
    homes = [str(path.relative_to(ROOT)) for path in modules() if library in imported(path)]
    assert len(homes) == 1, homes


@pytest.mark.parametrize("name", PURE)
def test_the_core_is_pure(name: str) -> None:
    assert not imported(ROOT / name) & IMPURE
