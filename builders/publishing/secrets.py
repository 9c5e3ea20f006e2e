"""Tokens and keys, which nothing that is released may hold."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from huggingface_hub import get_token

from builders.errors import BuildError

_START = r"(?<![A-Za-z0-9_-])"
_PATTERNS = {
    "a Hugging Face token": _START + r"hf_[A-Za-z0-9]{30,}",
    "an API key that starts with sk-": _START + r"sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}",
    "an AWS access key": r"(?<![A-Za-z0-9])A(?:KIA|SIA)[A-Z2-7]{16}(?![A-Za-z0-9])",
    "a GitHub token": _START + r"(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40,})",
    "a GitLab token": _START + r"glpat-[A-Za-z0-9_-]{20,}",
    "a Google API key": _START + r"AIza[A-Za-z0-9_-]{35}",
    "a Slack token": _START + r"xox[abprs]-[A-Za-z0-9-]{10,}",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
}
_NAMED = re.compile("|".join(f"({pattern})" for pattern in _PATTERNS.values()))
_ROLE_KEY = re.compile(r"BUILDERS_\w+_API_KEY")
_MIN_LENGTH = 8
"""Shorter values of the environment, such as `none`, protect nothing and occur by chance."""


class Secrets(NamedTuple):
    """What to look for.

    Args:
        own: values in this environment, and what they are.
    """

    own: dict[str, str]

    def found(self, text: str) -> str | None:
        """Return what kind of secret a text holds, or None."""
        for value, kind in self.own.items():
            if value in text:
                return kind
        match = _NAMED.search(text)
        return list(_PATTERNS)[match.lastindex - 1] if match and match.lastindex else None


def known() -> Secrets:
    """Return the patterns, and the values of this environment: every role's key and the Hub's token."""
    values = {value: f"the value of {name}" for name, value in os.environ.items() if _ROLE_KEY.fullmatch(name)}
    if token := get_token():
        values[token] = "the Hub token of this environment"
    return Secrets({value: kind for value, kind in values.items() if len(value) >= _MIN_LENGTH})


def check_value(secrets: Secrets, config: str, row: str, column: str, value: object) -> None:
    """See that a value of a row holds no secret.

    Raises:
        BuildError: it does; the secret is not shown.
    """
    for text in _strings(value):
        if kind := secrets.found(text):
            raise BuildError(f"column {column} holds {kind}", where=f"{config}, row {row}", fix="reject or mend that row")


def check_file(secrets: Secrets, path: Path) -> None:
    """See that a file holds no secret.

    Raises:
        BuildError: it does; the secret is not shown.
    """
    if kind := secrets.found(path.read_bytes().decode(errors="replace")):
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
