"""How a row's life is written down: short unless all is wanted, and measured where it may be harmful."""

import hashlib
from typing import Any

import pytest
from rich.tree import Tree

from builders.commands import explain
from builders.commands.explain import Detail
from builders.commands.replaying import ReplayedRequest

OPEN, FULL, GUARDED = Detail(None, False), Detail(None, True), Detail(frozenset({"label"}), False)  # noqa: FBT003
ANY = Detail(explain._ANY, False)  # noqa: FBT003, SLF001


def labels(tree: Tree) -> list[Any]:
    """Return what stands in a tree, what is below a line in a list behind it."""
    found: list[Any] = []
    for child in tree.children:
        found.append(str(child.label))
        if child.children:
            found.append(labels(child))
    return found


def added(name: str, value: object, shown: Detail) -> list[Any]:
    tree = Tree("row")
    explain._add(tree, name, value, shown)  # noqa: SLF001
    return labels(tree)


@pytest.mark.parametrize(
    ("value", "shown", "lines"),
    [
        ("x" * 100, OPEN, ["a: " + "x" * 100]),
        ("x" * 101, OPEN, ["a: " + "x" * 100 + "… (101 characters; --full shows all)"]),
        ("x" * 1234, OPEN, ["a: " + "x" * 100 + "… (1,234 characters; --full shows all)"]),
        ("x" * 101, FULL, ["a: " + "x" * 101]),
        ({"b": {"c": 1}}, OPEN, ["a", ['b: {"c":1}']]),
        ({"b": {"c": 1}}, FULL, ["a", ["b", ["c: 1"]]]),
        ({}, OPEN, ["a: {}"]),
        ([{"b": 1}, {"c": 2}], OPEN, ['a: [{"b":1},{"c":2}]']),
        ([{"b": 1}, {"c": 2}], FULL, ["a[0]", ["b: 1"], "a[1]", ["c: 2"]]),
        ([1, 2], FULL, ["a: [1,2]"]),
        ([], FULL, ["a: []"]),
        (None, OPEN, ["a: null"]),
    ],
    ids=range(12),
)
def test_what_is_long_or_deep_is_cut_unless_all_is_wanted(value: object, shown: Detail, lines: list[Any]) -> None:
    assert added("a", value, shown) == lines


def measured(text: str) -> str:
    return f"{len(text)} characters, sha256 {hashlib.sha256(text.encode()).hexdigest()[:16]}…"


@pytest.mark.parametrize(
    ("name", "value", "shown", "safe"),
    [
        ("text", "some words", GUARDED, measured("some words")),
        ("text", "word", GUARDED, measured("word")),
        ("text", "word", ANY, "word"),
        ("text", "some words", ANY, measured("some words")),
        ("text", "some words", OPEN, "some words"),
        ("label", "some words", GUARDED, "some words"),
        ("text", "", GUARDED, ""),
        ("text", 7, GUARDED, 7),
        ("text", "0" * 64, GUARDED, "0" * 64),
        ("text", "0" * 63, GUARDED, measured("0" * 63)),
        ("text", {"label": "a b", "b": "c d"}, GUARDED, {"label": "a b", "b": measured("c d")}),
        ("text", [{"label": "a b", "b": "c d"}], GUARDED, [{"label": "a b", "b": measured("c d")}]),
        ("text", ["word", "a b"], ANY, ["word", measured("a b")]),
    ],
    ids=range(13),
)
def test_what_may_be_harmful_is_measured(name: str, value: object, shown: Detail, safe: object) -> None:
    assert explain._safe(name, value, shown) == safe  # noqa: SLF001


def test_a_list_of_words_is_measured_as_a_whole() -> None:
    found = explain._safe("text", ["word", "other"], GUARDED)  # noqa: SLF001
    digest = hashlib.sha256(b'["word","other"]').hexdigest()
    assert found == f"list, 16 bytes, sha256 {digest[:16]}…"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("<think>\nHm.\n</think>\n\nfine", "26 characters, 3 of them reasoning"),
        ("fine", "4 characters"),
        (None, "no reply is kept under its key: it failed, or params or templates have changed since"),
    ],
)
def test_a_request_is_one_line_or_whole(reply: str | None, outcome: str) -> None:
    request = ReplayedRequest("judge", 2, "k", {"prompt": "why?"}, reply)
    tree = Tree("row")
    explain._add_request(tree, request, OPEN, whole=False)  # noqa: SLF001
    assert labels(tree) == [f"request: judge, index 2, key k, {outcome}"]
    tree = Tree("row")
    explain._add_request(tree, request, OPEN, whole=True)  # noqa: SLF001
    came = {"fine": ["reply_text: fine"], None: []}.get(reply, ["reply_reasoning: Hm.", "reply_answer: fine"])
    said = [] if reply else [f"error: {outcome}"]
    assert labels(tree) == ["request", ["role: judge", "index: 2", *said, "prompt: why?", *came]]
