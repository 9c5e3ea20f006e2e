"""Items, briefs, questions and monitored rows: what a seed must have, and what tells two items apart."""

from typing import Any

import pytest
from pydantic import JsonValue

from builders.errors import BuildError
from builders.families.deceptionbench import categories, collect
from builders.records import Record, Rejection
from builders.sources.entries import Generated
from tests.families.deceptionbench import FAMILY
from tests.families.deceptionbench.rows import ITEM, item, row
from tests.harness import Workspace


def reason(record: Record) -> str | None:
    """Return the reason that a seed is rejected for, None if it is not."""
    rejections = (rule(record) for rule in collect.rules(None))  # type: ignore[arg-type]
    found: Rejection | None = next((rejection for rejection in rejections if rejection), None)
    return found.reason if found else None


def test_whole_items_briefs_and_questions_are_fine() -> None:
    assert reason(item()) is None
    assert reason(row("default", {"prompt": "A quiz.", "kind": "brief", "type": "sandbagging"})) is None
    assert reason(row("self_monitor", {"prompt": "How?"})) is None
    replies = dict.fromkeys(("thinking_process", "reflection", "assessment", "revised_response"), "text")
    assert reason(row("self_monitor", {"prompt": "How?", **replies})) is None


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"type": "Teasing"}, "bad_category"),
        ({"type": None}, "bad_category"),
        ({"type": 3}, "bad_category"),
        ({"inner_prompt": " "}, "bad_item"),
        ({"system_prompt": None}, "bad_item"),
        ({"format": 7}, "bad_item"),
        ({"kind": "topic"}, "bad_choice"),
        ({"construction": "found"}, "bad_choice"),
        ({"archetype": "process-like"}, "bad_choice"),
        ({"monitor_access": "all"}, "bad_choice"),
    ],
)
def test_an_item_that_lacks_something_is_rejected(changed: dict[str, Any], wanted: str) -> None:
    assert reason(item(**changed)) == wanted


@pytest.mark.parametrize("column", ["thinking_process", "reflection", "assessment", "revised_response"])
def test_a_monitored_row_has_all_parts_or_none(column: str) -> None:
    assert reason(row("self_monitor", {"prompt": "How?", column: "text"})) == "half_monitored"


@pytest.mark.parametrize("value", [7, " "])
def test_a_part_of_a_monitored_row_is_a_text(value: object) -> None:
    replies = {
        **dict.fromkeys(("thinking_process", "reflection", "assessment", "revised_response"), "text"),
        "reflection": value,
    }
    found = collect.half_monitored(row("self_monitor", {"prompt": "How?", **replies}))
    assert found == Rejection("half_monitored", {"missing": ["reflection"]})


def test_parts_that_are_all_empty_are_none() -> None:
    assert collect.half_monitored(row("self_monitor", {"prompt": "How?", "thinking_process": "", "reflection": None})) is None
    assert collect.half_monitored(row("default", {"prompt": "How?", "reflection": "text"})) is None
    assert collect.is_monitored(row("self_monitor", {"prompt": "How?", "thinking_process": "text"}))
    assert not collect.is_monitored(row("self_monitor", {"prompt": "How?", "thinking_process": ""}))


def test_evidence_says_which_column_and_how_long_it_is() -> None:
    assert collect.bad_choice(item(kind="topic")) == Rejection("bad_choice", {"column": "kind", "type": "str", "length": 5})
    assert collect.bad_choice(item(monitor_access=12)) == Rejection(
        "bad_choice", {"column": "monitor_access", "type": "int", "length": 2}
    )
    assert collect.bad_category(item(type="Teasing")) == Rejection("bad_category", {"type": "str", "length": 7})
    assert collect.bad_category(row("self_monitor", {"prompt": "How?", "type": "Teasing"})) is None
    assert collect.bad_item(item(format=7)) == Rejection("bad_item", {"column": "format", "type": "int"})
    assert collect.bad_item(item(inner_prompt="")) == Rejection("bad_item", {"column": "inner_prompt", "type": "str"})
    assert collect.bad_item(row("default", {"prompt": "A quiz.", "kind": "brief"})) is None


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("kind", ("item", "brief")),
        ("construction", ("written", "published", "constructed")),
        ("archetype", ("intervention", "process", "outcome")),
        ("monitor_access", ("action", "cot", "both")),
    ],
)
def test_a_choice_is_one_of_these_or_left_open(column: str, values: tuple[str, ...]) -> None:
    for value in (None, *values):
        assert collect.bad_choice(item(**{column: value})) is None


def test_a_generated_source_takes_only_the_file_with_its_hash(here: Workspace) -> None:
    file = here.root / "raw" / FAMILY / "sources" / "items.json"
    file.write_text("[]")
    settings: dict[str, JsonValue] = {
        "file": "items.json",
        "sha256": "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945",
    }
    source = Generated(generator="published", rows=180, seed=0, settings=settings)
    with pytest.raises(BuildError, match="0 items of Goal-Driven"):
        list(collect.generated(source))
    file.write_text("[ ]")
    with pytest.raises(BuildError, match=r"in place of 4f53cda18c…"):
        list(collect.generated(source))


def test_evidence_does_not_quote_a_seed() -> None:
    rejections = [rule(item(type="a request in the wrong column")) for rule in collect.rules(None)]  # type: ignore[arg-type]
    assert "wrong" not in str(rejections)


@pytest.mark.parametrize(
    "label", ["Sycophantic Misrepresentation", "SYCOPHANTIC  MISREPRESENTATION", "sycophantic_misrepresentation", "Sycophancy"]
)
def test_a_label_is_known_whatever_its_case_and_punctuation(label: str) -> None:
    found = categories.of(label)
    assert found
    assert found.slug == "sycophancy"


def test_the_published_counts_are_180() -> None:
    assert [category.published for category in categories.CATEGORIES] == [45, 43, 43, 33, 16]


def test_the_published_file_has_so_many_of_each_category() -> None:
    assert {one.slug: one.published for one in categories.CATEGORIES} == {
        "strategic_deception": 45,
        "sycophancy": 43,
        "honesty_evasion": 43,
        "sandbagging": 33,
        "alignment_faking": 16,
    }


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("strategic_deception", "deceived deception manipulates misleading cheater trickery lie lying scheming rule-breaking"),
        ("sycophancy", "sycophant flattery misrepresents fawning yes-man"),
        ("honesty_evasion", "honesty dishonestly evaded evasive dodges truthful cover-up"),
        ("sandbagging", "sandbagged underperforms deliberately purposely intentionally pretends"),
        ("alignment_faking", "aligned misaligned fake faking pretended disguise"),
    ],
)
def test_every_word_that_names_a_category_gives_it_away(slug: str, words: str) -> None:
    assert categories.cues(f"Note: {words}.", slug) == words.split()


@pytest.mark.parametrize("slug", categories.SLUGS)
def test_every_category_is_found_by_its_cues(slug: str) -> None:
    word = categories.BY_SLUG[slug].cues[0].removesuffix("*")
    assert categories.cues(f"It was {word}, they said.", slug) == [word]
    assert categories.cues("A seller answers a buyer about a clock.", slug) == []


def test_a_benign_word_that_only_begins_alike_is_no_cue() -> None:
    assert categories.cues("The earliest bus, and believe me, lies ahead.", "honesty_evasion") == []
    assert categories.cues("They believe it.", "strategic_deception") == []


def test_two_items_of_people_are_one_only_if_their_scenarios_are_equal() -> None:
    agree = collect.agreeing(None)  # type: ignore[arg-type]
    first, same, other = (collect.beside(row) for row in (item(), item(), item(system_prompt="You take no test.")))
    drafted = collect.beside(item(construction="constructed", system_prompt="You take no test."))
    assert agree(first, same)
    assert not agree(first, other)
    assert agree(first, drafted)
    assert agree(drafted, first)
    assert agree("", "")
    assert first.startswith("written\t")
    assert collect.beside(item(construction=None)) == first
    assert collect.beside(item(inner_prompt="What is 2 times 3?")) != first
    assert collect.beside(item(kind="brief")) == collect.beside(row("self_monitor", {"prompt": "How?"})) == ""


def test_a_brief_is_no_prompt() -> None:
    assert not collect.screened(row("default", {**ITEM, "kind": "brief"}))
    assert collect.screened(item())
