"""Real music, played into PulseAudio's null sink, captured by sounddevice, named on the socket."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from catalog.demo import demo_clips
from tests.helpers.program import StartDaemon, messages_until, run_nowhear

SECONDS_TO_BE_SURE = 8.0
"""By then several rankings were made while the song was named."""

REPEATS = "remaxim-hex-a-hop"  # of this clip, which repeats itself, any of several places is right


def play(clip: Path, env: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Plays a clip into the sink, as another program on the machine would."""
    return subprocess.Popen(["paplay", "--device=speaker", clip], env={**os.environ, **env})


@pytest.mark.parametrize("clip", demo_clips()[:1], ids=lambda clip: clip.stem)
def test_what_is_played_is_named(
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
        title = title_of(clip, demo_catalog)
        named = [m for m in heard if m["type"] == "match" and m["song"] is not None]
        assert {match["song"]["title"] for match in named} == {title}
        assert named[0]["at_s"] - begun <= 6.0
        for match in named if clip.stem != REPEATS else ():
            assert match["position_s"] == pytest.approx(match["at_s"] - match["since_s"], abs=0.5)
        assert named[-1]["rate"] == pytest.approx(1, abs=0.03)  # the first rest on a moment only
        ranked = heard[-1]["songs"]
        assert len(ranked) == 5
        assert ranked[0]["audio"].startswith("/songs/")
        assert title not in {song["title"] for song in ranked}
        scores = [song["score"] for song in ranked]
        assert scores[0] == max(scores)
        # The music ends: silence is said, and name and ranking are gone.
        # In any order: for a client that is slow, what is newer takes the place of what it missed.
        ended: set[str] = set()

        def all_over(message: dict[str, Any]) -> bool:
            if is_over(message):
                ended.add(message["type"])
            return len(ended) == 3

        messages_until(socket, all_over)
    assert daemon.stop(signal.SIGINT) in (0, 130)
    noted = json.loads(run_nowhear("history", "--catalog", demo_catalog, "--json").stdout)[0]
    assert (noted["title"], noted["source_kind"]) == (title, "microphone")


def is_sound(message: dict[str, Any]) -> bool:
    return bool(message["type"] == "level" and message["state"] == "sound")


def is_over(message: dict[str, Any]) -> bool:
    """Whether a topic says that nothing is heard any more."""
    if message["type"] == "similar":
        return not message["songs"]
    return message["type"] in ("level", "match") and message["state"] == "silence"


def title_of(clip: Path, catalog: Path) -> str:
    songs = json.loads(run_nowhear("songs", "--catalog", catalog, "--json").stdout)
    return next(song["title"] for song in songs if Path(song["path"]).name == clip.name)
