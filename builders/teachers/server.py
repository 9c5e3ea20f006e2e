"""Where a role's requests go: what the environment says about servers.

`BUILDERS_<ROLE>_URL` and `BUILDERS_<ROLE>_API_KEY` (URL unset: the teacher's URL and key) and `BUILDERS_CONCURRENCY`. A
role with a URL of its own is never sent another role's key.
"""

import os
import re
import resource
from contextlib import suppress
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from builders.errors import BuildError

OTHER_FILES = 128
"""More than a stage has open beside its connections."""

_PORTS = {"http": 80, "https": 443}


class Server(NamedTuple):
    """Where a role's requests go, and the bearer token they carry."""

    url: str
    api_key: str | None

    @classmethod
    def of(cls, role: str) -> Self:
        """Read the role's server from the environment.

        Raises:
            BuildError: neither the role nor the teacher has a URL, or it is not an HTTP one; or the token cannot be sent.
        """
        name, url = cls.named(role) or ("teacher", "")
        variable = f"BUILDERS_{name.upper()}_URL"
        if not url:
            fix = "set it to the server's base URL, such as http://127.0.0.1:8000/v1, or set teacher: recorded in params.yaml"
            raise BuildError("no server is named", where=variable, fix=fix)
        if not is_address(url):
            fix = "write scheme, host, port and path; a key belongs into the _API_KEY variable"
            raise BuildError("not an HTTP address", where=variable, fix=fix)
        return cls(url, _api_key(f"BUILDERS_{name.upper()}_API_KEY"))

    @staticmethod
    def named(role: str) -> tuple[str, str] | None:
        """Return whose URL the role uses, its own or the teacher's, and that URL; None if neither is set."""
        for name in (role, "teacher"):
            if url := os.environ.get(f"BUILDERS_{name.upper()}_URL", "").rstrip("/"):
                return name, url
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
    if not text.isdecimal() or int(text) < 1:
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


def is_address(url: str) -> bool:
    """Tell whether a text is an HTTP address and nothing else: no user or password in it, no query, no fragment."""
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return port_fits and parts.scheme in _PORTS and bool(parts.hostname) and not re.search(r"[@?#]", url)
