"""card_lint: what a card lacks, and numbers without a source."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from builders import family as families
from builders.errors import BuildError
from builders.releases import card_lint
from builders.releases.card_lint import RenderedCard
from tests.harness import PROJECT


def whole(sections: Sequence[str]) -> str:
    return "# A\n\n" + "".join(f"## {section}\n\nText.\n\n" for section in sections)


WHOLE, DETAILS = whole(card_lint.SECTIONS), whole(card_lint.DETAILS_SECTIONS)
WHERE = Path("cards/some.md")


def refused(template: str, card: str | None = None) -> BuildError:
    with pytest.raises(BuildError) as caught:
        card_lint.check(WHERE, template, RenderedCard(template if card is None else card, DETAILS))
    return caught.value


@pytest.mark.parametrize("family", families.names())
def test_our_cards_pass(family: str) -> None:
    assert list(card_lint.by_hand((PROJECT / "cards" / f"{family}.md").read_text())) == []


@pytest.mark.parametrize(
    "line", ["- 61 % were kept.", "- Of 35 rows 12 were kept.", "- Its F1 is 88.", "- The paper has 40k of them."]
)
@pytest.mark.parametrize("family", families.names())
def test_what_is_slipped_into_our_cards_is_found(family: str, line: str) -> None:
    template = (PROJECT / "cards" / f"{family}.md").read_text()
    for section in (*card_lint.SECTIONS, *card_lint.DETAILS_SECTIONS):
        heading = next(line for line in template.splitlines() if line.startswith(f"## {section}"))
        found = list(card_lint.by_hand(template.replace(f"{heading}\n", f"{heading}\n\n{line}\n")))
        assert {line for _, line, _ in found} == {line}


@pytest.mark.parametrize("section", card_lint.SECTIONS)
def test_a_missing_section_is_named(section: str) -> None:
    assert section in refused(WHOLE.replace(f"## {section}\n", "")).what
    assert f"{section} is empty" in refused(WHOLE.replace(f"## {section}\n\nText.\n", f"## {section}\n")).what


@pytest.mark.parametrize("section", card_lint.DETAILS_SECTIONS)
def test_a_missing_section_of_the_second_file_is_named(section: str) -> None:
    with pytest.raises(BuildError, match=section):
        card_lint.check(WHERE, WHOLE, RenderedCard(WHOLE, DETAILS.replace(f"## {section}\n", "")))


@pytest.mark.parametrize(
    ("left", "what"), [("TODO: say why", "a field is not filled"), ("![](a.png)", "says nothing to who cannot see it")]
)
def test_the_second_file_is_looked_at_too(left: str, what: str) -> None:
    with pytest.raises(BuildError, match=what):
        card_lint.check(WHERE, WHOLE, RenderedCard(WHOLE, f"{DETAILS}\n{left}\n"))


def test_a_field_that_is_not_filled_is_told_with_its_line() -> None:
    long = "See" + " here" * 20
    for line, told in ((" Why: TODO: say it", "Why: TODO: say it"), (f"TODO: {long}", f"TODO: {long}"[:80])):
        with pytest.raises(BuildError) as error:
            card_lint.check(WHERE, WHOLE, RenderedCard(WHOLE, f"{DETAILS}\nabove\n{line}\nbelow\n"))
        assert error.value.what == f"a field is not filled: {told}"


def test_a_card_that_nobody_reads_to_its_end_is_refused() -> None:
    card_lint.check_length(WHERE, "word " * card_lint.MOST_WORDS)
    with pytest.raises(BuildError, match="1201 words"):
        card_lint.check_length(WHERE, "word " * (card_lint.MOST_WORDS + 1))


def test_a_number_in_the_front_matter_is_written_by_hand_too() -> None:
    template = "---\nwhat: It has 35 rows.\nfor_whom: See [it](https://a.org).\n---\n"
    assert [line for _, line, _ in card_lint.by_hand(template)] == ["what: It has 35 rows."]


def test_a_section_that_is_not_shown_is_missing() -> None:
    hidden = WHOLE.replace("## Citation\n\nText.", "{% if false %}## Citation\n\nText.{% endif %}")
    assert "no section Citation" in refused(hidden, WHOLE.replace("## Citation\n\nText.", "")).what
    assert "no section Citation" in refused(WHOLE.replace("## Citation", "```\n## Citation\n```")).what


def test_the_versions_section_is_left_to_publish() -> None:
    assert "Versions" in refused(WHOLE + "## Versions\n").what


@pytest.mark.parametrize("picture", ["![](a.png)", "![ ](a.png)", '<img src="a.png">', '<img src="a.png" alt="">'])
def test_a_picture_without_alt_text_is_shown(picture: str) -> None:
    assert picture.partition("(")[0] in refused(WHOLE, f"{WHOLE}\n{picture}\n").what
    card_lint.check(WHERE, WHOLE, RenderedCard(WHOLE + '![A](a.png) <img src="a.png" alt="A" width="1">', DETAILS))


@pytest.mark.parametrize(
    "left",
    [
        "{{ rows }}",
        "{% if x %}",
        "TODO: say why",
        "todo",
        "TBA",
        "[More Information Needed]",
        "[citation needed]",
        "| teacher | None |",
        "by `None`",
        "None rows",
        "a share of nan %",
        "<your text>",
        "See [there]().",
        "in XX rows",
        "Lorem ipsum dolor",
    ],
)
def test_an_unfilled_field_is_shown(left: str) -> None:
    assert "is not filled" in refused(WHOLE, f"{WHOLE}\n{left}\n").what


@pytest.mark.parametrize(
    "line",
    [
        "It has 35 rows.",
        "It has 1,234 of them.",
        "A share of 61 % was kept.",
        "Accuracy is 88.2 there.",
        "Of 512 that were asked.",
        "- item one\n- item with 40 answers",
        "| a | 2500 |",
        "A paragraph that is\nwrapped, and has 88.2 in it.",
        "61 per cent were kept.",
        "Half of the rows have an image.",
        "Two thirds pass.",
        "It has thirty-five rows.",
        "It has 35 examples.",
        "It has 35k of them.",
        "12/35 were kept.",
        "35 were dropped.",
        "rows: 35",
        "n=35",
        "| default | 7 |",
        "`35` of them",
        "**35** of them",
        "It has <b>35</b> of them.",
        "It has 35&nbsp;of them.",
        "A 35-row sample",
        "Accuracy 88",
        "F1 of 98",
        "AUC of .93",
        "It scores 9/10.",
        "In all 1999 rows were kept.",
        "In all, 2024 pass.",
        "Figure 35 rows",
        "From 0 to 35 were kept.",
        "The paper has 40k of them.",
        "The paper has 40,000 rows, see [there](#limits).",
        "```\nAccuracy is 88.2\n```",
        "![35 bars](figures/funnel.png)",
        "{{ 35 }} of them",
        "{{ '35 of them' }}",
        "{% set kept = 35 %}{{ kept }} of them",
    ],
)
def test_a_number_by_hand_is_refused_with_its_line(line: str) -> None:
    error = refused(f"{WHOLE}\n{line}\n", WHOLE)
    assert "written by hand" in error.what
    assert error.where.startswith("cards/some.md:")


@pytest.mark.parametrize(
    "line",
    [
        "It has {{ rows }} rows and {{ share }} % of {{ all }}.",
        "{% if rows > 1000 %}Many.{% endif %}",
        "The paper has 40,000 rows ([section 5](https://arxiv.org/abs/2502.12025)).",
        "Its F1 is 98.7, which\n`python -m benchmarks.refusals` prints.",
        "Scores go from 0 to 100; section 4.2, figure 10 and appendix A.9.2 say more, GPT-4 and R1 too.",
        "Jiang et al., 2025, in three steps.",
        "1. first\n2. second",
        "In brackets: its 95 % interval.",
        "```python\nlimit = 1000\n```",
        "`builders/x.py` has `LIMIT_33`.",
        "How hard is it? 0: not at all. 50: somewhat. 100: very.",
        "{{ '%.2f' | format(share) }} of them, {{ rows | default(0) }} in all, {{ revision[:10] }}",
        "Left over from GPT 4.1, in 2024, on Python 3.11, under GPL-3.0.",
        "A problem in several steps, in one of three families.",
    ],
)
def test_fields_cited_numbers_and_small_ones_pass(line: str) -> None:
    assert list(card_lint.by_hand(f"{WHOLE}\n{line}\n")) == []
    card_lint.check(WHERE, f"{WHOLE}\n{line}\n", RenderedCard(WHOLE, DETAILS))


def test_a_citation_on_another_line_does_not_count() -> None:
    assert "88.2" in refused(f"{WHOLE}\nAccuracy is 88.2.\n\nSee [there](https://arxiv.org/abs/2502.12025).\n").what
