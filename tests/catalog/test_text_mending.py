"""Tags in the wrong encoding: mended where it is clear, left alone where it is not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.text_mending import MAX_LENGTH, clean, mend

JAPANESE = [
    "宇多田ヒカル",
    "千と千尋の神隠し",
    "さくら（独唱）",
    "ドラゴンクエスト",
    "東京事変",
    "LOVE マシーン",
]
RUSSIAN = ["Кино", "Группа крови", "Земфира", "Подмосковные вечера", "ЧЁРНЫЙ КОФЕ", "Аквариум 2"]
WESTERN = [
    "Motörhead", "Björk", "Sigur Rós", "Beyoncé", "Mañana", "Françoise Hardy", "Ágætis byrjun",
    "Måneskin", "Señor Coconut", "Die Ärzte", "Für Elise", "ÄÖÜ", "Ça ira",
    "Où va la forêt", "Éé", "Ænima", "Þórr", "Hofuð", "ÄÄÄÄ", "São Paulo",
]  # fmt: skip


@pytest.mark.parametrize("text", JAPANESE)
def test_shift_jis_declared_latin_1(text):
    assert mend(text.encode("cp932").decode("latin-1")) == text


@pytest.mark.parametrize("text", RUSSIAN)
def test_cp1251_declared_latin_1(text):
    assert mend(text.encode("cp1251").decode("latin-1")) == text


@pytest.mark.parametrize("text", [*JAPANESE, *RUSSIAN, *WESTERN])
def test_utf_8_declared_latin_1(text):
    assert mend(text.encode().decode("latin-1")) == text


@pytest.mark.parametrize("text", WESTERN)
def test_latin_1_is_left_alone(text):
    assert mend(text) == text


@pytest.mark.parametrize("text", ["Don’t Stop", "It’s Don’t", "“Heroes”", "Rock ’n’ Roll", "A – B"])
def test_cp1252_declared_latin_1(text):
    assert mend(text.encode("cp1252").decode("latin-1")) == text


def test_koi8_is_not_taken_for_cp1251():
    text = "Группа Крови".encode("koi8-r").decode("latin-1")
    assert mend(text) == text


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_ascii_is_left_alone(text):
    assert mend(text) == text


@given(st.text())
def test_whatever_comes_is_clean_and_stays_so(text):
    cleaned = clean(mend(text))
    assert clean(cleaned) == cleaned
    assert len(cleaned) <= MAX_LENGTH
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in cleaned)
    cleaned.encode("utf-8")


@given(st.binary())
def test_any_bytes_are_read_as_something(data):
    mend(data.decode("latin-1")).encode("utf-8", "surrogatepass")


def test_control_characters_newlines_and_length():
    assert clean("a\x00\x01b\r\n\tc\u202e") == "a b c"
    assert clean("x" * 5000) == "x" * (MAX_LENGTH - 1) + "…"
    assert clean("e\u0301") == "é"
