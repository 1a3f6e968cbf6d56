"""What songs have in common, in numbers and in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.schema import ATTRIBUTES
from catalog.theme_words import WORDS, Trait, named, telling, traits, words_of


def trait(name: str, score: float, value: float = 0.5) -> Trait:
    return Trait(name, value, 0.5, score)


def test_traits_are_means_and_their_distance_in_deviations() -> None:
    values = np.array([[1, 0.2], [3, np.nan], [5, 0.4], [7, np.nan]], np.float32)
    lines = np.array([False, False, True, True])
    first, second = traits(["tempo", "energy"], values, lines)
    assert (first.name, first.value, first.mean) == ("tempo", 6.0, 4.0)
    assert first.score == pytest.approx(2 / np.sqrt(5))
    assert (second.value, second.mean) == pytest.approx((0.4, 0.3))
    assert second.score == pytest.approx(1.0)


def test_what_is_unknown_or_always_the_same_says_nothing() -> None:
    values = np.array([[np.nan, 2], [1, 2]], np.float32)
    assert traits(["a", "b"], values, np.array([True, False])) == [Trait("b", 2.0, 2.0, 0.0)]


def test_tags_must_be_both_common_and_special() -> None:
    found = [
        trait("all have it", 0.4, 0.9),
        trait("nobody has it", 3.0, 0.01),
        trait("strong", 1.0, 0.49),
        trait("special", 2.0, 0.04),
    ]
    assert [one.name for one in telling(found, least=0.02)] == ["strong", "special"]


def test_there_are_words_for_every_attribute() -> None:
    assert set(WORDS) == set(ATTRIBUTES)


def test_a_theme_is_named_by_attributes_then_by_kind() -> None:
    profile = [trait("tempo", 1.2), trait("energy", 1.5), trait("valence", -0.6)]
    profile += [trait("speechiness", -2.0), trait("liveness", 0.3)]
    kinds = [trait("Electronic", 1.0), trait("electronica", 0.9), trait("Folk", 0.7)]
    said, called = words_of(profile, kinds)
    assert said == ["loud", "fast", "sad"]  # little speech is no news
    assert called == ["electronic", "folk"]
    assert named([(said, called)], []) == [
        ("loud and fast, electronic", ("loud", "fast", "electronic"))
    ]


def test_an_acoustic_theme_is_not_called_so_twice() -> None:
    said, called = words_of([trait("acousticness", 1.0)], [trait("acoustic", 2.0)])
    assert (said, called) == (["acoustic"], [])


def test_themes_that_are_alike_are_told_apart_by_more_words_and_then_by_numbers() -> None:
    words = [(["loud", "fast", "sad"], ["rock", "metal"])] * 4
    assert [name for name, _ in named(words, ["mixed"])] == [
        "loud and fast, rock",
        "loud, fast and sad, rock and metal",
        "loud and fast, rock 2",
        "loud and fast, rock 3",
    ]
    assert [name for name, _ in named([([], [])], ["mixed"])] == ["mixed 2"]


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(["loud", "fast", "sad"]), unique=True),
            st.lists(st.sampled_from(["rock", "folk", "mixed"]), unique=True),
        ),
        max_size=12,
    )
)
def test_no_two_names_are_the_same(words: list[tuple[list[str], list[str]]]) -> None:
    taken = ["mixed", "loud, rock"]
    names = [name for name, _ in named(words, taken)]
    assert len({*names, *taken}) == len(words) + 2
