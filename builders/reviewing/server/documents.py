"""What the search index of a review server is told and asked: documents, conditions, orders."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

Scalar = str | int | float | bool
Kind = Literal["record", "metadata", "suggestion", "response"]


class Answer(NamedTuple):
    """What one user answered about a record.

    Args:
        id: the response's.
        user: who answered.
        status: draft, submitted or discarded.
        values: question → what was answered, if that can be searched for: a label, labels, a number, a short text.
    """

    id: str
    user: str
    status: str
    values: Mapping[str, Scalar | Sequence[Scalar]]


class Document(NamedTuple):
    """A record as the index knows it.

    Args:
        id: the record's.
        external_id: the name that whoever pushed it gave it.
        status: pending or completed.
        inserted_at: seconds since 1970, UTC.
        updated_at: seconds since 1970, UTC.
        texts: field → its text.
        metadata: property → value or values.
        suggestions: question → property (value, score, agent, type) → value or values.
        answers: one for each user who began or finished one.
        vectors: vector settings' id → the record's vector.
    """

    id: str
    external_id: str | None
    status: str
    inserted_at: float
    updated_at: float
    texts: Mapping[str, str]
    metadata: Mapping[str, Scalar | Sequence[Scalar]]
    suggestions: Mapping[str, Mapping[str, Scalar | Sequence[Scalar]]]
    answers: Sequence[Answer]
    vectors: Mapping[str, Sequence[float]]


class Scope(NamedTuple):
    """What a condition or an order is about.

    Args:
        kind: a property of the record itself, its metadata, a suggestion or a response.
        name: the property, or the question; for a response's status, empty.
        property: for a suggestion, which of its properties; for a response, `status` or `value`.
        user: for a response, whose; None: anybody's.
    """

    kind: Kind
    name: str
    property: str = ""
    user: str | None = None


class Terms(NamedTuple):
    """Holds where a value, written as text, is one of these."""

    scope: Scope
    values: Sequence[str]


class Range(NamedTuple):
    """Holds where a number is within inclusive bounds; None: no bound."""

    scope: Scope
    least: float | None
    most: float | None


Condition = Terms | Range


class Order(NamedTuple):
    """Sorts by a value, the records without one last."""

    scope: Scope
    descending: bool


class Query(NamedTuple):
    """What is searched for.

    Args:
        text: words that must occur, `"phrases"`, `beginnings*`, `-excluded`; None: anything.
        field: where they must occur; None: in any field.
        conditions: all must hold.
        orders: the first decides, then the second; without any, the best match first, or, without a text, the user's own order.
        user: for whom records without other order are shuffled, the same way every time; None: in the order of their arrival.
    """

    text: str | None = None
    field: str | None = None
    conditions: Sequence[Condition] = ()
    orders: Sequence[Order] = ()
    user: str | None = None


class Hit(NamedTuple):
    """A record that was found, and how well it fits."""

    id: str
    score: float


class Page(NamedTuple):
    """A page of hits, and how many there are on all pages."""

    hits: list[Hit]
    total: int


def as_text(value: Scalar) -> str:
    """Return a value as conditions name it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).encode(errors="replace").decode()


def as_number(value: Scalar) -> float | None:
    """Return a value as ranges compare it; None for one that is not a number."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
