"""What `nowhear watch` shows: messages in, something rich can print out. Pure."""

from __future__ import annotations

from math import floor

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from catalog.songs import one_line
from realtime.cli.listing import duration_text
from realtime.client import Connection
from realtime.messages import Hello, Level, Match, ServerMessage, Similar, Status, Tags, Topic

METER_CELLS = 40
METER_FLOOR_DBFS = -60.0
EIGHTHS = " ▏▎▍▌▋▊▉█"
LOUD_DBFS = -3.0
SCORE_CELLS = 10

TELLING_RATE = 0.002  # a turntable is no nearer to its speed than that

SAID = {
    "silence": "  silence",
    "sound": "  listening for a song",
    "unknown": "  not in your catalog",
    "identified": "",
}
STATE_STYLES = {"listening": "green", "starting": "yellow", "ended": "dim", "lost": "red"}
CONNECTION_STYLES = {"live": "green", "connecting": "yellow", "lost": "red"}


class View:
    """The newest message of each topic, and the state of the connection."""

    def __init__(self) -> None:
        self.connection = Connection("connecting")
        self._newest: dict[Topic, ServerMessage] = {}

    def take(self, message: ServerMessage) -> None:
        """The newest of its topic from now on; a `hello` begins anew."""
        if isinstance(message, Hello):
            self._newest.clear()
        self._newest[message.type] = message

    def render(self) -> RenderableType:
        """The whole view."""
        heard = [self._meter(), self._match(), self._tags()]
        return Group(self._head(), *heard, Text(), self.ranking(), self._foot())

    def ranking(self) -> RenderableType:
        """The ranked songs as a table."""
        similar = self._newest.get("similar")
        if not isinstance(similar, Similar) or not similar.songs:
            return Text("  no ranking yet: nothing is heard that could be compared", style="dim")
        table = Table(box=None, pad_edge=False, header_style="dim")
        for head in ("", "song", "title", "artist", "score"):
            table.add_column(head, justify="right" if head in ("", "song") else "left")
        for place, row in enumerate(similar.songs, start=1):
            score = Text(f"{row.score:.3f} ").append(bar(row.score, SCORE_CELLS), "cyan")
            title, artist = Text(one_line(row.title), "bold"), Text(one_line(row.artist or ""))
            table.add_row(str(place), Text(str(row.song), "dim"), title, artist, score)
        return table

    def _head(self) -> Text:
        text = Text("nowhear ", style="bold")
        text.append(f"● {self.connection.state}", CONNECTION_STYLES[self.connection.state])
        if self.connection.detail:
            text.append(f"  {one_line(self.connection.detail)}", "red")
        if self.connection.retry_s is not None:
            text.append(f"; next try in {self.connection.retry_s:.1f} s", "dim")
        status, hello = self._newest.get("status"), self._newest.get("hello")
        if isinstance(status, Status):
            text.append(f"\n{status.state} ", STATE_STYLES[status.state])
            text.append(f"{status.source.kind}: {one_line(status.source.name)}")
            if status.detail:
                text.append(f"\n{one_line(status.detail)}", "yellow")
        elif isinstance(hello, Hello):
            text.append(f"\n{hello.source.kind}: {one_line(hello.source.name)}")
        return text

    def _meter(self) -> Text:
        level = self._newest.get("level")
        if not isinstance(level, Level):
            return Text()
        share = 1 - level.rms_dbfs / METER_FLOOR_DBFS
        text = Text(bar(share, METER_CELLS), "red" if level.peak_dbfs > LOUD_DBFS else "green")
        text.append(f"│ {level.rms_dbfs:6.1f} dBFS", "default")
        return text.append(f"  {level.state}", "dim")

    def _match(self) -> Text:
        match = self._newest.get("match")
        if not isinstance(match, Match):
            return Text()
        song = match.song
        if song is None:
            return Text(SAID[match.state], "dim")
        text = Text("♫ ", "bold cyan").append(one_line(song.title), "bold")
        if song.artist:
            text.append(f"  {one_line(song.artist)}", "default not bold")
        words = [f"{duration_text(match.position_s or 0.0)} of {duration_text(song.duration_s)}"]
        if match.rate is not None and abs(match.rate - 1) >= TELLING_RATE:
            words.append(f"{match.rate - 1:+.1%}")
        if match.confidence is not None:
            words.append(f"{floor(100 * match.confidence)}% sure")
        return text.append("  " + " · ".join(words), "dim not bold")

    def _tags(self) -> Text:
        tags = self._newest.get("tags")
        text = Text(style="magenta")
        if isinstance(tags, Tags):
            words = (f"{one_line(one.tag)} {one.probability:.0%}" for one in tags.tags)
            text.append("  ".join(words))
        return text

    def _foot(self) -> Text:
        status = self._newest.get("status")
        if not isinstance(status, Status):
            return Text()
        words = [f"{status.catalog.songs} songs", f"{status.clients} clients"]
        if status.latency is not None:
            latency = status.latency
            words.append(f"latency p50 {latency.p50_ms:.0f} ms, p99 {latency.p99_ms:.0f} ms")
        if status.dropped_s > 0:
            words.append(f"{status.dropped_s:.1f} s dropped")
        if status.overruns > 0:
            words.append(f"{status.overruns} overruns")
        return Text("\n" + " · ".join(words), style="dim")


def bar(share: float, cells: int) -> str:
    """A bar of eighths of a cell; `share` 0 to 1 is empty to full, beyond that is cut.

    >>> bar(0.5, 4), bar(2, 4), bar(-1, 4)
    ('██  ', '████', '    ')
    """
    eighths = round(min(1.0, max(0.0, share)) * cells * 8)
    full, rest = divmod(eighths, 8)
    text = EIGHTHS[8] * full + (EIGHTHS[rest] if rest else "")
    return text.ljust(cells)
