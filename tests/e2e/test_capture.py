"""Real music, played into PulseAudio's null sink, captured by sounddevice, ranked on the socket."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from catalog.demo import demo_clips
from tests.helpers.program import StartDaemon, messages_until

SECONDS_TO_BE_SURE = 8.0
"""By then the smoothed style rests on several windows of the song alone."""


def play(clip: Path, env: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Plays a clip into the sink, as another program on the machine would."""
    return subprocess.Popen(["paplay", "--device=speaker", clip], env={**os.environ, **env})


@pytest.mark.parametrize("clip", demo_clips()[::8], ids=lambda clip: clip.stem)
def test_what_is_played_is_ranked_first(
    clip: Path, pulse: dict[str, str], demo_catalog: Path, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon(
        "listen", "--input", "mic:pulse", "--catalog", demo_catalog, "--port", "0", env=pulse
    )
    with daemon.socket() as socket:
        messages_until(socket, lambda m: m["type"] == "level" and m["state"] == "silence")
        player = play(clip, pulse)
        try:
            begun = messages_until(socket, is_sound)[-1]["at_s"]
            heard = messages_until(
                socket,
                lambda m: m["type"] == "similar" and m["at_s"] > begun + SECONDS_TO_BE_SURE,
            )
        finally:
            player.terminate()
            player.wait()
        first = next(m for m in heard if m["type"] == "similar" and m["songs"])
        assert first["at_s"] - begun <= 4.0
        ranked = heard[-1]["songs"]
        assert len(ranked) == 5
        assert ranked[0]["audio"].startswith("/songs/")
        assert title_of(clip, demo_catalog) == ranked[0]["title"]
        scores = [song["score"] for song in ranked]
        assert scores[0] == max(scores)
        # The music ends: silence is said, and the ranking is emptied.
        messages_until(socket, lambda m: m["type"] == "level" and m["state"] == "silence")
        messages_until(socket, lambda m: m["type"] == "similar" and not m["songs"])
    assert daemon.stop(signal.SIGINT) in (0, 130)


def is_sound(message: dict[str, Any]) -> bool:
    return bool(message["type"] == "level" and message["state"] == "sound")


def title_of(clip: Path, catalog: Path) -> str:
    import json

    from tests.helpers.program import run_nowhear

    songs = json.loads(run_nowhear("songs", "--catalog", catalog, "--json").stdout)
    return next(song["title"] for song in songs if Path(song["path"]).name == clip.name)
