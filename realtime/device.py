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
from .device_messages import Begin, Credit, End, Skip, decode_device, read_frame

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


class Session:
    """The rules for one device; `credit` samples may wait, at `rate_hz`.

    Clock readings `now_s` are seconds of one monotonic clock. What comes and may not raises
    `RefusedError`.
    """

    def __init__(self, *, rate_hz: int, credit: int, now_s: float) -> None:
        self._rate_hz, self._credit = rate_hz, credit
        self._granted = self._sent = self._recognized = 0  # samples
        self._began_s = now_s
        self._heard_s = now_s
        self.name: str | None = None
        """What the device is called, once it has begun."""
        self.ended = False
        self.skipped = 0
        """Samples that the device had to leave out, in `skips` places."""
        self.skips = 0

    @property
    def position(self) -> int:
        """Number of the sample that comes next."""
        return self._sent + self.skipped

    def text(self, text: str, *, now_s: float) -> None:
        """Takes a text message."""
        try:
            message = decode_device(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "message"
            raise RefusedError(WRONG_CONTENT, f"{where}: {first['msg']}") from None
        match message:
            case Begin():
                self._begin(message, now_s=now_s)
            case Skip():
                self._expect_begun()
                self._skip(message.samples, now_s=now_s)
            case End():
                self._expect_begun()
                self.ended = True

    def sound(self, data: bytes, *, now_s: float) -> Block:
        """Takes a binary message: the block that it holds."""
        self._expect_begun()
        try:
            samples = read_frame(data)
        except ValueError as error:
            raise RefusedError(WRONG_CONTENT, str(error)) from None
        start = self.position
        self._sent += len(samples)
        if self._sent > self._granted:
            raise RefusedError(
                BROKE_RULES,
                f"sent {self._sent} samples with credit for {self._granted}: too fast",
            )
        self._heard_s = now_s
        return Block(samples, start)

    def recognized(self, samples: int) -> None:
        """So many more samples wait no longer."""
        self._recognized += samples

    def credit(self, *, now_s: float) -> Credit | None:
        """The credit to give now; None when none is due."""
        if self.name is None or self.ended:
            return None
        allowed = self._credit + min(self._recognized, self._paced(now_s))
        due = allowed - self._granted
        if due < max(1, self._credit // GRANTS):
            return None
        self._granted = allowed
        return Credit(samples=due)

    def check_silent(self, *, now_s: float) -> None:
        """Raises `RefusedError` when nothing has come for `SILENT_S`."""
        if now_s - self._heard_s > SILENT_S:
            raise RefusedError(BROKE_RULES, f"no sound came for {SILENT_S:g} s")

    def _begin(self, message: Begin, *, now_s: float) -> None:
        if self.name is not None:
            raise RefusedError(BROKE_RULES, "it had begun already")
        if message.rate_hz != self._rate_hz:
            raise RefusedError(
                WRONG_CONTENT, f"rate_hz is {message.rate_hz}, expected {self._rate_hz}"
            )
        self.name = message.name
        self._began_s = self._heard_s = now_s

    def _skip(self, samples: int, *, now_s: float) -> None:
        self.skipped += samples
        self.skips += 1
        if self.position > self._credit + self._paced(now_s):
            raise RefusedError(BROKE_RULES, f"skipped {samples} samples, more than time has passed")

    def _paced(self, now_s: float) -> int:
        """Samples that may have come since the beginning, beside the first credit."""
        return int(FASTEST * self._rate_hz * (now_s - self._began_s))

    def _expect_begun(self) -> None:
        if self.name is None or self.ended:
            raise RefusedError(
                BROKE_RULES, "sound has ended" if self.ended else "expected `begin` first"
            )
