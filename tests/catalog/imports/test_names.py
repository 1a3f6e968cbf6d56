"""When two spellings are one recording."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.imports.names import artist_of, likeness, name_of, plain

fuzz = pytest.importorskip("rapidfuzz", reason="the extra `learn` is not installed").fuzz


def alike(one: tuple[str, str], other: tuple[str, str]) -> float:
    return likeness(
        name_of(*one), name_of(*other), lambda a, b: float(fuzz.ratio(a, b)) / 100, least=0.88
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Sigur Rós", "Sæglópur"), ("sigur ros", "SAEGLOPUR")),
        (("The Beatles", "Help!"), ("Beatles, The", "Help")),
        (("Queen", "Bohemian Rhapsody"), ("Queen", "Bohemian Rhapsody - Remastered 2011")),
        (("Queen", "Bohemian Rhapsody"), ("Queen", "Bohemian Rhapsody (2011 Remaster)")),
        (("Drake", "Take Care"), ("Drake feat. Rihanna", "Take Care (feat. Rihanna)")),
        (("Metallica", "Fade to Black"), ("Metalica", "Fade to Blakc")),
        (("A", "Symphony II"), ("A", "Symphony 2")),
        (("坂本龍一", "戦場のメリークリスマス"), ("坂本龍一", "戦場のメリークリスマス")),
        (("!!!", "???"), ("!!!", "???")),
        (("Adele", "Hello - Album Version"), ("Adele", "Hello")),
    ],
)
def test_spellings_of_one_recording(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert alike(one, other) >= 0.88
    assert alike(other, one) == alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ed Askew", "Piano 2"), ("Ed Askew", "Piano 3")),
        (("A", "Concerto for Strings II"), ("A", "Concerto for Strings III")),
        (("A", "A Long Title (Part 1)"), ("A", "A Long Title (Part 2)")),
        (("Queen", "Love of My Life"), ("Queen", "Love of My Life (Live)")),
        (("Adele", "Hello"), ("Adele", "Hello - Dance Remix")),
        (("Adele", "Hello"), ("Lionel Richie", "Hello")),
        (("Adele", "Hello"), ("Adele", "Skyfall")),
        (("!!!", "???"), ("???", "!!!")),
    ],
)
def test_two_recordings(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert alike(one, other) == 0.0


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_name_is_like_itself(artist: str, title: str) -> None:
    assert alike((artist, title), (artist, title)) == 1.0


@given(st.text(max_size=40))
def test_plain_text_stays_plain(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert artist_of(text) == artist_of(text.strip())
