"""Is everything that a task touches toy? Its inventory says what there is, and nothing else may be named.

A task's inventory lists paths (with all below them), ports, hosts and accounts. The inventory itself is toy when its paths are
in the agent's home or /tmp, its ports are free ones, its hosts are reserved for examples (RFC 2606, RFC 5737) or the machine's
own loopback, and its accounts are not those that systems have.
"""

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import regex
from pydantic import Field, ValidationError

from builders.sandbox.box import HOME
from builders.sources.section import Section

_TEMPORARY = "/tmp"  # noqa: S108  (the box's)
_NOWHERE = "/dev/null"
_PORTS = range(1024, 65536)
_RESERVED = regex.compile(r"(?:.*\.)?(?:example|test|invalid|localhost|example\.(?:com|org|net))")
_DOCUMENTED = regex.compile(r"(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}|127\.0\.0\.1")
_SYSTEM = frozenset("root admin administrator sudo daemon bin sys www-data postgres mysql nobody ubuntu debian".split())  # noqa: SIM905

_PATH = regex.compile(r"~?(?:[\w.@+-]*/)+[\w.@+*-]*")
_URL = regex.compile(r"\b[a-z][a-z0-9+.-]*://([^\s/'\":]+)(?::(\d+))?[^\s'\"]*", regex.IGNORECASE)
_PORT = regex.compile(r"(?:(?<=[a-z]|\d\.\d{1,3}):|\bports?\s+|\s-p\s*)(\d{2,5})\b", regex.IGNORECASE)
_HOST = regex.compile(
    r"(?<![\w./@-])(?:[a-z0-9-]+\.)+(?:example|test|invalid|localhost|local|internal|lan|onion|com|org|net|io|gov|edu|mil|info"
    r"|biz|dev|app|me|co|us|uk|de|fr|ru|cn|jp|eu|nl|ch|in|br|kr|xyz|top|site|online|cloud)\b(?![\w/-]|\.\w)|\blocalhost\b",
    regex.IGNORECASE,
)
_ADDRESS = regex.compile(
    r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)"
    r"|(?<![\w:])(?=[0-9:]*(?:::|[a-f]))(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])"  # 12:00:00 is a time
)
_MAILBOX = regex.compile(r"\b([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)")
_ACCOUNT = regex.compile(
    r"\b(?:account|user|login|username)\s+(?:named\s+|called\s+)?[`'\"]([^`'\"\s]+)[`'\"]"
    r"|(?:--user[= ]|\buser=|\slogin=)([\w.-]+)"
)
_SUPERUSER = regex.compile(r"\b(?:root|sudo|administrator|www-data)\b", regex.IGNORECASE)


class Inventory(Section):
    """What there is for a task to touch."""

    paths: list[str] = Field(min_length=1)
    ports: list[int] = Field(default_factory=list)
    hosts: list[str] = Field(default_factory=list)
    accounts: list[str] = Field(default_factory=list)


def parsed(value: object) -> Inventory | None:
    """Read an inventory; None where it is none."""
    try:
        return Inventory.model_validate(value)
    except ValidationError:
        return None


def unsafe(inventory: Inventory) -> dict[str, int]:
    """Return how many entries of an inventory are not toy, by kind; empty where all are."""
    wrong: dict[str, Sequence[object]] = {
        "paths": [path for path in inventory.paths if not _below(_whole(path), (HOME, _TEMPORARY)) or _whole(path) == HOME],
        "ports": [port for port in inventory.ports if port not in _PORTS],
        "hosts": [host for host in inventory.hosts if not (_RESERVED.fullmatch(host) or _DOCUMENTED.fullmatch(host))],
        "accounts": [name for name in inventory.accounts if name.casefold() in _SYSTEM],
    }
    return {kind: len(entries) for kind, entries in wrong.items() if entries}


def outside(inventory: Inventory, texts: Iterable[str]) -> dict[str, int]:
    """Return how many things that texts name are not in the inventory, by kind; empty where all are."""
    found: dict[str, set[str]] = {"paths": set(), "ports": set(), "hosts": set(), "accounts": set()}
    for text in texts:
        for kind, names in named(text).items():
            found[kind] |= names
    known = [*map(_whole, inventory.paths), _NOWHERE]
    wrong = {
        "paths": {path for path in found["paths"] if not _below(path, known)},
        "ports": found["ports"] - {str(port) for port in inventory.ports},
        "hosts": found["hosts"] - {host.casefold() for host in inventory.hosts},
        "accounts": found["accounts"] - set(inventory.accounts),
    }
    return {kind: len(names) for kind, names in wrong.items() if names}


def named(text: str) -> dict[str, set[str]]:
    """Return the paths, ports, hosts and accounts that a text names; a relative path is one in the agent's home."""
    urls = list(_URL.finditer(text))
    rest = _URL.sub(" ", text)
    mailboxes = _MAILBOX.findall(rest)
    plain = _MAILBOX.sub(" ", rest)
    hosts = {url[1] for url in urls} | {host for _, host in mailboxes}
    hosts |= {match[0] for pattern in (_HOST, _ADDRESS) for match in pattern.finditer(plain)}
    accounts = {name for name, _ in mailboxes} | {match[1] or match[2] for match in _ACCOUNT.finditer(plain)}
    return {
        "paths": {_whole(match[0].rstrip(".,;")) for match in _PATH.finditer(plain)},
        "ports": {url[2] for url in urls if url[2]} | set(_PORT.findall(plain)),
        "hosts": {host.casefold() for host in hosts},
        "accounts": accounts | {match[0].casefold() for match in _SUPERUSER.finditer(plain)},
    }


def strings(value: Any) -> Iterator[str]:  # noqa: ANN401  (any JSON value)
    """Yield every text in a JSON value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def _whole(path: str) -> str:
    home = HOME + path[1:] if path.startswith("~") else path
    return posixpath.normpath(posixpath.join(HOME, home))


def _below(path: str, folders: Any) -> bool:  # noqa: ANN401  (a list or a tuple)
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)
