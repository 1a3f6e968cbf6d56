"""Where a server is found by others."""

import ipaddress

import pytest

from realtime.binding import seen_at


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "192.168.1.9", "radio.local"])
def test_one_address_is_where_it_is(host: str) -> None:
    assert seen_at(host) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_every_address_has_one_that_others_reach(host: str) -> None:
    found = seen_at(host)
    if found is None:
        pytest.skip("this machine has no way to others")
    assert not ipaddress.ip_address(found).is_loopback
