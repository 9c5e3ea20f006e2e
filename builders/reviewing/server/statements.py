"""A search as SQL."""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from builders.reviewing.server import words
from builders.reviewing.server.documents import Condition, Order, Query, Range, Scope, Terms

_PROPERTIES = ("id", "external_id", "status", "inserted_at", "updated_at")
_PRIME = 2_147_483_647
"""Order for a user: records by place times a number of the user's, modulo this, which shuffles them."""


class Clause(NamedTuple):
    """A piece of SQL and the values of its parameters."""

    sql: str
    values: tuple[object, ...] = ()


def table(dataset: str) -> str:
    """Return the name of the table with a dataset's words.

    Raises:
        ValueError: the dataset's id holds anything but letters, digits and dashes.
    """
    name = dataset.replace("-", "")
    if not name.isalnum():
        raise ValueError(dataset)
    return f"texts_{name}"


def column(field: str) -> str:
    """Return the name of the column with a field's words."""
    return '"field_' + field.replace('"', "") + '"'


def where(dataset: str, wanted: Query) -> Clause:
    """Return the condition that a record `r` is wanted."""
    clauses = [Clause("r.dataset = ?", (dataset,)), *map(_condition, wanted.conditions)]
    if wanted.text and wanted.text.strip():
        clauses += _texts(dataset, wanted.text, wanted.field)
    return Clause(" AND ".join(clause.sql for clause in clauses), tuple(value for clause in clauses for value in clause.values))


def source(dataset: str, wanted: Query) -> Clause:
    """Return the table of the records `r`, joined to their words where the best match is to come first."""
    if wanted.orders or not (match := ranking(wanted)):
        return Clause("records r")
    name = table(dataset)
    return Clause(f"{name} JOIN records r ON r.seq = {name}.rowid AND {name} MATCH ?", (match,))


def order(dataset: str, wanted: Query) -> Clause:
    """Return by what the wanted records are sorted; ties are in the order of arrival."""
    clauses = [_order(one) for one in wanted.orders]
    if not clauses and ranking(wanted):
        clauses = [Clause(f"{table(dataset)}.rank")]
    elif not clauses and wanted.user:
        factor = 1 + int(hashlib.sha256(wanted.user.encode()).hexdigest(), 16) % (_PRIME - 1)
        clauses = [Clause("(r.seq * ?) % ?", (factor, _PRIME))]
    clauses.append(Clause("r.seq"))
    return Clause(", ".join(clause.sql for clause in clauses), tuple(value for clause in clauses for value in clause.values))


def ranking(wanted: Query) -> str | None:
    """Return what the best match is judged by, in the language of FTS5.

    None where nothing must occur, or a beginning: of so many words the best match takes seconds to find and says little.
    """
    parts = words.parts(wanted.text or "")
    found = [words.expression(part) for part in parts if not part.excluded]
    if not found or any(part.beginning for part in parts):
        return None
    return f"{{{column(wanted.field)}}} : ({' AND '.join(found)})" if wanted.field else " AND ".join(found)


def _texts(dataset: str, text: str, field: str | None) -> Iterator[Clause]:
    parts = words.parts(text)
    if not parts:
        yield Clause("0")
    name, place = table(dataset), f"{{{column(field)}}} : " if field else ""
    for part in parts:
        negation = "NOT " if part.excluded else ""
        sql = f"r.seq {negation}IN (SELECT rowid FROM {name} WHERE {name} MATCH ?)"  # noqa: S608  (a hex name)
        yield Clause(sql, (f"{place}({words.expression(part)})",))


def _condition(condition: Condition) -> Clause:
    scope = condition.scope
    if scope.kind == "response" and scope.property == "status" and isinstance(condition, Terms):
        return _status(scope.user, list(condition.values))
    test = _terms(condition) if isinstance(condition, Terms) else _range(condition)
    if scope.kind == "record":
        name = _property(scope.name)
        return Clause(test.sql.replace("TEXT", f"r.{name}").replace("NUMBER", f"r.{name}"), test.values)
    inside = Clause(test.sql.replace("TEXT", "text").replace("NUMBER", "number"), test.values)
    place = _place(scope)
    sql = f"r.seq IN (SELECT seq FROM {place.sql} AND {inside.sql})"  # noqa: S608  (no value is in it)
    return Clause(sql, (*place.values, *inside.values))


def _place(scope: Scope) -> Clause:
    """Return where the values of a scope are: a table and a condition."""
    if scope.kind == "response":
        mine = Clause(" AND user = ?", (scope.user,)) if scope.user else Clause("")
        return Clause(f"answers WHERE question = ?{mine.sql}", (scope.name, *mine.values))
    name = f"{scope.name}.{scope.property}" if scope.kind == "suggestion" else scope.name
    return Clause("facts WHERE kind = ? AND name = ?", (scope.kind, name))


def _terms(condition: Terms) -> Clause:
    return Clause(f"TEXT IN ({', '.join('?' * len(condition.values))})", tuple(condition.values))


def _range(condition: Range) -> Clause:
    bounds = [(sign, bound) for sign, bound in ((">=", condition.least), ("<=", condition.most)) if bound is not None]
    return Clause(
        " AND ".join(["NUMBER IS NOT NULL", *(f"NUMBER {sign} ?" for sign, _ in bounds)]), tuple(b for _, b in bounds)
    )


def _status(user: str | None, statuses: list[str]) -> Clause:
    """Return the condition on a user's response, or on anybody's; `pending` is to have none."""
    mine, whose = (" AND a.user = ?", (user,)) if user else ("", ())
    there = f"EXISTS (SELECT 1 FROM responses a WHERE a.seq = r.seq{mine}"  # noqa: S608  (all of it is above)
    options = [Clause(f"NOT {there})", whose)] if "pending" in statuses else []
    if others := [status for status in statuses if status != "pending"]:
        options.append(Clause(f"{there} AND a.status IN ({', '.join('?' * len(others))}))", (*whose, *others)))
    return Clause(f"({' OR '.join(one.sql for one in options)})", tuple(value for one in options for value in one.values))


def _order(one: Order) -> Clause:
    scope = one.scope
    if scope.kind == "record":
        value = Clause(f"r.{_property(scope.name)}")
    elif scope.kind == "response" and scope.property == "status":
        mine, whose = (" AND a.user = ?", (scope.user,)) if scope.user else ("", ())
        value = Clause(f"(SELECT min(a.status) FROM responses a WHERE a.seq = r.seq{mine})", whose)  # noqa: S608
    else:
        place = _place(scope)
        expression = ("max" if one.descending else "min") + "(coalesce(number, text))"
        expression = "coalesce(avg(number), min(text))" if scope.kind == "response" else expression
        value = Clause(f"(SELECT {expression} FROM {place.sql} AND seq = r.seq)", place.values)  # noqa: S608
    direction = "DESC" if one.descending else "ASC"
    return Clause(f"{value.sql} {direction} NULLS LAST", value.values)


def _property(name: str) -> str:
    """Return the column of a record's own property.

    Raises:
        ValueError: there is none.
    """
    if name not in _PROPERTIES:
        raise ValueError(name)
    return name
