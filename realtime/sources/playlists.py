"""Small playlists that radio stations hand out: m3u and pls. Pure."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

SUFFIXES = (".m3u", ".pls")  # not .m3u8: FFmpeg follows such streams by itself
_PLS_ENTRY = re.compile(r"^file\d+\s*=\s*(\S.*)$", re.IGNORECASE)


def is_playlist(address: str) -> bool:
    """Whether the path of an address (or of a file) names a playlist.

    >>> is_playlist("http://radio.example/listen.PLS?sid=1"), is_playlist("http://radio.example/a")
    (True, False)
    """
    return PurePosixPath(urlsplit(address).path).suffix.lower() in SUFFIXES


def playlist_addresses(text: str, *, base: str = "") -> list[str]:
    """Addresses of the streams in a playlist, in its order; relative ones stand against `base`.

    Only http and https: a playlist must not make the player open files or other protocols.

    >>> playlist_addresses("[playlist]\\nFile1=http://radio.example/a\\nTitle1=A\\n")
    ['http://radio.example/a']
    >>> playlist_addresses("#EXTM3U\\n#EXTINF:-1,A\\nb.mp3\\nfile:///etc/passwd\\n",
    ...     base="https://radio.example/x/list.m3u")
    ['https://radio.example/x/b.mp3']
    """
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines()]
    if any(line.lower() == "[playlist]" for line in lines):
        entries = [match[1].strip() for line in lines if (match := _PLS_ENTRY.match(line))]
    else:
        entries = [line for line in lines if line and not line.startswith("#")]
    addresses = [urljoin(base, entry) for entry in entries]
    return [a for a in addresses if urlsplit(a).scheme in ("http", "https")]
