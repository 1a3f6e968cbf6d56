"""The protocol: messages survive the way through text, and the schema says what they are."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from realtime import messages as m
from tests.helpers.messages import one_of_each, similar
from tests.helpers.schema import (
    SCHEMA,
    SCHEMA_PATH,
    assert_valid,
    assert_valid_from_client,
)

words = st.text(max_size=20)
counts = st.integers(0, 2**53)
seconds = st.floats(0, 1e9)
bands = st.lists(st.integers(0, 255), min_size=m.LEVEL_BANDS, max_size=m.LEVEL_BANDS).map(tuple)


sources = st.builds(
    m.Source,
    kind=st.sampled_from(("microphone", "file", "stream", "stdin")),
    name=words,
    live=st.booleans(),
)
catalogs = st.builds(m.CatalogState, songs=counts, generation=st.none() | counts)
encoders = st.builds(
    m.EncoderInfo,
    name=words,
    fingerprint=words,
    window_s=st.floats(0.001, 100),
    tags=st.lists(words, max_size=4).map(tuple),
)
latencies = st.builds(m.Latency, p50_ms=seconds, p99_ms=seconds, count=st.integers(1, 1000))
rows = st.builds(
    m.RankedSong,
    song=counts,
    title=words,
    artist=st.none() | words,
    album=st.none() | words,
    genre=st.none() | words,
    duration_s=seconds,
    score=st.floats(-1, 1),
    audio=words,
)
songs = st.builds(
    m.MatchedSong,
    song=counts,
    title=words,
    artist=st.none() | words,
    album=st.none() | words,
    genre=st.none() | words,
    duration_s=seconds,
    audio=words,
)
tag_scores = st.builds(m.TagScore, tag=words, probability=st.floats(0, 1))
jobs = st.builds(
    m.Job,
    job=counts,
    name=words,
    state=st.sampled_from(("queued", "running", "done", "failed", "cancelled")),
    progress=st.none() | st.floats(0, 1),
    message=st.none() | words,
)
decibels = st.floats(-120, 10)
server_messages = st.one_of(
    st.builds(m.Hello, version=words, encoder=encoders, catalog=catalogs, source=sources),
    st.builds(
        m.Status,
        source=sources,
        state=st.sampled_from(("starting", "listening", "lost", "ended")),
        detail=st.none() | words,
        heard_s=seconds,
        dropped_s=seconds,
        dropped_blocks=counts,
        overruns=counts,
        latency=st.none() | latencies,
        clients=counts,
        catalog=catalogs,
        uptime_s=seconds,
    ),
    st.builds(
        m.Level,
        at_s=seconds,
        rms_dbfs=decibels,
        peak_dbfs=decibels,
        state=st.sampled_from(("silence", "sound")),
        bands=bands,
    ),
    st.builds(
        m.Match,
        at_s=seconds,
        state=st.sampled_from(("silence", "sound", "unknown", "identified")),
        since_s=seconds,
        song=st.none() | songs,
        position_s=st.none() | seconds,
        rate=st.none() | st.floats(0.5, 2),
        confidence=st.none() | st.floats(0, 1),
    ),
    st.builds(
        m.Similar,
        at_s=seconds,
        songs=st.lists(rows, max_size=3).map(tuple),
        latency_ms=st.none() | seconds,
    ),
    st.builds(m.Place, at_s=seconds, xyz=st.none() | st.tuples(*[st.floats(-1e6, 1e6)] * 3)),
    st.builds(m.Jobs, jobs=st.lists(jobs, max_size=3).map(tuple)),
    st.builds(m.Tags, at_s=seconds, tags=st.lists(tag_scores, max_size=3).map(tuple)),
)


@given(server_messages)
def test_a_message_survives_the_way_through_text(message: m.ServerMessage) -> None:
    text = m.encode(message)
    assert_valid(text)
    assert m.decode(text) == message
    assert m.decode(text.encode(), lenient=True) == message


@given(st.frozensets(st.sampled_from(m.TOPICS)))
def test_so_does_a_clients(topics: frozenset[m.Topic]) -> None:
    text = m.encode(m.Subscribe(type="subscribe", topics=topics))
    assert_valid_from_client(text)
    assert m.decode_subscribe(text).topics == topics


def test_the_schema_in_the_repository_is_the_one_of_the_classes() -> None:
    assert SCHEMA_PATH.read_text(encoding="utf-8") == m.schema_text(), (
        "write it anew: python -m realtime.messages > realtime/schema.json"
    )


def test_every_topic_is_a_message_of_the_schema() -> None:
    assert set(SCHEMA["discriminator"]["mapping"]) == set(m.TOPICS)
    assert {message.type for message in one_of_each()} == set(m.TOPICS) - {"hello"}


@pytest.mark.parametrize("missing", ["v", "type", "at_s", "songs", "latency_ms"])
def test_the_schema_misses_a_field(missing: str) -> None:
    message = json.loads(m.encode(similar()))
    del message[missing]
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        assert_valid(json.dumps(message))


def test_the_schema_refuses_a_field_too_many() -> None:
    message = json.loads(m.encode(similar())) | {"mood": "blue"}
    with pytest.raises(AssertionError, match="mood"):
        assert_valid(json.dumps(message))
    with pytest.raises(ValidationError):
        m.decode(json.dumps(message))
    assert m.decode(json.dumps(message), lenient=True) == similar()


@pytest.mark.parametrize("score", [math.nan, math.inf, 1.5])
def test_numbers_that_json_cannot_say_are_refused(score: float) -> None:
    row = similar().songs[0].model_dump() | {"score": score}
    with pytest.raises(ValidationError):
        m.RankedSong(**row)
    with pytest.raises(ValidationError):
        m.Tags(at_s=math.nan, tags=())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"topics": []}',
        '{"type": "hello", "topics": []}',
        '{"type": "subscribe", "topics": ["news"]}',
        '{"type": "subscribe", "topics": [], "more": 1}',
    ],
)
def test_what_is_no_subscribe(text: str) -> None:
    with pytest.raises(ValidationError):
        m.decode_subscribe(text)
