"""The search index: every search gives what a look at every document gives."""

import math
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.reviewing.server import words
from builders.reviewing.server.documents import (
    Answer,
    Condition,
    Document,
    Order,
    Query,
    Range,
    Scalar,
    Scope,
    Terms,
    as_number,
    as_text,
)
from builders.reviewing.server.index import Index

DATASET = "0b6e2d0e-8f0a-4c59-9d57-0d3b3f2a6a11"
USERS = ("ann", "bob")
TOKENS = ("fence", "fences", "garden", "Überlänge", "数学", "x_1", "e-mail", "12")
LABELS = ("accept", "reject")

Facts: TypeAlias = st.SearchStrategy[dict[str, Any]]
texts = st.lists(st.sampled_from(TOKENS), max_size=5).map(" ".join)
values: Facts = st.dictionaries(st.sampled_from(("kind", "size")), st.sampled_from(("a", "b", 1, 2, 2.5)), max_size=2)
suggestion: Facts = st.fixed_dictionaries({"value": st.sampled_from(LABELS), "score": st.sampled_from((0.1, 0.5, 0.9))})
answers = st.dictionaries(
    st.sampled_from(USERS),
    st.tuples(st.sampled_from(("draft", "submitted", "discarded")), st.sampled_from(LABELS)),
    max_size=2,
)


@st.composite
def documents(draw: st.DrawFn) -> list[Document]:
    made = []
    for number in range(draw(st.integers(0, 8))):
        given_answers = [
            Answer(f"{number}-{user}", user, status, {"decision": label}) for user, (status, label) in draw(answers).items()
        ]
        made.append(
            Document(
                id=f"id-{number}",
                external_id=f"row:{number}",
                status=draw(st.sampled_from(("pending", "completed"))),
                inserted_at=float(number),
                updated_at=float(draw(st.integers(0, 3))),
                texts={"question": draw(texts), "solution": draw(texts)},
                metadata=draw(values),
                suggestions={"decision": draw(suggestion)} if draw(st.booleans()) else {},
                answers=given_answers,
                vectors={"v": [draw(st.sampled_from((-1.0, 0.0, 1.0, 2.0))) for _ in range(3)]},
            )
        )
    return made


scopes = st.sampled_from(
    (
        Scope("record", "status"),
        Scope("record", "external_id"),
        Scope("metadata", "kind"),
        Scope("metadata", "size"),
        Scope("suggestion", "decision", "value"),
        Scope("suggestion", "decision", "score"),
        Scope("response", "decision", "value", "ann"),
        Scope("response", "decision", "value"),
        Scope("response", "", "status", "bob"),
        Scope("response", "", "status"),
    )
)
named = st.lists(st.sampled_from(("a", "1", "2.5", "0.5", "accept", "row:1", "pending", "submitted")), min_size=1, max_size=3)
bound = st.none() | st.sampled_from((0.0, 0.5, 2.0, 3.0))
numbers = st.sampled_from((Scope("metadata", "size"), Scope("suggestion", "decision", "score"), Scope("record", "updated_at")))
conditions = st.builds(Terms, scopes, named) | st.builds(Range, numbers, bound, bound)
queries = st.lists(
    st.sampled_from(("fence", "fence*", "-garden", '"fence garden"', "überlänge", "数", "X_1", "e-mail", "!", "12")), max_size=3
).map(" ".join)
wanteds = st.builds(
    Query,
    text=st.none() | queries,
    field=st.sampled_from((None, "question")),
    conditions=st.lists(conditions, max_size=2),
    orders=st.just(()),
    user=st.sampled_from((None, "ann")),
)


@given(documents(), wanteds, st.integers(0, 3), st.integers(1, 9))
@settings(max_examples=150, deadline=None)
def test_a_search_finds_what_a_look_at_every_document_finds(
    made: list[Document], wanted: Query, offset: int, limit: int
) -> None:
    with filled(made) as index:
        found = index.search(DATASET, wanted, 0, 100)
        page = index.search(DATASET, wanted, offset, limit)
    expected = {one.id for one in made if holds(one, wanted)}
    assert {hit.id for hit in found.hits} == expected
    assert len(found.hits) == found.total == page.total == len(expected)
    assert page.hits == found.hits[offset : offset + limit]


@given(documents(), st.lists(st.tuples(scopes.filter(lambda s: s.property != "status"), st.booleans()), min_size=1, max_size=2))
@settings(max_examples=100, deadline=None)
def test_records_are_sorted_those_without_a_value_last(made: list[Document], orders: list[tuple[Scope, bool]]) -> None:
    wanted = Query(orders=[Order(*one) for one in orders])
    with filled(made) as index:
        found = [hit.id for hit in index.search(DATASET, wanted, 0, 100).hits]
    places = list(made)
    for scope, descending in reversed(orders):
        present = [one for one in places if of(one, scope)]
        present.sort(key=lambda one: sort_key(one, scope, descending=descending), reverse=descending)
        places = present + [one for one in places if not of(one, scope)]
    assert found == [one.id for one in places]


@given(documents(), st.lists(st.sampled_from((-1.0, 0.5, 2.0)), min_size=3, max_size=3), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_the_most_similar_records_are_those_of_the_greatest_cosine(
    made: list[Document], vector: list[float], limit: int
) -> None:
    with filled(made) as index:
        found = index.similar(DATASET, "v", vector, Query(), limit)
    expected = sorted((cosine(one.vectors["v"], vector) for one in made), reverse=True)[:limit]
    assert [hit.score for hit in found.hits] == pytest.approx(expected, abs=1e-6)


@given(documents())
@settings(max_examples=40, deadline=None)
def test_a_record_that_is_put_again_is_there_once(made: list[Document]) -> None:
    with filled(made) as index:
        before = index.search(DATASET, Query(text="fence"), 0, 100)
        index.put(DATASET, made)
        assert index.search(DATASET, Query(), 0, 100).total == len(made)
        assert index.search(DATASET, Query(text="fence"), 0, 100).total == before.total
        index.remove(DATASET, [one.id for one in made[:1]])
        assert index.search(DATASET, Query(), 0, 100).total == len(made[1:])


def test_an_answer_takes_the_place_of_what_it_was() -> None:
    [pending, submitted] = [Query(conditions=[Terms(STATUS, [word])]) for word in ("pending", "submitted")]
    with filled([document()]) as index:
        assert [index.search(DATASET, one, 0, 9).total for one in (pending, submitted)] == [1, 0]
        index.answer("id-0", Answer("r", "ann", "draft", {}))
        index.answer("id-0", Answer("r", "ann", "submitted", {"decision": "accept"}))
        assert [index.search(DATASET, one, 0, 9).total for one in (pending, submitted)] == [0, 1]
        assert index.statuses_of(DATASET, "ann") == {"submitted": 1}
        index.withdraw("r")
        assert [index.search(DATASET, one, 0, 9).total for one in (pending, submitted)] == [1, 0]


def test_a_suggestion_can_be_replaced_and_taken_back() -> None:
    wanted = Query(conditions=[Terms(Scope("suggestion", "decision", "value"), ["accept"])])
    with filled([document()]) as index:
        index.suggest("id-0", "decision", {"value": "accept", "score": 0.5})
        index.suggest("id-0", "decision", {"value": "accept"})
        assert index.search(DATASET, wanted, 0, 9).total == 1
        index.suggest("id-0", "decision", {})
        assert index.search(DATASET, wanted, 0, 9).total == 0


def test_counts_and_bounds_are_of_one_dataset() -> None:
    with filled([document(), document(1)]) as index:
        other = DATASET[:-1] + "2"
        index.create(other, ["question"])
        index.put(other, [document(2)])
        index.set_status("id-1", "completed")
        assert index.statuses(DATASET) == {"pending": 1, "completed": 1}
        assert index.terms(DATASET, "kind") == {"a": 2}
        assert index.bounds(DATASET, "size") == (0.0, 1.0)
        index.drop(DATASET)
        assert index.statuses(DATASET) == {}
        assert index.statuses(other) == {"pending": 1}


def test_each_user_has_an_order_of_ones_own_that_stays() -> None:
    with filled([document(number) for number in range(40)]) as index:
        orders = {user: [hit.id for hit in index.search(DATASET, Query(user=user), 0, 100).hits] for user in USERS}
        again = [hit.id for hit in index.search(DATASET, Query(user="ann"), 0, 100).hits]
    assert orders["ann"] == again
    assert orders["ann"] != orders["bob"]
    assert sorted(orders["ann"]) == sorted(orders["bob"])


def test_the_best_match_comes_first() -> None:
    often, once = document(texts="fence fence fence"), document(1, texts="a fence around the garden of our old house")
    with filled([once, often]) as index:
        assert [hit.id for hit in index.search(DATASET, Query(text="fence"), 0, 9).hits] == ["id-0", "id-1"]


STATUS = Scope("response", "", "status", "ann")


def document(number: int = 0, texts: str = "a fence") -> Document:
    facts: dict[str, Any] = {"kind": "a", "size": number}
    return Document(f"id-{number}", None, "pending", 0.0, 0.0, {"question": texts}, facts, {}, [], {})


class filled:  # noqa: N801  (a context manager)
    """An index with documents in it."""

    def __init__(self, made: Sequence[Document]) -> None:
        self._made = made

    def __enter__(self) -> Index:
        self._folder = TemporaryDirectory()
        self._index = Index(Path(self._folder.name) / "index.sqlite")
        self._index.create(DATASET, ["question", "solution"])
        self._index.put(DATASET, self._made)
        return self._index

    def __exit__(self, *_: object) -> None:
        with closing(self._index), self._folder:
            pass


def of(one: Document, scope: Scope) -> list[Scalar]:
    """Return the values of a scope in a document."""
    found: list[Scalar | Sequence[Scalar] | None]
    if scope.kind == "record":
        found = [getattr(one, scope.name)]
    elif scope.kind == "metadata":
        found = [one.metadata.get(scope.name)]
    elif scope.kind == "suggestion":
        found = [one.suggestions.get(scope.name, {}).get(scope.property)]
    else:
        found = [answer.values.get(scope.name) for answer in one.answers if scope.user in {None, answer.user}]
    return [value for value in found if isinstance(value, str | int | float)]


def holds(one: Document, wanted: Query) -> bool:
    return all(meets(one, condition) for condition in wanted.conditions) and matches(one, wanted)


def meets(one: Document, condition: Condition) -> bool:
    scope = condition.scope
    if isinstance(condition, Range):
        numbers = [number for value in of(one, scope) if (number := as_number(value)) is not None]
        least, most = condition.least, condition.most
        return any((least is None or number >= least) and (most is None or number <= most) for number in numbers)
    if scope.property == "status":
        mine = [answer.status for answer in one.answers if scope.user in {None, answer.user}]
        return any(status in condition.values for status in mine) or ("pending" in condition.values and not mine)
    return any(as_text(value) in condition.values for value in of(one, scope))


def matches(one: Document, wanted: Query) -> bool:
    if not (wanted.text or "").strip():
        return True
    parts = words.parts(wanted.text or "")
    places = [words.words(one.texts[name]) for name in ([wanted.field] if wanted.field else one.texts)]
    return bool(parts) and all(any(occurs(part, place) for place in places) != part.excluded for part in parts)


def occurs(part: words.Part, place: list[str]) -> bool:
    if part.beginning:
        return any(word.startswith(part.words[0]) for word in place)
    size = len(part.words)
    return any(tuple(place[start : start + size]) == part.words for start in range(len(place)))


def sort_key(one: Document, scope: Scope, *, descending: bool) -> tuple[bool, float, str]:
    found = of(one, scope)
    numbers = [number for value in found if (number := as_number(value)) is not None]
    if numbers and scope.kind == "response":
        return False, sum(numbers) / len(numbers), ""
    keys = [(False, float(one), "") if isinstance(one, int | float) else (True, 0.0, as_text(one)) for one in found]
    return min(keys) if scope.kind == "response" or not descending else max(keys)


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    lengths = math.hypot(*one) * math.hypot(*other)
    return (1 + (sum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else 0.0)) / 2
