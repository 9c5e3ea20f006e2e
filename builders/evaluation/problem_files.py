"""Problems from any file: question, choices, answer and pictures, whatever the columns are called.

A file is JSON Lines, JSON, CSV, TSV, YAML, Excel or Parquet, told by its ending. Its columns are known by the names that sets
of problems give them, in the order below; the released rows of our own families among them. Of a worked solution the final
answer is taken (`builders.evaluation.finals`), of a choice's number, counted from 0, its letter. A picture is bytes or base64
in the row, or the name of a file beside the problems.

What is not a problem to a checker is left out and counted: `no_question`, `no_answer`, `unread_choices`, `no_picture` where the
row names one that is not there.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from builders.errors import BuildError
from builders.evaluation import finals
from builders.sources import choices, formats, labels, naming, pictures, tables

QUESTION = ("question", "problem", "input", "instruction", "prompt", "Question")
ANSWER = ("answer", "target", "correct", "Answer", "solution", "output")
OPTIONS = ("options", "choices")
PICTURE = ("image", "images", "decoded_image", "picture")
NAMED = ("image_url", "image_path")
KEY = ("id", "idx", "ID", "pid", "sample_index")
_BODY = "Body"
_LONGEST_ANSWER = 60


class Problem(NamedTuple):
    """A problem.

    Args:
        key: the row's own, or its number from 1.
        question: without its choices.
        options: what can be chosen, in order; empty where nothing can.
        answer: the reference.
        images: its pictures, as bytes.
    """

    key: str
    question: str
    options: tuple[str, ...]
    answer: str
    images: tuple[bytes, ...]


class Problems(NamedTuple):
    """What a file holds.

    Args:
        problems: in order.
        left_out: reason → rows that are no problem.
    """

    problems: list[Problem]
    left_out: dict[str, int]


def read(file: Path) -> Problems:
    """Read the problems of a file.

    Raises:
        BuildError: it is missing, in no known format, broken, or holds no problem.
    """
    found, left_out = list[Problem](), Counter[str]()
    for number, row in rows(file):
        one = problem(row, str(number), file.parent)
        if isinstance(one, Problem):
            found.append(one)
        else:
            left_out[one] += 1
    if not found:
        why = ", ".join(f"{reason} {count}" for reason, count in left_out.items()) or "it is empty"
        fix = f"name the columns {QUESTION[0]} and {ANSWER[0]}, with options and image where there are any"
        raise BuildError(f"no problem in it: {why}", where=file, fix=fix)
    return Problems(found, dict(left_out))


def rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a file with their lines or numbers.

    Raises:
        BuildError: it is missing, in no known format, or broken.
    """
    known = [form for form in tables.EXTENSIONS.get(file.suffix.lower(), ()) if form not in {"text", "xml"}]
    if not known:
        raise BuildError("no format that is known by its ending", where=file, fix="use .jsonl, .json, .csv, .tsv or .parquet")
    if not file.is_file():
        raise BuildError("no such file", where=file, fix="give its path from the root of the repository")
    for form in known[:-1]:
        with suppress(BuildError):
            yield from _all(file, form)
            return
    yield from _all(file, known[-1])


def _all(file: Path, form: str) -> list[tuple[int, dict[str, Any]]]:
    with file.open("rb") as stream:
        return list(formats.READERS[form](formats.OpenFile(stream, file)))


def problem(row: Mapping[str, Any], number: str, folder: Path) -> Problem | str:
    """Read a row, or say why it is not a problem.

    Args:
        row: its columns.
        number: its name where it has no key.
        folder: where the files lie that it names.
    """
    if not (asked := _asked(row)):
        return "no_question"
    column = next((name for name in OPTIONS if row.get(name) is not None), None)
    found = choices.problem(asked, row[column] if column else None, _reference(row, has_options=column is not None))
    if found.unread:
        return "unread_choices"
    if not found.answer:
        return "no_answer"
    images = _images(row, folder)
    if images is None:
        return "no_picture"
    return Problem(_text(row, KEY) or number, found.question, tuple(found.options), found.answer, images)


def _asked(row: Mapping[str, Any]) -> str:
    """Return the question, after the story that some sources have apart from it; empty where there is neither."""
    asked = _text(row, QUESTION)
    return f"{row[_BODY]} {asked}".strip() if _BODY in row else asked


def _reference(row: Mapping[str, Any], *, has_options: bool) -> str:
    """Return the reference answer; empty where there is none."""
    name = next((name for name in ANSWER if row.get(name) not in (None, "")), None)
    value = row[name] if name else None
    if value is None or isinstance(value, bool | list | dict):
        return ""
    if has_options and isinstance(value, int) and 0 <= value < choices.MOST:
        return labels.LETTERS[value]
    text = str(value).strip()
    if len(text) <= _LONGEST_ANSWER and "\n" not in text and name not in {"solution", "output"}:
        return text
    answer = finals.final(text)
    return answer.text if answer and answer.rule != "last_line" else ""


def _images(row: Mapping[str, Any], folder: Path) -> tuple[bytes, ...] | None:
    """Return a row's pictures; None where one that it names is not there."""
    found: list[bytes] = []
    for column in PICTURE:
        given = row.get(column)
        values = given if isinstance(given, list) else [given]
        found += [data for value in values if (data := pictures.held(value)) is not None]
    if found:
        return tuple(found)
    named = [row[name] for name in (*PICTURE, *NAMED) if isinstance(row.get(name), str) and row[name]]
    if not named:
        return ()
    file = naming.found(folder, named[0])
    return (file.read_bytes(),) if file else None


def _text(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    value = next((row[name] for name in names if row.get(name) not in (None, "")), "")
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
