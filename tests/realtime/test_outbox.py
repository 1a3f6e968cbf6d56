"""The outbox: the newest of each topic, in the order in which topics began to wait."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.outbox import Outbox

TOPICS = ("status", "level", "similar", "tags")
put = st.tuples(st.just("put"), st.sampled_from(TOPICS))
take = st.tuples(st.just("take"), st.none())
keep = st.tuples(st.just("keep"), st.frozensets(st.sampled_from(TOPICS)))


@given(st.lists(st.one_of(put, put, take, keep), max_size=60))
def test_it_agrees_with_a_plain_list(steps: list[tuple[str, object]]) -> None:
    outbox = Outbox()
    waiting: list[tuple[str, str]] = []  # the plainest thing that could be right
    replaced = 0
    for number, (what, argument) in enumerate(steps):
        if what == "put":
            outbox.put(str(argument), f"{argument} {number}")
            places = [i for i, (topic, _) in enumerate(waiting) if topic == argument]
            if places:
                waiting[places[0]] = (str(argument), f"{argument} {number}")
                replaced += 1
            else:
                waiting.append((str(argument), f"{argument} {number}"))
        elif what == "take":
            assert outbox.take() == (waiting.pop(0)[1] if waiting else None)
        else:
            assert isinstance(argument, frozenset)
            outbox.keep(argument)
            waiting = [one for one in waiting if one[0] in argument]
        assert len(outbox) == len(waiting) <= len(TOPICS)
        assert outbox.replaced == replaced
    assert [outbox.take() for _ in waiting] == [text for _, text in waiting]


@given(st.lists(st.sampled_from(TOPICS), min_size=1))
def test_a_client_that_slept_through_everything_is_right(changes: list[str]) -> None:
    outbox = Outbox()
    state = {}
    for number, topic in enumerate(changes):
        state[topic] = f"{topic} {number}"
        outbox.put(topic, state[topic])
    heard = [outbox.take() for _ in range(len(outbox))]
    assert sorted(heard, key=str) == sorted(state.values())
    assert outbox.replaced == len(changes) - len(state)


def test_a_busy_topic_cannot_starve_another() -> None:
    outbox = Outbox()
    outbox.put("level", "1")
    outbox.put("similar", "song")
    for number in range(100):
        outbox.put("level", str(number))
    assert outbox.take() == "99"
    outbox.put("level", "100")
    assert outbox.take() == "song"
