"""Which song a row of prints belongs to."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.places import Place, Places
from catalog.segment_index import searched_rows

COUNTS = st.lists(st.integers(0, 5), max_size=12)


@given(counts=COUNTS, gaps=COUNTS, every=st.integers(1, 4), seed=st.integers(0, 99))
def test_owners_and_searched_rows_are_those_of_a_plain_loop(counts, gaps, every, seed):
    songs = np.random.default_rng(seed).permutation(100)[: len(counts)].tolist()
    owner: dict[int, tuple[int, int]] = {}
    places, first = [], 0
    for i, (song, count) in enumerate(zip(songs, counts, strict=True)):
        first += gaps[i] if i < len(gaps) else 0  # rows of songs that are gone
        places.append((song, Place(i, first, count)))
        owner.update({first + n: (song, n) for n in range(count)})
        first += count
    by_segment = Places.of(places).by_segment()
    rows = np.arange(first + 3)
    line = by_segment.owners(rows)
    found = {row: int(by_segment.ids[at]) for row, at in enumerate(line.tolist()) if at >= 0}
    assert found == {row: song for row, (song, _) in owner.items()}
    wanted = [row for row, (_, number) in sorted(owner.items()) if number % every == 0]
    assert searched_rows(by_segment, every=every).tolist() == wanted


def test_places_are_found_by_song_and_joined_in_order():
    one = Places.of([(9, Place(0, 0, 2)), (3, Place(1, 2, 0))])
    both = one.joined(Places.of([(5, Place(2, 2, 7))]))
    assert both.ids.tolist() == [3, 5, 9]
    assert (both.of_song(5), both.of_song(4)) == (Place(2, 2, 7), None)
    assert (both.segment_count, both.rows.tolist()) == (9, [1, 2, 0])
    assert both.where(both.ids > 4).ids.tolist() == [5, 9]
