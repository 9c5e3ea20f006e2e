"""Tokens and keys, which nothing that is released may hold.

A text may speak of keys, show where one goes, or hold an obvious placeholder (`AKIA…EXAMPLE`, `hf_xxxx`, a private key's
first line without a key): that stops nothing. What looks like a real one does, and so does every value that this environment
keeps secret, unless it is a word that texts hold by chance, such as the `not-needed` that local servers are given.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from huggingface_hub import get_token

from builders.errors import BuildError

_START = r"(?<![A-Za-z0-9_-])"
_NAMES = r"(?:api|access|secret|private|auth|account|subscription)[_-]?(?:access[_-]?)?(?:key|token)|client[_-]?secret"


class _Kind(NamedTuple):
    """A kind of secret.

    Args:
        name: what it is called.
        hints: what a text that holds one has in it, in lower case: looking for that is faster.
        pattern: what it looks like; the group is what has to look random.
        digits: how many of these at least.
    """

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    digits: int = 0


_KINDS = (
    _Kind("a Hugging Face token", ("hf_", "api_org_"), re.compile(_START + r"(?:hf|api_org)_([A-Za-z0-9]{30,})")),
    _Kind("an API key that starts with sk-", ("sk-",), re.compile(_START + r"sk-([A-Za-z0-9_-]{20,}+)(?!@)"), digits=1),
    _Kind("an AWS access key", ("akia", "asia"), re.compile(r"(?<![A-Za-z0-9])A(?:KIA|SIA)([A-Z2-7]{16})(?![A-Za-z0-9])")),
    _Kind("a GitHub token", ("gh", "github_pat_"), re.compile(_START + r"(?:gh[pousr]_|github_pat_)([A-Za-z0-9_]{36,})")),
    _Kind("a GitLab token", ("glpat-",), re.compile(_START + r"glpat-([A-Za-z0-9_-]{20,})")),
    _Kind(
        "a Google API key", ("aiza", "gocspx-", "ya29."), re.compile(_START + r"(?:AIza|GOCSPX-|ya29\.)([A-Za-z0-9_-]{28,})")
    ),
    _Kind("a Slack token", ("xox", "xapp-"), re.compile(_START + r"(?:xox[abeprs]|xapp)-([0-9][A-Za-z0-9-]{16,})")),
    _Kind(
        "a Slack webhook",
        ("hooks.slack.com",),
        re.compile(r"hooks\.slack\.com/services/(T[A-Z0-9]{7,}/B[A-Z0-9]{7,}/[A-Za-z0-9]{20,})"),
    ),
    _Kind(
        "a provider's API key",
        ("gsk_", "xai-", "nvapi-", "pplx-", "r8_", "npm_", "pypi-"),
        re.compile(_START + r"(?:gsk_|xai-|nvapi-|pplx-|r8_|npm_|pypi-)([A-Za-z0-9_-]{36,})"),
    ),
    _Kind("a Stripe key", ("k_live_",), re.compile(_START + r"[rs]k_live_([A-Za-z0-9]{20,})")),
    _Kind("a SendGrid key", ("sg.",), re.compile(_START + r"SG\.([A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{40,})")),
    _Kind(
        "a private key",
        ("private key-----",),
        re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----(?:(?!-----)[\s\S]){0,200}?([A-Za-z0-9+/]{40})"),
    ),
    _Kind(  # the last two have no shape of their own
        "a key with its name",
        ("key", "token", "secret"),
        re.compile(rf"(?:{_NAMES})[\"']?\s{{0,4}}[:=]\s{{0,4}}[\"']?([A-Za-z0-9+/_-]{{24,}})", re.IGNORECASE),
        digits=3,
    ),
    _Kind("a bearer token", ("bearer",), re.compile(r"bearer\s([A-Za-z0-9._-]{32,})", re.IGNORECASE), digits=3),
)
_LEAST_DIFFERENT = 8
"""A random key of twenty characters or more has more different ones."""
_MADE_UP = re.compile(
    r"example|sample|placehold|redacted|insert|replace|(?<![a-z])(?:your|my|some|fake|dummy|test|here|key|token|secret)(?![a-z])"
    r"|xxxx|\*\*\*|1234567|abcdefg|7654321",
    re.IGNORECASE,
)
_ROLE_KEY = re.compile(r"BUILDERS_\w+_API_KEY")
_MIN_LENGTH = 8
"""Shorter values of the environment, such as `none`, protect nothing and occur by chance."""
_MIN_LENGTH_OF_WORDS = 20
"""So do shorter ones of letters alone, such as `anything`."""


class Secrets(NamedTuple):
    """What to look for.

    Args:
        own: values in this environment, and what they are.
    """

    own: dict[str, str]

    def kind_in(self, text: str) -> str | None:
        """Return what kind of secret a text holds, or None."""
        for value, kind in self.own.items():
            if value in text:
                return kind
        folded = text.lower()
        for known in _KINDS:
            if any(hint in folded for hint in known.hints):
                bodies = (match[1] for match in known.pattern.finditer(text))
                if any(_is_random(body, known.digits) for body in bodies):
                    return known.name
        return None


def of_environment() -> Secrets:
    """Return the patterns, and the values of this environment: every role's key and the Hub's token."""
    values = {value: f"the value of {name}" for name, value in os.environ.items() if _ROLE_KEY.fullmatch(name)}
    if token := get_token():
        values[token] = "the Hub token of this environment"
    return Secrets({value: kind for value, kind in values.items() if not _occurs_by_chance(value)})


def _occurs_by_chance(value: str) -> bool:
    has_digit = any(letter.isdigit() for letter in value)
    return len(value) < (_MIN_LENGTH if has_digit else _MIN_LENGTH_OF_WORDS)


def _is_random(body: str, digits: int) -> bool:
    """Tell whether a key is none that somebody has made up to show where one goes."""
    if len(set(body)) < _LEAST_DIFFERENT or _MADE_UP.search(body):
        return False
    return sum(letter.isdigit() for letter in body) >= digits


def check_value(secrets: Secrets, config: str, row: str, column: str, value: object) -> None:
    """See that a value of a row holds no secret.

    Raises:
        BuildError: it does; the secret is not shown.
    """
    for text in _strings(value):
        if kind := secrets.kind_in(text):
            raise BuildError(f"column {column} holds {kind}", where=f"{config}, row {row}", fix="reject or fix that row")


def check_file(secrets: Secrets, path: Path) -> None:
    """See that a file holds no secret.

    Raises:
        BuildError: it does; the secret is not shown.
    """
    if kind := secrets.kind_in(path.read_bytes().decode(errors="replace")):
        raise BuildError(f"the file holds {kind}", where=path, fix="take it out, and build again")


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode(errors="replace")
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
