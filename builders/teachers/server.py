"""Where a role's requests go: what the environment says about servers.

`BUILDERS_<ROLE>_URL`, `BUILDERS_<ROLE>_API_KEY` and `BUILDERS_<ROLE>_HEADERS` (URL unset: the teacher's three) and
`BUILDERS_CONCURRENCY`. Several servers that answer for one role are separated by commas, and are sent the same key and headers.
A role with a URL of its own is never sent another role's key or headers, and neither is ever stored.
The system's proxies are used (`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`), and its certificates, see `trust`.
"""

import json
import os
import re
import resource
from collections.abc import Collection
from contextlib import suppress
from typing import NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit
from urllib.request import getproxies, proxy_bypass

from builders.errors import BuildError
from builders.teachers.bodies import ENCODINGS

_SHORTEST_SECRET = 8
_LONGEST_HOST = 253
_MOST_DIGITS = 9
OTHER_FILES = 128
"""More than a stage has open beside its connections."""

_PORTS = {"http": 80, "https": 443}


_ENDPOINT = re.compile(r"/(chat/completions|completions|messages|responses)/?$")
_SECRET = re.compile(r"key|token|secret|sig|password|code|auth", re.IGNORECASE)
_OURS = {"content-type", "content-length", "content-encoding", "transfer-encoding", "accept-encoding", "host", "connection"}
_ANTHROPIC_VERSION = "2023-06-01"


class Server(NamedTuple):
    """Where a role's requests go, and what they carry there.

    Args:
        url: the base URL.
        api_key: the token; None where the server wants none.
        api: which API is spoken there, which decides how the token is sent.
        query: what stands behind the question mark in every request, such as Azure's `api-version=...`.
        headers: further headers.
    """

    url: str
    api_key: str | None
    api: str = "chat"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def all_of(cls, role: str, api: str = "chat") -> tuple[Self, ...]:
        """Read the role's servers from the environment, each of them once; all have the same key and headers.

        Raises:
            BuildError: neither the role nor the teacher has a URL, or it is not an HTTP one; or key or headers cannot be sent.
        """
        name, urls = cls.named(role) or ("teacher", "")
        prefix = f"BUILDERS_{name.upper()}"
        if not urls:
            fix = "set it to the server's base URL, such as http://127.0.0.1:8000/v1, or set teacher: recorded in params.yaml"
            raise BuildError("no server is named", where=f"{prefix}_URL", fix=fix)
        places = dict.fromkeys(_place(f"{prefix}_URL", url.strip().rstrip("/")) for url in urls.split(",") if url.strip())
        key, headers = _api_key(f"{prefix}_API_KEY"), _headers(f"{prefix}_HEADERS")
        return tuple(cls(base, key, _spoken(api), query, headers) for base, query in places)

    @property
    def sent(self) -> dict[str, str]:
        """The headers of every request."""
        sent = {"Content-Type": "application/json", "Accept-Encoding": ENCODINGS}
        if self.api == "messages":
            sent["anthropic-version"] = _ANTHROPIC_VERSION
        if self.api_key and self.api == "messages":
            sent["x-api-key"] = self.api_key
        elif self.api_key:
            sent["Authorization"] = f"Bearer {self.api_key}"
        ours = {name.lower(): name for name in sent}
        for name, value in self.headers:
            sent[ours.get(name.lower(), name)] = value
        return sent

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no reply may repeat: the key, and the values of further headers; short ones are in texts by chance."""
        values = [self.api_key or "", *(value.removeprefix("Bearer ") for _, value in self.headers)]
        return tuple(value for value in values if len(value) >= _SHORTEST_SECRET)

    def page(self, path: str) -> str:
        """Return the URL of a page below the base URL, or above its version with a leading slash."""
        url = f"{self.url.removesuffix('/v1')}{path}" if path.startswith("/") else f"{self.url}/{path}"
        return f"{url}?{self.query}" if self.query else url

    def proxy(self) -> str | None:
        """Return the URL of the proxy that the system names for the server; None where there is none.

        Raises:
            BuildError: it is one that we cannot use.
        """
        parts, proxies = urlsplit(self.url), getproxies()
        proxy = proxies.get(parts.scheme) or proxies.get("all")
        if not proxy or proxy_bypass(parts.netloc):
            return None
        if not _is_place(proxy, {"http"}):
            fix = "name an HTTP proxy, or except the server in NO_PROXY"
            raise BuildError("the proxy is not an HTTP one", where=f"{parts.scheme.upper()}_PROXY", fix=fix)
        return proxy

    @staticmethod
    def named(role: str) -> tuple[str, str] | None:
        """Return whose URLs the role uses, its own or the teacher's, and these; None if neither is set."""
        for name in (role, "teacher"):
            if urls := os.environ.get(f"BUILDERS_{name.upper()}_URL", "").strip(", \t\n"):
                return name, urls
        return None


def concurrency(most: int) -> int | None:
    """Return the most requests in flight at once, from `BUILDERS_CONCURRENCY`; None: find it out.

    Args:
        most: how many connections there can be.

    Raises:
        BuildError: it is not a positive whole number, or larger than that.
    """
    text = os.environ.get("BUILDERS_CONCURRENCY")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > _MOST_DIGITS or int(text) < 1:
        raise BuildError("not a positive whole number", where="BUILDERS_CONCURRENCY", fix="set it to one, or unset it")
    if int(text) > most:
        what = f"{int(text)} connections are more than this process may open, which is {most} to each server"
        raise BuildError(
            what, where="BUILDERS_CONCURRENCY", fix="raise the system's limit of open files (ulimit -n), or lower it"
        )
    return int(text)


def connections(servers: int, wanted: int) -> int:
    """Return how many connections there can be to each of so many servers, having raised this process's limit of open files.

    Args:
        servers: how many there may be.
        wanted: how many connections to each are enough.
    """
    enough = servers * wanted + OTHER_FILES
    soft, hard = (enough if limit == resource.RLIM_INFINITY else limit for limit in resource.getrlimit(resource.RLIMIT_NOFILE))
    if soft < min(hard, enough):
        with suppress(ValueError, OSError):  # the system has a limit of its own
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, enough), resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
            soft = min(hard, enough)
    return max((min(soft, enough) - OTHER_FILES) // servers, 1)


def _place(variable: str, url: str) -> tuple[str, str]:
    """Return base URL and query of an address.

    Raises:
        BuildError: it is not one.
    """
    base, _, query = url.partition("?")
    if not is_address(base) or "#" in query or any(_SECRET.search(key) for key, _ in parse_qsl(query)):
        fix = "write scheme, host, port and path, a comma between several; a key belongs into the _API_KEY or _HEADERS variable"
        raise BuildError("not an HTTP address", where=variable, fix=fix)
    if found := _ENDPOINT.search(base):
        fix = f"leave off {found[0]}: the base URL is what stands before it"
        raise BuildError("not a base URL but that of one endpoint", where=variable, fix=fix)
    return base.rstrip("/"), query


def address(url: str) -> str:
    """Return scheme, host, port and path: what names a server, without user, query or fragment."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port or _PORTS[parts.scheme]}{parts.path.rstrip('/')}"


def _api_key(variable: str) -> str | None:
    key = os.environ.get(variable, "").strip()
    if not re.fullmatch(r"[!-~]*", key):
        fix = "set it to the bare token: visible ASCII characters, no space or line break between them"
        raise BuildError("not a token", where=variable, fix=fix)
    return key or None


def _spoken(api: str) -> str:
    return "messages" if api == "messages" else "chat"  # the two of OpenAI are asked with the same headers


def _headers(variable: str) -> tuple[tuple[str, str], ...]:
    """Return the headers that a variable has as JSON; no error shows one."""
    text = os.environ.get(variable, "").strip()
    if not text:
        return ()
    fix = 'set it to a JSON object of texts, such as {"api-key": "..."}, without line breaks'
    try:
        headers = json.loads(text)
    except (ValueError, RecursionError):
        raise BuildError("not JSON", where=variable, fix=fix) from None
    if not isinstance(headers, dict) or not all(map(_is_header, headers.items())):
        raise BuildError("not HTTP headers", where=variable, fix=fix)
    if ours := [name for name in headers if name.lower() in _OURS]:
        raise BuildError(f"{ours[0]} is a header that we set", where=variable, fix="leave it out")
    return tuple(sorted(headers.items()))


def _is_header(item: tuple[str, object]) -> bool:
    name, value = item
    return bool(re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)) and isinstance(value, str) and value.isprintable()


def is_address(url: str) -> bool:
    """Tell whether a text is an HTTP address and nothing else: no user or password in it, no query, no fragment."""
    return _is_place(url, _PORTS) and not re.search(r"[@?#\s]", url)


def _is_place(url: str, schemes: Collection[str]) -> bool:
    """Tell whether a URL has one of the schemes, and a host and a port that there can be."""
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        return False
    named = parts.hostname is not None and (":" in parts.hostname or _is_host(parts.hostname))
    return port_fits and parts.scheme in schemes and named


def _is_host(name: str) -> bool:
    """Tell whether every label of a name is one, as resolvers have it."""
    try:
        spelt = name.rstrip(".").encode("idna").decode()
    except UnicodeError:
        return False
    return bool(re.fullmatch(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?", spelt)) and len(spelt) <= _LONGEST_HOST
