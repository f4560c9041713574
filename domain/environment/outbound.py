"""Outbound connections: the environment's proxies and certificates, checked before a client is built with them.

The HTTP library reads them anew for each client and would raise there, in the middle of somebody's reply or log-in.
"""

from __future__ import annotations

import logging
import os
import ssl
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from domain.accounts.providers import switched_on
from domain.addresses.private_hosts import is_private
from domain.environment.load_settings import InvalidSetting
from domain.settings.settings import Settings

log = logging.getLogger(__name__)

SCHEMES = ("http", "https", "all")
ANOTHER = "set one that begins with http://, or list in NO_PROXY what is reached without"


def prepare_outbound(settings: Settings) -> None:
    """Bypass the proxies for private hosts, and drop unusable proxies that no host needs.

    Changes the environment of this process. Raises `InvalidSetting` with a line that names the variable.
    """
    destinations = {(parts.scheme, parts.hostname or "") for parts in map(urlsplit, _addresses(settings))}
    if not destinations:
        return
    _check_certificates()
    proxies = getproxies_environment()
    if not proxies:
        return
    private = sorted(host for _scheme, host in destinations if is_private(host))
    spared = [proxies.get("no", ""), "localhost", "127.0.0.1", "::1", *private]
    os.environ["no_proxy"] = ",".join(dict.fromkeys(filter(None, spared)))
    hosts = defaultdict(list)
    for scheme, host in sorted(destinations):
        if not proxy_bypass(host):
            hosts[scheme if scheme in proxies else "all"].append(host)
    for scheme in SCHEMES:
        if scheme in proxies:
            _check_proxy(scheme, proxies[scheme], hosts[scheme])


def _addresses(settings: Settings) -> Iterator[str]:
    """Addresses to which Beseda sends HTTP requests: the model's server, and the sites one can log in with."""
    if not settings.is_demo:
        yield settings.model_address
    for provider in switched_on(settings):
        yield from filter(None, (provider.issuer, provider.authorize, provider.token, provider.user_info))


def _check_proxy(scheme: str, proxy: str, hosts: list[str]) -> None:
    names = sorted((name for name in os.environ if name.lower() == f"{scheme}_proxy"), reverse=True)
    reason = _unusable(proxy)
    if reason and hosts:
        raise InvalidSetting(f"{names[0]}: {reason}; {ANOTHER}")
    if reason:
        for name in names:
            del os.environ[name]
    elif hosts:
        log.info("Asked through the proxy of %s: %s", names[0], ", ".join(hosts))


def _unusable(proxy: str) -> str:
    """Reason that no client can be built with the proxy; empty if one can."""
    from httpx2 import HTTPTransport, InvalidURL, Proxy

    try:
        HTTPTransport(proxy=Proxy(proxy if "://" in proxy else f"http://{proxy}"), verify=False)
    except ImportError:
        return "SOCKS is spoken only where the package socksio is installed"
    except (ValueError, InvalidURL):
        return "is not the address of a proxy that can be used"
    return ""


def _check_certificates() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    name = "SSL_CERT_FILE"
    try:
        if path := os.environ.get(name):
            context.load_verify_locations(path)
        name = "SSLKEYLOGFILE"
        if path := os.environ.get(name):
            context.keylog_filename = path
    except OSError as error:  # includes ssl.SSLError
        raise InvalidSetting(f"{name}: {path} cannot be used ({error.strerror})") from error
    name = "SSL_CERT_DIR"
    if (path := os.environ.get(name)) and not Path(path).is_dir():
        raise InvalidSetting(f"{name}: {path} is no folder")
