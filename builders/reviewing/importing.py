"""Take in the answers of a table: CSV, JSON Lines, or a JSON list such as Label Studio exports.

A line names the row by `id` and what was shown by `sha256`; the answers are in the columns that the export left empty.
`reviewer` (or `annotator`) is a pseudonym; `seconds` (or `lead_time`) may be there. A line without a decision is left out;
`discard` puts the row aside. Several reasons are parted by semicolons, or are a list.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from builders import family as families
from builders.errors import BuildError
from builders.reviewing import answering, cells, decisions, layout, rounds
from builders.reviewing.answering import Response
from builders.reviewing.decisions import Decision
from builders.reviewing.layout import Reviewing
from builders.reviewing.rounds import Round
from builders.texts import files

_WORDS = ("accept", "reject", "discard")

Line = Mapping[str, Any]


def run(family: str, file: Path, reviewer: str | None) -> None:
    """Add the answers of a table to the round that its rows belong to; a reviewer's earlier answer about a row is replaced.

    Args:
        family: its name.
        file: the table.
        reviewer: whose answers they are, where the table does not say so.

    Raises:
        BuildError: the table cannot be read, or a line names no row of a round, or no reviewer, or an answer nobody offered.
    """
    family, _ = families.select(family)
    opened = {row.id: one for one in sorted(rounds.every(family), key=lambda one: one.round) for row in one.rows}
    what = layout.of(family)
    made = [*filter(None, (response(what, value, f"{file}:{number}", reviewer) for number, value in _lines(file)))]
    if unknown := [one.row for one in made if one.row not in opened]:
        fix = "import answers to rows of a round that was opened here"
        raise BuildError(f"no round has the row {unknown[0]}", where=file, fix=fix)
    for one in {opened[answer.row].round: opened[answer.row] for answer in made}.values():
        _take_in(family, one, [answer for answer in made if opened[answer.row].round == one.round])


def _take_in(family: str, one: Round, own: list[Response]) -> None:
    rounds.check_unchanged(family, one)
    total = _added(family, one, own)
    print(f"round {one.round} of {family}: {len(own)} decisions taken in, {total} in all")  # noqa: T201


def _added(family: str, one: Round, answers: list[Response]) -> int:
    """Write a round's decisions with new ones among them, and return how many they are."""
    shown = answering.shown(family, one.pools, {answer.row: answer.sha256 for answer in answers})
    with answering.keeping(family) as keep:
        fresh = [answering.decision(layout.of(family), one.round, a, shown.get(a.row), keep) for a in answers]
    kept: dict[tuple[str, str], Decision] = {}
    for decision in [*decisions.read(rounds.answers(family, one.round)), *fresh]:
        kept[decision.id, decision.reviewer] = decision
    decisions.write(rounds.answers(family, one.round), kept.values())
    return len(kept)


def response(what: Reviewing, value: Line, where: str, reviewer: str | None) -> Response | None:
    """Return one line as an answer; None for one without a decision.

    Raises:
        BuildError: it lacks something, or holds an answer that nobody offered.
    """
    word = str(value.get(cells.DECISION) or "").strip().lower()
    if not word:
        return None
    if word not in _WORDS:
        raise BuildError("the decision is none of accept, reject, discard", where=where, fix="correct that line")
    who = str(value.get("reviewer") or value.get("annotator") or reviewer or "").strip()
    if missing := [
        name for name, found in (("id", value.get("id")), ("sha256", value.get("sha256")), ("reviewer", who)) if not found
    ]:
        raise BuildError(f"no {missing[0]}", where=where, fix="keep the columns of the export, and name the reviewer")
    values = {cells.DECISION: word, cells.NOTE: value.get(cells.NOTE) or "", **dict(_answers(what, value, where))}
    values |= {name: str(value[name]) for name in (f"{cells.EDIT}{column}" for column in what.editable) if value.get(name)}
    seconds = value.get("seconds") or value.get("lead_time")
    return Response(str(value["id"]), str(value["sha256"]), who, word == "discard", values, float(seconds) if seconds else None)


def _answers(what: Reviewing, value: Line, where: str) -> Iterator[tuple[str, Any]]:
    """Yield the answers to questions with options."""
    for question in cells.questions(what):
        found = value.get(question.name)
        if question.name == cells.DECISION or not found:
            continue
        values = found if isinstance(found, list) else str(found).split(";")
        words = [str(one).strip() for one in values if str(one).strip()]
        if unknown := [word for word in words if word not in question.options]:
            options = ", ".join(question.options)
            what_is = f"an answer to {question.name} that was not offered ({len(unknown[0])} characters)"
            raise BuildError(what_is, where=where, fix=f"choose of {options}")
        if words:
            yield question.name, words if question.several else words[0]


def _lines(file: Path) -> Iterator[tuple[int, Line]]:
    """Yield the lines of a table with their numbers.

    Raises:
        BuildError: it cannot be read.
    """
    if not file.is_file():
        raise BuildError("no such file", where=file, fix="name the table with the answers")
    if file.suffix == ".jsonl":
        yield from ((number, _flat(value)) for number, value in files.json_lines(file))
    elif file.suffix == ".json":
        found = files.parsed_json(file.read_bytes(), file, 1)
        yield from enumerate(map(_flat, found if isinstance(found, list) else [found]), 1)
    else:
        yield from _of_csv(file)


def _of_csv(file: Path) -> Iterator[tuple[int, Line]]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BuildError("not UTF-8", where=file, fix="save the table as CSV in UTF-8") from None
    csv.field_size_limit(files.MOST_LINE)
    try:
        yield from enumerate(map(_plain, csv.DictReader(io.StringIO(text, newline=""), strict=True)), 2)
    except csv.Error as error:
        raise BuildError(f"broken CSV: {error}", where=file, fix="save the table as CSV again") from None


def _plain(line: dict[str, str]) -> Line:
    """Return a line of CSV without the apostrophes that kept cells from being computed."""
    return {name: value[1:] if isinstance(value, str) and value[:1] == "'" else value for name, value in line.items() if name}


def _flat(value: Any) -> Line:  # noqa: ANN401  (JSON)
    """Return a line of JSON; of a task of Label Studio (JSON-MIN is flat already), its data and what was chosen.

    Raises:
        BuildError: it is not an object.
    """
    if not isinstance(value, dict):
        raise BuildError(
            "not an object", where=orjson.dumps(type(value).__name__).decode(), fix="give each line keys and values"
        )
    data = value.get("data")
    return {**value, **data} if isinstance(data, dict) else value
