"""What a device on `/listen` may send and when: its session, without a socket. Pure.

    text, frames ──► Session ──► blocks with positions
                        │
       recognized ──► credit ──► so many more samples may come

Credit bounds what waits to be recognized, and paces the device: it is never given faster than
`FASTEST` times real time, so that nobody buys more of the processor than a live sound costs.
"""

from __future__ import annotations

from pydantic import ValidationError

from .blocks import Block
from .device_messages import (
    Begin,
    Credit,
    DeviceMessage,
    End,
    Skip,
    decode_device,
    read_frame,
)

FASTEST = 1.5
"""Sound may come so many times faster than it plays: enough to catch up after a hold-up."""

SILENT_S = 30.0
"""A device that sends nothing for so long is gone, in seconds."""

GRANTS = 10
"""Credit is given in parts of one in so many of the whole, at least: not a message a frame."""

BROKE_RULES = 1008  # close codes of RFC 6455, section 7.4.1
WRONG_CONTENT = 1007


class RefusedError(Exception):
    """What a device sent cannot be taken: the close code, and the reason for a person."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def read_begin(text: str | None, *, rate_hz: int) -> str:
    """The name of a device, from its first message, which must be `begin` at `rate_hz`.

    None stands for a binary message. Raises `RefusedError`.
    """
    message = None if text is None else _read(text)
    if not isinstance(message, Begin):
        raise RefusedError(BROKE_RULES, "expected `begin` first")
    if message.rate_hz != rate_hz:
        raise RefusedError(WRONG_CONTENT, f"rate_hz is {message.rate_hz}, expected {rate_hz}")
    return message.name


class Session:
    """The rules for one device that has begun at `now_s`; `room` samples may wait, at `rate_hz`.

    Clock readings `now_s` are seconds of one monotonic clock. What comes and may not raises
    `RefusedError`.
    """

    def __init__(self, *, rate_hz: int, room: int, now_s: float) -> None:
        self._rate_hz, self._room = rate_hz, room
        self._granted = self._recognized = 0
        self._began_s = self._heard_s = now_s
        self.sent = 0
        """Samples that came."""
        self.skipped = 0
        """Samples that the device had to leave out, in `skips` places."""
        self.skips = 0
        self.ended = False

    def text(self, text: str, *, now_s: float) -> None:
        """Takes a text message."""
        match _read(text):
            case Begin():
                raise RefusedError(BROKE_RULES, "it has begun already")
            case Skip(samples=samples):
                self._skip(samples, now_s=now_s)
            case End():
                self.ended = True

    def sound(self, data: bytes, *, now_s: float) -> Block:
        """Takes a binary message: the block that it holds."""
        try:
            samples = read_frame(data)
        except ValueError as error:
            raise RefusedError(WRONG_CONTENT, str(error)) from None
        block = Block(samples, self.sent + self.skipped)
        self.sent += len(samples)
        if self.sent > self._granted:
            reason = f"sent {self.sent} samples with credit for {self._granted}: too fast"
            raise RefusedError(BROKE_RULES, reason)
        self._heard_s = now_s
        return block

    def recognized(self, samples: int) -> None:
        """So many more samples wait no longer."""
        self._recognized += samples

    def credit(self, *, now_s: float) -> Credit | None:
        """The credit to give now; None when none is due."""
        if self.ended:
            return None
        allowed = self._room + min(self._recognized, self._paced(now_s))
        due = allowed - self._granted
        if due < max(1, self._room // GRANTS):
            return None
        self._granted = allowed
        return Credit(samples=due)

    def check_silent(self, *, now_s: float) -> None:
        """Raises `RefusedError` when nothing has come for `SILENT_S`."""
        if now_s - self._heard_s > SILENT_S and not self.ended:
            raise RefusedError(BROKE_RULES, f"no sound came for {SILENT_S:g} s")

    def _skip(self, samples: int, *, now_s: float) -> None:
        self.skipped += samples
        self.skips += 1
        if self.sent + self.skipped > self._room + self._paced(now_s):
            raise RefusedError(BROKE_RULES, f"skipped {samples} samples, more than time has passed")

    def _paced(self, now_s: float) -> int:
        """Samples that may have come since the beginning, beside the first credit."""
        return int(FASTEST * self._rate_hz * (now_s - self._began_s))


def _read(text: str) -> DeviceMessage:
    try:
        return decode_device(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "message"
        raise RefusedError(WRONG_CONTENT, f"{where}: {first['msg']}") from None
