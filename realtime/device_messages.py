"""The protocol of `/listen`, on which a device sends its own sound and hears what it is. Pure.

The device begins with `Begin` and sends binary messages: mono samples of 16 bits, little-endian,
at most `LARGEST_FRAME` each. The server answers with `hello`, then with the topics of `/ws`, all
about this sound alone, and with `Credit`: so many more samples may be sent. `End` asks for the
last events, after which the server closes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter

from .messages import Message

NAME_LENGTH = 80
"""Most characters of a device's name."""

LARGEST_FRAME = 16_000
"""Most samples of one binary message."""

SAMPLE_BYTES = 2
LARGEST_FRAME_BYTES = LARGEST_FRAME * SAMPLE_BYTES
LISTEN_PATH = "/listen"
FULL_SCALE = 32_768


class Begin(Message):
    """First from a device: its sound follows, at `rate_hz`."""

    # No default: a message that does not say what it is, is none.
    type: Literal["begin"]
    rate_hz: int = Field(gt=0)
    name: str = Field(
        min_length=1, max_length=NAME_LENGTH, description="What it is called, for people."
    )


class Skip(Message):
    """From a device: so many samples were lost before the next ones."""

    type: Literal["skip"]
    samples: int = Field(gt=0)


class End(Message):
    """From a device: no more sound comes."""

    type: Literal["end"]


class Credit(Message):
    """To a device: so many more samples may be sent.

    The only message that is a change and no state: each counts.
    """

    type: Literal["credit"] = "credit"
    samples: int = Field(gt=0)


DeviceMessage = Begin | Skip | End
"""Every text message that a device sends."""

_DEVICE: TypeAdapter[DeviceMessage] = TypeAdapter(
    Annotated[Begin | Skip | End, Field(discriminator="type")]
)


def decode_device(text: str) -> DeviceMessage:
    """A device's message from JSON text; raises `pydantic.ValidationError` when it is none."""
    return _DEVICE.validate_json(text)


def device_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schemas of these messages by name."""
    schemas = [kind.model_json_schema(mode="validation") for kind in (Begin, Skip, End)]
    schemas.append(Credit.model_json_schema(mode="serialization"))
    return {schema["title"]: schema for schema in schemas}


def read_frame(data: bytes) -> NDArray[np.float32]:
    """The samples `(n,)` of a binary message, full scale 1.

    >>> read_frame(bytes([0, 0x40, 0, 0x80]))
    array([ 0.5, -1. ], dtype=float32)

    Raises `ValueError`: it holds half a sample, none, or more than `LARGEST_FRAME`.
    """
    count, rest = divmod(len(data), SAMPLE_BYTES)
    if rest or not 0 < count <= LARGEST_FRAME:
        raise ValueError(
            f"got {len(data)} bytes of sound, expected 1 to {LARGEST_FRAME} samples of "
            f"{SAMPLE_BYTES} bytes"
        )
    return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(FULL_SCALE)
