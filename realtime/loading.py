"""The encoder as a promise: it loads in its own thread, while other things already begin."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

from encoder.embedding import Encoder


class Loading:
    """Begins at once to call `load`; whoever needs the result waits for it.

    Loading torch takes seconds, in which a microphone can already be heard. The thread does not
    hold up the end of the program.
    """

    def __init__(self, load: Callable[[], Encoder]) -> None:
        self.future: Future[Encoder] = Future()
        self._load = load
        threading.Thread(target=self._run, name="load-encoder", daemon=True).start()

    def _run(self) -> None:
        try:
            self.future.set_result(self._load())
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is used
            self.future.set_exception(error)

    def rate_hz(self) -> int:
        """The encoder's sample rate, once it is loaded; raises what loading raised."""
        return self.future.result().spec.sample_rate_hz
