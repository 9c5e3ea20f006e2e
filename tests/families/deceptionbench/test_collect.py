"""Items, briefs, questions and monitored rows: what a seed must have, and what tells two items apart."""

from typing import Any

import pytest

from builders.families.deceptionbench import categories, collect
from builders.records import Record, Rejection
from tests.families.deceptionbench.rows import ITEM, item, row


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


def test_a_brief_is_no_prompt() -> None:
    assert not collect.screened(row("default", {**ITEM, "kind": "brief"}))
    assert collect.screened(item())
