"""All settings of nowhear: the defaults, and `config.yaml` read over them.

Each default stands once, in the frozen class of its concern. A file overrides a default, a
command-line option overrides the file. What a file gets wrong is named with its line.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, Field, ValidationError

from catalog.settings import CatalogSettings, EveningSettings, MapSettings, ThemeSettings
from encoder.settings import EncoderSettings

from .errors import SettingsError
from .sections import ListenSettings, LogSettings, MatchSettings, Section, ServerSettings

__all__ = [
    "ListenSettings",
    "LogSettings",
    "MatchSettings",
    "ServerSettings",
    "Settings",
    "expanded",
    "load_settings",
    "parse_settings",
]

CONFIG_NAME = "config.yaml"

_PATHS = {
    "encoder": ("weights", "network"),
    "match": ("calibration",),
    "server": ("tls_cert", "tls_key"),
}
"""Settings that may hold a path, beside the catalog's folder."""

_BAD_VALUES = (ValueError, LookupError, AttributeError, RecursionError)
"""What PyYAML lets through beside its own errors: a date or number that is none, such as
2001-99-99 or `!!int x`, and brackets nested a thousand deep."""


class Settings(Section):
    """All settings, one class a concern."""

    encoder: EncoderSettings = EncoderSettings()
    catalog: CatalogSettings = Field(default_factory=CatalogSettings)
    listen: ListenSettings = ListenSettings()
    match: MatchSettings = MatchSettings()
    map: MapSettings = MapSettings()
    themes: ThemeSettings = ThemeSettings()
    evening: EveningSettings = EveningSettings()
    server: ServerSettings = ServerSettings()
    log: LogSettings = LogSettings()


def load_settings(path: Path | None = None) -> Settings:
    """Settings from a YAML file over the defaults.

    `path` None takes `config.yaml` of the working directory when there is one, else the defaults.
    Paths in the file that are relative stand relative to the file.

    Raises `SettingsError`: the file is missing, is no YAML, or holds an unknown key or a value
    that cannot be used; each finding is named with file, line and key.
    """
    if path is None:
        path = Path(CONFIG_NAME)
        if not path.is_file():
            return Settings()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    settings = parse_settings(text, name=str(path))
    return _anchor(settings, path.resolve().parent)


def parse_settings(text: str, *, name: str = CONFIG_NAME) -> Settings:
    """Settings from YAML text; `name` stands in messages.

    >>> parse_settings("listen: {similar: 7}").listen.similar
    7
    >>> parse_settings("listen:\\n  similr: 7")
    Traceback (most recent call last):
        ...
    realtime.errors.SettingsError: config.yaml:2: listen.similr: unknown key, expected one of ...
    """
    try:
        root = yaml.compose(io.StringIO(text), Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except (yaml.YAMLError, *_BAD_VALUES) as error:
        raise SettingsError(f"{name}: not YAML: {' '.join(str(error).split())}") from error
    if root is None or data is None:
        return Settings()
    if not isinstance(data, dict):
        raise SettingsError(f"{name}:1: expected sections such as `listen:`, got {data!r:.60}")
    present = {key: value for key, value in data.items() if value is not None}
    try:
        return Settings.model_validate(present)
    except ValidationError as error:
        findings = [_finding(name, root, e["loc"], e["type"], e["msg"]) for e in error.errors()]
        raise SettingsError("\n".join(findings)) from error


def _finding(name: str, root: yaml.Node, loc: Sequence[Any], kind: str, message: str) -> str:
    line = _line_of(root, loc)
    key = ".".join(str(part) for part in loc)
    if kind == "extra_forbidden":
        message = f"unknown key, expected one of {', '.join(_known_keys(loc[:-1]))}"
    return f"{name}:{line}: {key}: {message}"


def _known_keys(loc: Sequence[Any]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in loc:
        annotation = model.model_fields[part].annotation
        assert isinstance(annotation, type)
        assert issubclass(annotation, BaseModel)
        model = annotation
    return sorted(model.model_fields)


def _line_of(node: yaml.Node, loc: Sequence[Any]) -> int:
    """Line (from 1) of the deepest node on the way `loc` that the file holds."""
    line = node.start_mark.line + 1
    for part in loc:
        children: Mapping[Any, tuple[yaml.Node, yaml.Node]] = {}
        if isinstance(node, yaml.MappingNode):
            children = {key.value: (key, value) for key, value in node.value}
        elif isinstance(node, yaml.SequenceNode):
            children = {i: (value, value) for i, value in enumerate(node.value)}
        if part not in children:
            break
        key, node = children[part]
        line = key.start_mark.line + 1
    return int(line)


def _anchor(settings: Settings, folder: Path) -> Settings:
    """The same settings with relative paths made absolute from `folder`."""
    directory = expanded(settings.catalog.directory, name="catalog.directory")
    catalog = settings.catalog.model_copy(update={"directory": folder / directory})
    update: dict[str, BaseModel] = {"catalog": catalog}
    for section, keys in _PATHS.items():
        before: BaseModel = getattr(settings, section)
        given = {key: getattr(before, key) for key in keys}
        anchored = {
            key: folder / expanded(path, name=f"{section}.{key}")
            for key, path in given.items()
            if path is not None
        }
        update[section] = before.model_copy(update=anchored)
    return settings.model_copy(update=update)


def expanded(path: Path, *, name: str) -> Path:
    """`path` with `~` and `~user` replaced; `name` says in messages where it stood.

    Raises `SettingsError`: no such user, or no path at all.
    """
    if "\0" in str(path):
        raise SettingsError(f"{name}: {str(path)!r} holds a null character; give a path")
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise SettingsError(
            f"{name}: {path}: there is no such user; write ./{path} for a folder of that name"
        ) from error
