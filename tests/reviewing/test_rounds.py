"""rounds: how far a round is, whether it still is what it was when it was opened, and what it draws from."""

import pytest

from builders import paths, records
from builders.errors import BuildError
from builders.params import loading
from builders.records import Record
from builders.reviewing import cells, decisions, layout, rounds, strata
from builders.reviewing.decisions import Decision
from builders.reviewing.layout import Pane, Question, Reviewing
from builders.reviewing.rounds import Round, RoundRow
from builders.reviewing.strata import Reviewable
from tests.harness import OWN, Workspace


def opened(*ids: str, number: int = 1, overlap: int = 2, family: str = "quiz") -> Round:
    return Round(
        round=number,
        pools=["default"],
        overlap=overlap,
        verdicts="hidden",
        schema_sha256=records.file_digest(paths.schema(family)),
        shown_sha256=rounds.shown(layout.of(family)),
        rows=[RoundRow(id=identity, sha256="a" * 64, stratum="kept") for identity in ids],
    )


def made(*pairs: str) -> list[Decision]:
    parted = [pair.split() for pair in pairs]
    return [Decision(id=row, decision="accept", reviewer=who, sha256=None, note=None, round=1) for row, who in parted]


DONE: list[tuple[list[str], int, dict[str, int]]] = [
    ([], 0, {}),
    (["a ada", "b ada"], 0, {"ada": 2}),
    (["a bob", "a ada", "b ada"], 1, {"ada": 2, "bob": 1}),
    (["a ada", "a bob", "a cyd", "b ada", "b bob", "c ada"], 2, {"ada": 3, "bob": 2, "cyd": 1}),
]


def test_a_row_is_done_when_as_many_have_decided_as_the_round_asks_for(here: Workspace) -> None:
    del here
    one = opened("a", "b")
    for pairs, done, reviewers in DONE:
        assert rounds.progress(one, made(*pairs)) == {"rows": 2, "done": done, "reviewers": reviewers}
        decisions.write(rounds.answers("quiz", 1), made(*pairs))
        assert rounds.complete("quiz", one) == (done == 2)


def test_the_last_round_is_the_one_with_the_greatest_number(here: Workspace) -> None:
    del here
    assert rounds.latest("quiz") is None
    folder = paths.raw("quiz", "reviews")
    folder.mkdir(parents=True, exist_ok=True)
    for number in (2, 10, 9):
        (folder / f"round-{number}.json").write_text(opened("a", number=number).model_dump_json())
    assert [one.round for one in sorted(rounds.every("quiz"), key=lambda one: one.round)] == [2, 9, 10]
    last = rounds.latest("quiz")
    assert last is not None
    assert last.round == 10


def test_a_round_whose_schema_or_questions_have_changed_is_not_gone_on_with(here: Workspace) -> None:
    del here
    one = opened("a", number=3)
    assert rounds.changed("quiz", one) is None
    rounds.check_unchanged("quiz", one)
    other = one.model_copy(update={"shown_sha256": "0" * 64})
    assert rounds.changed("quiz", other) == "what reviewers see or are asked has"
    older = one.model_copy(update={"schema_sha256": "0" * 64})
    assert rounds.changed("quiz", older) == "the schema has"
    with pytest.raises(BuildError, match=r"^quiz: the schema has changed since round 3 was opened; restore it .*--next$"):
        rounds.check_unchanged("quiz", older)


PANE, ASKED = Pane("prompt", "Question", "text", lambda row: row["prompt"]), Question("step", "Where?", {"1": "one"})
PLAIN = Reviewing(guidelines="", panes=(PANE,), questions=(ASKED,))


@pytest.mark.parametrize(
    "other",
    [
        Reviewing(guidelines="", panes=(PANE._replace(name="other"),), questions=(ASKED,)),
        Reviewing(guidelines="", panes=(PANE._replace(title="Other"),), questions=(ASKED,)),
        Reviewing(guidelines="", panes=(PANE._replace(kind="markdown"),), questions=(ASKED,)),
        Reviewing(guidelines="", panes=(PANE,), questions=(ASKED._replace(name="other"),)),
        Reviewing(guidelines="", panes=(PANE,), questions=(ASKED._replace(title="Other"),)),
        Reviewing(guidelines="", panes=(PANE,), questions=(ASKED._replace(options={"1": "first"}),)),
        Reviewing(guidelines="", panes=(PANE,), questions=(ASKED._replace(several=True),)),
        Reviewing(guidelines="", panes=(PANE,), questions=(ASKED._replace(required=True),)),
        Reviewing(guidelines="", panes=(PANE,), questions=(ASKED,), reasons={"short": "Too short"}),
        Reviewing(guidelines="", panes=(PANE,), questions=(ASKED,), editable=("prompt",)),
    ],
)
def test_whatever_reviewers_see_or_are_asked_is_in_the_hash_of_a_round(other: Reviewing) -> None:
    assert rounds.shown(other) != rounds.shown(PLAIN)
    assert rounds.shown(Reviewing(guidelines="Other.", panes=(PANE,), questions=(ASKED,))) == rounds.shown(PLAIN)


def test_a_family_without_rounds_opens_none(here: Workspace) -> None:
    del here
    params = loading.load("quiz")
    assert params.review.rounds is None
    with pytest.raises(BuildError, match="no review rounds in the profile sample; give its section review the key rounds"):
        rounds.opened("quiz", following=False)


def test_the_decision_comes_last_but_for_its_reasons_and_is_what_the_pipeline_suggests() -> None:
    asked = cells.questions(PLAIN)
    assert [(one.name, one.required, one.several) for one in asked] == [("step", False, False), ("decision", True, False)]
    assert dict(asked[-1].options) == {"accept": "Accept", "reject": "Reject"}
    [*_, reasons] = cells.questions(Reviewing(guidelines="", panes=(), reasons={"short": "Too short"}))
    assert (reasons.name, reasons.required, reasons.several) == ("reasons", False, True)
    row = Record("toy:1", "default", None, OWN, {"prompt": "?"})
    assert cells.suggested(Reviewable(row, "kept", None)) == "accept"
    assert cells.suggested(Reviewable(row, "rejected", "too_short")) == "reject"
    assert cells.row(Reviewable(row, "kept", None)) == {"id": "toy:1", "prompt": "?"}


def test_a_family_without_a_layout_shows_its_reviewed_columns_as_texts(here: Workspace) -> None:
    del here
    what = layout.of("toy")
    assert [(pane.name, pane.title, pane.kind) for pane in what.panes] == [
        ("prompt", "prompt", "text"),
        ("words", "words", "text"),
    ]
    assert cells.shown(what, {"prompt": "Tea is hot.", "words": 3}) == {"prompt": "Tea is hot.", "words": "3"}
    assert cells.shown(what, {"prompt": "", "words": None}) == {}
    row = Record("toy:1", "default", None, OWN, {})
    assert (what.margin(row), what.candidate(row, None), what.overruled({}, {})) == (None, None, None)
    assert strata.stratum(row, "short", None, what) == "rejected"
