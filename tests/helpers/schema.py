"""Holds every message that a test sees against the published JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

SCHEMA_PATH = Path(__file__).resolve().parents[2] / "realtime" / "schema.json"
SCHEMA: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))


def validator(target: str) -> Draft202012Validator:
    """Holds values against one definition of the schema, such as `#/$defs/Credit`."""
    schema = {"$schema": SCHEMA["$schema"], "$defs": SCHEMA["$defs"], "$ref": target}
    return Draft202012Validator(schema)


_BY_TYPE = {kind: validator(target) for kind, target in SCHEMA["discriminator"]["mapping"].items()}
_CLIENT = validator("#/$defs/Subscribe")


def assert_valid(text: str | bytes) -> dict[str, Any]:
    """Fails unless `text` is a server's message as the schema has it; the message as a dict."""
    message = _object(text)
    kind = message.get("type")
    if kind not in _BY_TYPE:
        pytest.fail(f"the schema has no server message of type {kind!r}: {text[:200]!r}")
    _check(_BY_TYPE[kind], message)
    return message


def assert_valid_from_client(text: str | bytes) -> dict[str, Any]:
    """The same for a message that a client sends."""
    message = _object(text)
    _check(_CLIENT, message)
    return message


def _object(text: str | bytes) -> dict[str, Any]:
    message = json.loads(text, parse_constant=_no_constant)
    assert isinstance(message, dict), text[:200]
    return message


def _no_constant(name: str) -> None:
    pytest.fail(f"{name} is not JSON")


def _check(validator: Draft202012Validator, message: dict[str, Any]) -> None:
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(message)]
    assert not errors, errors
