"""The page's build, as far as it goes without a registry."""

from __future__ import annotations

from pathlib import Path

import pytest

import hatch_build

PLAIN = ("index.html", "now.html", "package.json", "package-lock.json", "vite.config.ts")


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page's sources, small, in place of the repository's."""
    folder = tmp_path / "realtime" / "web"
    for name in PLAIN:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "src" / "protocol").mkdir(parents=True)
    (folder / "src" / "main.tsx").write_text("main")
    (tmp_path / "realtime" / "schema.json").write_text("{}")
    monkeypatch.setattr(hatch_build, "ROOT", tmp_path)
    monkeypatch.setattr(hatch_build, "WEB", folder)
    monkeypatch.setattr(hatch_build, "DIST", folder / "dist")
    monkeypatch.setattr(hatch_build, "STAMP", folder / "dist" / "inputs.sha256")
    monkeypatch.setattr(hatch_build, "GENERATED", folder / "src" / "protocol" / "types.ts")
    monkeypatch.setattr(hatch_build, "NODE_BY_HAND", tmp_path / "build" / "node")
    return folder


def stamp(web: Path) -> None:
    (web / "dist").mkdir(exist_ok=True)
    (web / "dist" / "index.html").write_text("built")
    (web / "dist" / "inputs.sha256").write_text(hatch_build.fingerprint() + "\n")


def test_a_page_made_from_the_present_sources_is_not_built_again(web: Path) -> None:
    assert not hatch_build.up_to_date()
    stamp(web)
    assert hatch_build.up_to_date()
    assert hatch_build.build() is False


@pytest.mark.parametrize("name", ["src/main.tsx", "src/new.ts", "index.html", "package-lock.json"])
def test_a_changed_source_makes_it_old(web: Path, name: str) -> None:
    stamp(web)
    (web / name).write_text("other")
    assert not hatch_build.up_to_date()


def test_generated_types_do_not_make_it_old(web: Path) -> None:
    stamp(web)
    (web / "src" / "protocol" / "types.ts").write_text("types")
    assert hatch_build.up_to_date()


def test_node_is_asked_of_pypi_only_when_needed(web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = hatch_build.PageHook.__new__(hatch_build.PageHook)
    monkeypatch.setattr(hatch_build, "system_node", lambda: None)
    assert hook.dependencies() == [hatch_build.NODE_PACKAGE]
    monkeypatch.setattr(hatch_build, "system_node", lambda: hatch_build.Node("node", ("npm",)))
    assert hook.dependencies() == []
    monkeypatch.setattr(hatch_build, "system_node", lambda: None)
    stamp(web)
    assert hook.dependencies() == []


def test_a_registry_out_of_reach_is_named_in_one_line(
    web: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    false = hatch_build.Node("/bin/false", ("/bin/false",))
    monkeypatch.setattr(hatch_build, "system_node", lambda: false)
    assert hatch_build.main([]) == 1
    error = capfd.readouterr().err
    assert error.startswith("hatch_build.py: could not fetch what the page is built with")
    assert error.count("\n") == 1
    assert not (web / "dist").exists()
