"""nowhear as a part of another program: recognizer and identifier as objects, and a client.

- `open_recognizer(catalog)` gives a `Recognizer`: feed it `Block`s, it returns events. It has no
  thread, clock or socket of its own.
- `open_identifier(catalog)` gives an `Identifier`, which names recordings: files, or samples.
- `Client(url)` iterates over a running daemon's typed messages and reconnects by itself.

The names come from their modules when they are first used: a client needs no torch, and
`import realtime` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .blocks import Block
    from .client import Client
    from .identify import Identifier, open_identifier
    from .opening import open_recognizer
    from .recognizer import Recognizer

__all__ = ["Block", "Client", "Identifier", "Recognizer", "open_identifier", "open_recognizer"]

_HOMES = {
    "Block": "blocks",
    "Client": "client",
    "Identifier": "identify",
    "Recognizer": "recognizer",
    "open_identifier": "identify",
    "open_recognizer": "opening",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
