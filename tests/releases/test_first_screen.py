"""first_screen: the seven things that a visitor looks for stand on the first screen of every card, and the card is short."""

import re
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from builders import family as families
from builders.releases import card_lint, first_screen
from builders.releases.manifest import Manifest
from builders.releases.statements import Statements
from tests.doubles import card_page
from tests.harness import Workspace

Samples = Callable[[str], Workspace]
FAMILIES = families.names()

THINGS = {
    "what it is": r"^# .+\n\n\S.{80,}",
    "for whom it is not": r"^\*\*For\*\* .+\*\*Not for\*\* ",
    "rows and tokens": r"^\| config \| rows \| tokens \|.*\n(?:\|.*\n)+\nTokens of .+ by `cl100k_base`",
    "licence": r"\*\*Licence:\*\* `",
    "how to load it": r"^rows = load_dataset\(\"NAMESPACE/\w+-sample\", \"\w+\", split=\"train\"\)$",
    "the funnel": r"^\*\*Funnel:\*\* [\d,]+ read → .+released [\d,]+",
    "a row": r"^\| a row \| \|\n\|---\|---\|\n\| `\w+` \| .+",
}
"""What a visitor looks for → a pattern that finds it."""
_CHARACTERS = 124
"""Of a line of text, and of a cell of the row that is shown, as the browser fits them into the column of `card_page`."""
_CELL = 118


def card(samples: Samples, family: str) -> Path:
    return samples(family).root / f"processed/{family}/release/README.md"


def first(text: str) -> str:
    """Return what stands before the first section."""
    return card_page.body(text).partition("\n## ")[0]


def height(text: str) -> int:
    """Return about how high Markdown is in the page of `card_page`, in pixels, rather too much than too little."""
    total = 16
    for block in text.strip().split("\n\n"):
        lines = block.splitlines()
        if block.startswith("# "):
            total += 56
        elif block.startswith("```"):
            total += 24 * (len(lines) - 2) + 36
        elif block.startswith("|"):
            total += sum(_line_height(line) for line in lines if not line.startswith("|---")) + 12
        else:
            total += sum(24 * _lines(len(_shown(line)), _CHARACTERS) for _, part in groupby(lines) for line in part) + 12
    return total


def _line_height(line: str) -> int:
    cell = max(line.split("|"), key=len)
    picture = 74 if "<img" in cell else 0
    lines = sum(_lines(len(_shown(part)), _CELL) for part in cell.split("<br>"))
    return max(picture, 24 * lines) + 9


def _shown(text: str) -> str:
    """Return about what a reader sees of Markdown."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)|<[^>]*>|[`*\\]", r"\1", text).strip()


def _lines(characters: int, most: int) -> int:
    return -(-characters // most)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_visitors_first_screen_has_the_seven_things(family: str, samples: Samples) -> None:
    text = first(card(samples, family).read_text())
    assert [thing for thing, pattern in THINGS.items() if not re.search(pattern, text, re.MULTILINE)] == []
    assert len(THINGS) == 7
    before, row, after = text.partition("| a row |")
    assert height(before + row + after.partition("\n\n")[0]) <= card_page.HEIGHT


@pytest.mark.parametrize("family", FAMILIES)
def test_no_card_is_longer_than_is_read(family: str, samples: Samples) -> None:
    assert len(card(samples, family).read_text().split()) <= card_lint.MOST_WORDS == 1200


def test_a_first_screen_without_one_of_them_is_seen(samples: Samples) -> None:
    whole = first(card(samples, "safechain").read_text())
    for thing, pattern in THINGS.items():
        without = re.sub(pattern, "", whole, flags=re.MULTILINE)
        assert not re.search(pattern, without, re.MULTILINE), thing
    assert height(whole + "\n\nword" * 30) > card_page.HEIGHT


def test_the_funnel_is_one_line_of_what_changed_and_why() -> None:
    stages = [
        {"stage": "collect", "in": 10, "spawned": 0, "out": {"a": 8}, "rejected": {"x": 2}},
        {"stage": "synthesize", "in": 8, "spawned": 4, "out": {"a": 9}, "rejected": {"y": 1, "spent": 2}},
        {"stage": "judge", "in": 9, "spawned": 0, "out": {"a": 9}, "rejected": {}},
        {"stage": "validate", "in": 9, "spawned": 0, "out": {"a": 7, "b": 2}, "rejected": {}},
    ]
    assert first_screen.funnel(stages) == (
        "10 read → collect 8 → synthesize (+4 spawned) 9 → released 9; most often rejected: `x` 2, `y` 1"
    )


def test_a_funnel_that_changed_nothing_names_only_what_was_read_and_released() -> None:
    stages = [
        {"stage": "collect", "in": 1000, "spawned": 0, "out": {"a": 1000}, "rejected": {}},
        {
            "stage": "validate",
            "in": 1000,
            "spawned": 0,
            "out": {"a": 999},
            "rejected": {"x": 1, "d": 1, "c": 1, "b": 1, "a": 9},
        },
    ]
    assert first_screen.funnel(stages[:1]) == "1,000 read → released 1,000"
    assert first_screen.funnel(stages).startswith("1,000 read → released 999; most often rejected: `a` 9, `b` 1, `c` 1")


def test_a_sample_build_is_what_its_card_says_or_one_that_was_recorded_or_is_small() -> None:
    def notice(sample: str, *, recorded: bool) -> str:
        stated, facts = SimpleNamespace(sample=sample), SimpleNamespace(recorded=recorded)
        return first_screen.notice(cast("Statements", stated), cast("Manifest", facts))

    assert notice("Of its own.", recorded=True) == "Of its own."
    recorded, small = notice("", recorded=True), notice("", recorded=False)
    assert len({recorded, small, ""}) == 3
    assert "by hand" in recorded
    assert first_screen.repository("quiz", sample=False) == "NAMESPACE/quiz"


def test_every_line_that_loads_the_dataset_is_given_the_published_name() -> None:
    text = 'rows = load_dataset("NAMESPACE/a-sample", "x", split="train")\nmore = load_dataset("NAMESPACE/a-sample")'
    named = first_screen.named(text, "org/a")
    assert named.count('load_dataset("org/a"') == 2
    assert first_screen.named(named, "NAMESPACE/a-sample") == text


@pytest.mark.parametrize(
    ("whole", "bound", "hazard", "line"),
    [
        ("MIT", [], "none", "`MIT`."),
        ("per-row", [], "none", "each row its source's own."),
        ("unknown", [], "none", "**none: nobody may pass it on**."),
        ("MIT", ["a model"], "none", "`MIT`, and the terms of the models that wrote it."),
        ("MIT", [], "harmful-requests", "`MIT`; gated: accept the terms on its page first."),
    ],
)
def test_the_licence_is_one_line(whole: str, bound: list[str], hazard: str, line: str) -> None:
    facts = SimpleNamespace(licences={"whole": whole, "bound_by_models": bound}, hazard=hazard)
    assert first_screen.licence(cast("Manifest", facts)) == line
