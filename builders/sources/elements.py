"""Rows of XML files: an element of a given path makes a row.

Its columns are the texts of what is in it, by their paths: `Question`, `Question/@qtype` for an attribute, `@pid` for one of
the element itself; what stands several times is a list. Attributes and plain texts before it in the elements around it are
columns by their whole path: `/Document/@url`, `/Document/Focus`. What is too deep is left out.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from builders.errors import BuildError
from builders.texts.files import MOST_LINE

MOST_DEEP = 200
"""Elements inside each other; `_inner` follows them by calling itself."""
_PIECE = 2**16


def rows(stream: BinaryIO, where: Path | str, record: str | None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and row of each element whose path ends with `record`.

    Raises:
        BuildError: the file is not sound XML, or no path is named.
    """
    if not record:
        fix = "write record: and the element that makes a row, such as QAPairs/QAPair"
        raise BuildError("xml needs to be told what a row is", where=where, fix=fix)
    wanted = tuple(record.strip("/").split("/"))
    number = 0
    try:
        for number, row in enumerate(_rows(stream, wanted), 1):
            yield (number, row)
    except ET.ParseError as error:
        line = error.position[0]
        raise BuildError(f"broken XML behind row {number}", where=f"{where}:{line}", fix="fix that line") from None
    except (ValueError, LookupError, RecursionError) as error:
        raise BuildError(f"broken XML behind row {number}: {type(error).__name__}", where=where, fix="fix it") from None


def _rows(stream: BinaryIO, wanted: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    path: list[str] = []
    around: list[dict[str, Any]] = []
    open_elements: list[Element] = []
    begun: list[int] = []
    """How deep the elements are that make a row and have not ended: what is in them is still needed."""
    for event, element in _events(stream):
        if event == "start":
            path.append(_tag(element.tag))
            open_elements.append(element)
            around.append(_attributes(element, f"/{'/'.join(path)}") if element.attrib and len(path) <= MOST_DEEP else {})
            if len(path) <= MOST_DEEP and tuple(path[-len(wanted) :]) == wanted:
                begun.append(len(path))
            continue
        if begun and begun[-1] == len(path):
            begun.pop()
            context = {name: value for outer in around[:-1] for name, value in outer.items()}
            yield {**context, **_columns(element)}
        elif 1 < len(around) <= MOST_DEEP and not len(element) and (text := _text(element)):
            around[-2].setdefault(f"/{'/'.join(path)}", text)
        for kept in (path, around, open_elements):
            kept.pop()
        if not begun or len(path) >= MOST_DEEP:
            element.clear()
            if open_elements:
                open_elements[-1].remove(element)


def _events(stream: BinaryIO) -> Iterator[tuple[str, Element]]:
    """Yield where each element begins and ends.

    Raises:
        ValueError: so much goes by without either that it cannot be held.
    """
    parser: Any = ET.XMLPullParser(("start", "end"))  # expat bounds entities, and fetches none
    silent = 0
    while piece := stream.read(_PIECE):
        parser.feed(piece)
        silent += len(piece)
        for event, element in parser.read_events():
            silent = 0
            yield event, element
        if silent > MOST_LINE:
            raise ValueError("an element that does not end")
    parser.close()
    yield from parser.read_events()


def _columns(element: Element) -> dict[str, Any]:
    found: dict[str, Any] = {"text": _text(element), **_attributes(element, "")}
    for name, value in _inner(element, ""):
        if name not in found or name == "text":
            found[name] = value
        elif isinstance(before := found[name], list):
            before.append(value)
        else:
            found[name] = [before, value]
    return found


def _inner(element: Element, prefix: str) -> Iterator[tuple[str, str]]:
    for child in element:
        name = f"{prefix}{_tag(child.tag)}"
        yield name, _text(child)
        for attribute, value in child.attrib.items():
            yield f"{name}/@{_tag(attribute)}", value
        yield from _inner(child, f"{name}/")


def _attributes(element: Element, prefix: str) -> dict[str, Any]:
    slash = f"{prefix}/" if prefix else ""
    return {f"{slash}@{_tag(name)}": value for name, value in element.attrib.items()}


def _text(element: Element) -> str:
    return "".join(element.itertext()).strip()


def _tag(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]
