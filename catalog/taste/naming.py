"""Songs by artist and title that others spell otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ..datasets import Track
from ..errors import MissingExtraError
from ..imports.join import Names, fuzzy_ratio
from ..imports.names import Name, Ratio, name_of
from ..songs import Song


class NamedSongs:
    """Songs, looked up by names that need not be spelled as theirs are.

    Raises `MissingExtraError`: rapidfuzz is not installed.
    """

    def __init__(self, songs: Iterable[Song]) -> None:
        every = list(songs)
        self._ratio = _ratio()
        self._names = Names(every)
        self._titles: defaultdict[Name, list[Song]] = defaultdict(list)
        for song in every:
            self._titles[name_of("", song.title)].append(song)

    def find(self, title: str, artist: str | None) -> int | None:
        """The song with this title by this artist, or with names that are nearly these.

        Without an artist, and among songs without one, the title must be equal and one song's.
        """
        if artist is not None:
            track = Track(dataset="", key="", title=title, artist=artist)
            found = self._names.best(track, self._ratio)
            if found is not None:
                return found[0]
        titled = self._titles.get(name_of("", title), [])
        meant = [song.id for song in titled if artist is None or song.artist is None]
        return meant[0] if len(meant) == 1 else None


def _ratio() -> Ratio:
    ratio = fuzzy_ratio()
    if ratio is None:
        raise MissingExtraError(
            "the library rapidfuzz is not installed; `pip install 'nowhear[learn]'` brings it"
        )
    return ratio
