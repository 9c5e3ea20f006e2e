"""Choices that are values: lists and mappings, or such as JSON or Python would write them, as pairs of label and text."""

import ast
import json
import re
from collections.abc import Mapping, Sequence

_TEXTS = ("text", "texts", "value", "content", "body", "choices", "options", "choice", "option", "answer")
_NAMES = ("label", "labels", "key", "letter", "id", "index", "name", "option")
_OF_ONE = re.compile(r"(?:options?|choices?|answers?|opt?|ans|endings?|sol|solutions?)?[ _-]?([A-Z]|\d{1,2})", re.IGNORECASE)
_STRINGS = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_LONGEST = 20_000
_PAIR = 2
"""Of label and text, as Parquet has the entries of a mapping."""

Named = list[tuple[str, str]]
"""Label (empty where there is none) and text of each choice."""


def read(text: str) -> object | None:
    """Return the list or mapping that a text writes out, as JSON, as Python, or as numpy prints it; None for any other text."""
    if len(text) > _LONGEST or text[:1] not in {"[", "{", "("}:
        return None
    for parse in (json.loads, _printed, ast.literal_eval):
        try:
            value = parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(value, list | dict | tuple | set):
            return list(value) if isinstance(value, tuple) else value
    return None


def named(value: object) -> Named | None:
    """Return the choices of a list or mapping; None where it is not clear what is one."""
    if isinstance(value, Mapping):
        return _mapping(value)
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return None
    items = list(value)
    while items and items[-1] is None:
        items.pop()
    found = [_item(item) for item in items]
    return None if None in found else [one for one in found if one is not None]


def _printed(text: str) -> list[str] | None:
    """Read strings in brackets without commas between them, which Python would join into one."""
    if not re.search(r"""['"]\s+['"]""", text) or text[:1] != "[" or _STRINGS.sub("", text).strip("[], \t\r\n"):
        return None
    return [str(ast.literal_eval(match)) for match in _STRINGS.findall(text)]


def _mapping(value: Mapping[object, object]) -> Named | None:
    letters = [_OF_ONE.fullmatch(str(key)) for key in value]
    if letters and all(letters):
        pairs = [(match[1], _plain(text)) for match, text in zip(letters, value.values(), strict=True) if match]
        while pairs and pairs[-1][1] is None:
            pairs.pop()
        return None if any(text is None for _, text in pairs) else [(name, text) for name, text in pairs if text is not None]
    texts = next((value[key] for key in _TEXTS if isinstance(value.get(key), list)), None)
    if not isinstance(texts, list):
        return [("", str(key)) for key in value] if value and all(_is_flag(one) for one in value.values()) else None
    names = next((found for key in _NAMES if isinstance(found := value.get(key), list) and len(found) == len(texts)), None)
    found = named(texts)
    if found is None or names is None or len(found) != len(texts) or len(set(map(str, names))) < len(names):
        return found
    return [(str(name), text) for name, (_, text) in zip(names, found, strict=True)]


def _is_flag(value: object) -> bool:
    """Tell whether a value says of a choice that it is right or wrong: `{"yes": 1, "no": 0}` holds two choices."""
    return isinstance(value, int | float) and value in {0, 1}


def _item(item: object) -> tuple[str, str] | None:
    if isinstance(item, Mapping):
        return _of_mapping(item)
    if isinstance(item, list | tuple) and len(item) == _PAIR and re.fullmatch("[A-Ja-j]", str(item[0])):
        name, item = str(item[0]), item[1]
        return None if (text := _plain(item)) is None else (name, text)
    text = _plain(item)
    return None if text is None else ("", text)


def _of_mapping(item: Mapping[object, object]) -> tuple[str, str] | None:
    if len(item) == 1:
        [(key, value)] = item.items()
        text = _plain(value)
        name = "" if str(key) in _TEXTS else str(key)
        return None if text is None or name in _NAMES else (name, text)
    text_key = next((key for key in _TEXTS if isinstance(item.get(key), str | int | float)), None)
    if text_key is None:
        return None
    name = next((str(item[key]) for key in _NAMES if key != text_key and isinstance(item.get(key), str | int)), "")
    text = _plain(item[text_key])
    return None if text is None else (name, text)


def _plain(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) else None
