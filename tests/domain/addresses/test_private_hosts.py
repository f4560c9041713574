"""Private hosts: those of this machine and its network, by address or by the form of their name."""

from __future__ import annotations

import pytest

from domain.addresses.private_hosts import is_private


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "10.0.0.7", "192.168.1.5", "172.17.0.1"),
        *("169.254.1.1", "100.101.102.103", "fe80::1", "fd00::5", "ollama", "gpu.local", "host.docker.internal"),
        *("nas.lan", "nas.home.arpa", "nas.lan."),
    ],
)
def test_hosts_of_this_network_are_private(host: str) -> None:
    assert is_private(host)


@pytest.mark.parametrize("host", ["ai.api.cloud.yandex.net", "8.8.8.8", "2a02:6b8::1", "localhost.example.org"])
def test_all_others_are_not(host: str) -> None:
    assert not is_private(host)
