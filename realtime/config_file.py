"""`config.yaml` as it ships: every setting with its meaning and default, made from the classes.

So that each default stands once, the file is written from the settings classes and a test holds
the committed one against them: `python -m realtime.config_file > config.yaml`.
"""

from __future__ import annotations

import sys
import textwrap
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .settings import Settings

HEAD = """\
# Settings of nowhear. Every line is a default: take the `#` away from what you change, and from
# the section above it. A command-line option overrides what stands here.
"""
HIDDEN = "(hidden: one is set)"
_WIDTH = 96


def document() -> str:
    """The whole file: sections in order, each key behind its description, commented out."""
    sections = [_section(name, field) for name, field in Settings.model_fields.items()]
    return HEAD + "".join(sections)


def in_force(settings: Settings) -> dict[str, Any]:
    """The settings as plain values, section by section; a token is not shown."""
    data = settings.model_dump(mode="json")
    if settings.server.token:
        data["server"]["token"] = HIDDEN
    return data


def as_yaml(data: dict[str, Any]) -> str:
    """Plain values as YAML that `load_settings` reads back."""
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    return text


def _section(name: str, field: FieldInfo) -> str:
    model = field.annotation
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    lines = [f"\n#{name}:\n"]
    for key, inner in model.model_fields.items():
        wrapped = textwrap.wrap(inner.description or "", _WIDTH - len("#   # "))
        lines += [f"#   # {line}\n" for line in wrapped]
        lines.append(f"#   {_line(key, inner)}\n")
    return "".join(lines)


def _line(key: str, field: FieldInfo) -> str:
    if field.default_factory is not None:  # it differs from machine to machine
        return f"# {key}: FOLDER, unless given one in the system's folder for user data"
    value: Any = field.default
    plain = list(value) if isinstance(value, tuple) else value
    text: str = yaml.safe_dump(plain, default_flow_style=True)
    return f"{key}: {text.splitlines()[0]}"  # a scalar is followed by a line of dots


if __name__ == "__main__":
    sys.stdout.write(document())
