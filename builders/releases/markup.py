"""Names from outside as text of a card: a model, a licence, a kind or a reviewer may be called anything.

Markdown, the HTML in it, and a table's cells each have characters that mean something. What a release writes into its card is
either Markdown of ours, or has passed through here.
"""

import re
from typing import TypeVar

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$&])")
_BREAKS = re.compile("\r\n?|[\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_LONGEST_NAME = 200
Value = TypeVar("Value")


def cell(text: str) -> str:
    """Return a text as one cell of a table, its markup shown and not obeyed, its lines kept."""
    lines = _BREAKS.sub("\n", text)
    return _MARKUP.sub(r"\\\1", _CONTROL.sub("", lines)).replace("\n", "<br>")


def name(text: str) -> str:
    """Return a name so that it is one in a sentence, in a cell and between backticks, though it may lose odd characters."""
    found = _CONTROL.sub("", _BREAKS.sub(" ", text))
    for odd, even in (
        ("`", "'"),
        ("<", "\u2039"),
        (">", "\u203a"),
        ("|", "¦"),
        ("](", "] ("),
        ("{{", "{ {"),
        ("{%", "{ %"),
        ("{#", "{ #"),
    ):
        found = found.replace(odd, even)
    return found if len(found) <= _LONGEST_NAME else f"{found[:_LONGEST_NAME]}…"


def line(text: str) -> str:
    """Return a line of Markdown in which nothing but names between backticks is markup."""
    parts = text.split("`")
    return "`".join(map(name, parts)) if len(parts) % 2 else name(text)


def names(value: Value) -> Value:
    """Return a value of JSON in which every text and key is a name; what tells a licence's reason is ours and stays."""
    if isinstance(value, str):
        return name(value)  # type: ignore[return-value]
    if isinstance(value, dict):
        return {names(key): item if key == "reason" else names(item) for key, item in value.items()}  # type: ignore[return-value]
    if isinstance(value, list | tuple):
        return type(value)(map(names, value))
    return value
