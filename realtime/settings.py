"""All settings of nowhear: the defaults, and `config.yaml` read over them.

Each default stands once, in the frozen class of its concern. A file overrides a default, a
command-line option overrides the file. What a file gets wrong is named with its line.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from catalog.settings import CatalogSettings
from encoder.settings import EncoderSettings

from .addresses import fits_a_header
from .errors import SettingsError

CONFIG_NAME = "config.yaml"

_BAD_VALUES = (ValueError, LookupError, AttributeError, RecursionError)
"""What PyYAML lets through beside its own errors: a date or number that is none, such as
2001-99-99 or `!!int x`, and brackets nested a thousand deep."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ListenSettings(_Frozen):
    """How sound becomes events."""

    hop_s: float = Field(
        default=0.5, gt=0.05, le=60, description="Distance between embedded windows, in seconds."
    )
    level_hop_s: float = Field(
        default=0.1, gt=0.01, le=1, description="Distance between level messages, in seconds."
    )
    silence_dbfs: float = Field(
        default=-60.0,
        ge=-120,
        le=0,
        description="Below this level (RMS of a level hop, dB full scale) it is silence.",
    )
    silence_hold_s: float = Field(
        default=1.0,
        ge=0,
        le=60,
        description="So long must it stay below before `silence` is said, in seconds.",
    )
    smooth_s: float = Field(
        default=10.0,
        gt=0,
        le=600,
        description="Styles and tags are averaged over so many of the newest seconds.",
    )
    rank_every_s: float = Field(
        default=1.0, gt=0, le=60, description="Distance between rankings, in seconds."
    )
    similar: int = Field(default=5, ge=1, le=100, description="Songs in the ranking.")
    per_artist: int = Field(
        default=2, ge=0, le=100, description="Songs of one artist in the ranking; 0: no limit."
    )
    tags: int = Field(default=8, ge=1, le=100, description="Tags in a `tags` message.")
    steadiness: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="By so much cosine must a song beat its neighbour to change places with it.",
    )
    queue_s: float = Field(
        default=5.0, gt=0.1, le=60, description="Sound kept while the machine is busy, in seconds."
    )
    retry_s: float = Field(
        default=0.5, gt=0, le=60, description="First pause before a lost source is tried again."
    )
    retry_max_s: float = Field(
        default=15.0, gt=0, le=600, description="Longest pause between such tries, in seconds."
    )


class ServerSettings(_Frozen):
    """The one port that serves page, websocket and audio."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8765, ge=0, le=65535, description="Port; 0 takes a free one.")
    token: str | None = Field(
        default=None,
        min_length=16,
        description="Secret that clients must show; demanded on any address but loopback.",
    )
    origins: tuple[str, ...] = Field(
        default=(), description="Origins of other pages that may connect, as `https://host:port`."
    )
    max_clients: int = Field(default=256, ge=1, description="Websockets open at once.")
    max_message_bytes: int = Field(
        default=4096, ge=128, description="Longest message taken from a client, in bytes."
    )
    ping_s: float = Field(
        default=20.0,
        gt=0,
        description="A client that answers no ping for so long is closed, in seconds.",
    )

    @field_validator("token")
    @classmethod
    def _token_fits_a_header(cls, token: str | None) -> str | None:
        if token is not None and not fits_a_header(token):
            raise PydanticCustomError(
                "token", "expected ASCII letters, digits and signs, with no space at the ends"
            )
        return token


class LogSettings(_Frozen):
    """What goes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least serious event that is logged."
    )


class Settings(_Frozen):
    """All settings, one class a concern."""

    encoder: EncoderSettings = EncoderSettings()
    catalog: CatalogSettings = Field(default_factory=CatalogSettings)
    listen: ListenSettings = ListenSettings()
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
    encoder = settings.encoder
    if encoder.weights is not None:
        weights = expanded(encoder.weights, name="encoder.weights")
        encoder = encoder.model_copy(update={"weights": folder / weights})
    return settings.model_copy(update={"catalog": catalog, "encoder": encoder})


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
