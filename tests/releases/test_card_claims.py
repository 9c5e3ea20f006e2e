"""card_claims: what a card says of its release that the release does not support."""

from collections.abc import Callable

import pytest

from builders.releases import card_claims
from tests.harness import PROJECT, Workspace

KNOWN = {"replies", "default", "hard", "kept"}
FALSE = (
    "the paper asks for all five, and so does the `default` config, so that Safe@K and like\n"
    "  metrics can be computed from `replies`, and compared."
)
"""What the card of safechain once said: its rows were kept by those very replies."""


def found(text: str) -> list[str]:
    return [what for _, _, what, _ in card_claims.claims(text, KNOWN)]


def test_the_claim_that_metrics_can_be_computed_from_selected_replies_is_found() -> None:
    assert found(f"- Whether all replies are needed: {FALSE}\n") == [
        "Safe@K of rows that were selected by it",
        "a claim about what can be computed from `replies`",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Safe@1 is high here.",
        "ConsSafe@K tells more.",
        "The share of pass@4 is shown.",
        "Rates can be computed from `replies`.",
        "They are measured from the column `replies`.",
        "Accuracy was 88.2 %.",
        "It has an F1 of .93 and more.",
        "False positives: 12 of 40.",
        "See `nowhere`.",
        "The column `no_such` has it.",
    ],
)
def test_a_claim_without_support_is_found(line: str) -> None:
    assert len(found(f"{line}\n")) == 1


@pytest.mark.parametrize(
    "line",
    [
        "Over all asked rows Safe@K is {{ facts.audit.safe }}.",
        "Safe@1 is of all rows that were asked.",
        "Safe@1 is over *every* request that was asked about.",
        "Safe@K cannot be computed where sampling stops early.",
        "Of the released rows a length can be computed from `replies`.",
        "On the replies that people labelled, accuracy was 88.2 %.",
        "Accuracy of {{ share }} %, by the judge.",
        "Accuracy is a share from 0 to 1.",
        "`default` and `hard` have `replies`.",
        "`nowhere.else`, `python -m builders` and `Safe` are no names of columns.",
        "```python\nnowhere = load(`nowhere`)\n```",
    ],
)
def test_what_is_supported_passes(line: str) -> None:
    assert found(f"{line}\n") == []


@pytest.mark.parametrize(
    "slipped", ["TODO: say it.", "Accuracy is 99 %.", "Safe@K is high.", f"- {FALSE}", "See `no_such_column`."]
)
def test_a_build_stops_at_what_is_slipped_into_a_card(
    slipped: str, workspace: Workspace, samples: Callable[[str], Workspace]
) -> None:
    made = samples("quiz").copied(workspace.root.with_name("copy"))
    path = made.root / "cards/quiz.md"
    path.write_text(path.read_text().replace("Anything.", f"Anything.\n\n{slipped}"))
    done = made.run("release")
    assert done.returncode == 2, done.stdout


def test_our_cards_do_not_say_it_any_more() -> None:
    assert "can be computed from `replies`" not in " ".join((PROJECT / "cards/safechain.md").read_text().split())
