"""Errors that the realtime package raises on purpose.

    RealtimeError
    ├── SettingsError       config.yaml or an option holds something that is not understood
    ├── SourceError         sound cannot be taken from where it should come from
    │   └── NoDeviceError   there is no such capture device
    ├── ServerError         the server cannot start (port taken, no token on an open address)
    ├── ProtocolError       the other end of a websocket does not speak this protocol
    ├── NoPathError         between two songs that are one recording there is no path
    └── EvaluationError     naming cannot be measured with what is at hand

A message says what came, what was expected, and what to do.
"""


class RealtimeError(Exception):
    """Base class of everything this package raises on purpose."""


class SettingsError(RealtimeError):
    """A setting is unknown or has a value that cannot be used."""


class SourceError(RealtimeError):
    """Sound cannot be taken from where it should come from."""


class NoDeviceError(SourceError):
    """There is no such capture device."""


class ServerError(RealtimeError):
    """The server cannot start."""


class ProtocolError(RealtimeError):
    """The other end of a websocket does not speak this protocol."""


class NoPathError(RealtimeError):
    """Between two songs that are one recording there is no path."""


class EvaluationError(RealtimeError):
    """Naming cannot be measured with what is at hand."""
