"""A round as a table, CSV or JSON Lines, which a spreadsheet, Label Studio or any other tool can take and give back.

Columns: `id`, `sha256` of what is shown, what is shown, then an empty column for each answer: the family's questions,
`decision`, `reasons`, better texts, `note`. Pairs are two columns; a dialogue is one text; an image is a data URI in JSON
Lines and left out of CSV.
"""

import base64
import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from builders import atomic
from builders import family as families
from builders.errors import BuildError
from builders.reviewing import cells, hazards, layout, rounds
from builders.reviewing.layout import Reviewing
from builders.reviewing.strata import Reviewable

KEYS = ("id", "sha256")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell of a spreadsheet that begins so would be computed; it gets an apostrophe in front."""


def run(name: str, to: Path, *, accept_hazard: bool, following: bool) -> None:
    """Open a round, or take the one that is open, and write it.

    Args:
        name: a family, or one of its subsets.
        to: a new file, .csv or .jsonl.
        accept_hazard: that rows of a family with hazard may leave this checkout.
        following: open the next round even if one is open.

    Raises:
        BuildError: the file is there already or of another kind, or the round cannot be opened.
    """
    family, _ = families.select(name)
    hazards.check(family, accept_hazard=accept_hazard)
    _check_new(to)
    opened, what = rounds.opened(name, following=following), layout.of(family)
    lines = [line(what, one) for one in opened.rows]
    with atomic.whole(to) as file:
        file.write(_csv(lines) if to.suffix == ".csv" else b"".join(orjson.dumps(one) + b"\n" for one in lines))
    print(f"round {opened.round.round} of {family}: {len(lines)} rows in {to}")  # noqa: T201


def line(what: Reviewing, one: Reviewable) -> dict[str, Any]:
    """Return a row's line, its answers empty."""
    columns = cells.row(one)
    shown: dict[str, Any] = {}
    found = cells.shown(what, columns)
    for pane in what.panes:
        value = found.get(pane.name)
        if pane.kind == "pair":
            shown |= {f"{pane.name}_{letter}": value and value[side] for letter, side in (("a", "left"), ("b", "right"))}
        else:
            shown[pane.name] = _cell(value)
    asked = [question.name for question in cells.questions(what)]
    edits = {f"{cells.EDIT}{column}": "" for column in what.editable}
    empty = {**dict.fromkeys(asked, ""), **edits, cells.NOTE: ""}
    return {"id": one.record.id, "sha256": layout.content(one.record), **shown, **empty}


def _check_new(file: Path) -> None:
    if file.suffix not in {".csv", ".jsonl"}:
        raise BuildError("neither .csv nor .jsonl", where=file, fix="name a file that ends so")
    if file.exists():
        raise BuildError("the file is there already", where=file, fix="name a new one: it may hold answers")


def _cell(value: Any) -> str | None:  # noqa: ANN401  (what a pane shows)
    if isinstance(value, bytes):
        return f"data:image/png;base64,{base64.b64encode(value).decode()}"
    if isinstance(value, list):
        return "\n\n".join(f"{message['role']}: {message['content']}" for message in value)
    return value if value is None else str(value)


def _csv(lines: Sequence[Mapping[str, Any]]) -> bytes:
    """Return lines as CSV with a byte order mark, by which spreadsheets know UTF-8."""
    text = io.StringIO()
    names = [name for name in lines[0] if not any(str(one[name] or "").startswith("data:image/") for one in lines)]
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for one in lines:
        writer.writerow({name: _safe(value) for name, value in one.items()})
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _safe(value: Any) -> Any:  # noqa: ANN401  (a cell)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
