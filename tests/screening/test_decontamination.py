"""Decontamination: what an evaluation set holds is rejected, with where it stands and never its text."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from builders import paths, records
from builders.errors import BuildError
from builders.params.sections import Decontamination
from builders.records import Record, Rejection
from builders.screening import decontamination
from builders.stages.running import run
from builders.texts.words import simplified
from tests.harness import FAMILY, OWN, Workspace, jsonl

TWENTY = [f"word{number}" for number in range(20)]
LONG = " ".join(TWENTY)
SHORT = "Is it rude to wrap a present in last year's paper?"
Check = Callable[[str], Rejection | None]


def described(name: str = "quiz", **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the params entry of an evaluation set in a file of its own name."""
    return {
        "name": name,
        "file": f"{name}.jsonl",
        "format": "jsonl",
        "columns": {"key": "k", "prompt": "p"},
        "each": None,
        "only": None,
        **changes,
    }


def written(here: Workspace, name: str, *prompts: object) -> None:
    """Write a set whose prompts have the keys e1, e2 and so on."""
    rows = [{"k": f"e{number}", "p": prompt} for number, prompt in enumerate(prompts, 1)]
    (here.root / f"raw/{FAMILY}/sources" / f"{name}.jsonl").write_text(jsonl(*rows))


def checked(here: Workspace, *prompts: object, size: int = 13, **changes: Any) -> Check:  # noqa: ANN401
    """Return the rule that a set of these prompts makes, as a function of a prompt."""
    written(here, "quiz", *prompts)
    params = Decontamination.model_validate({"ngram_words": size, "sets": [described(**changes)]})
    rule = decontamination.rule(decontamination.indexes(FAMILY, params), "instruction", size)
    return lambda prompt: rule(Record(f"{FAMILY}:0123456789abcdef", "default", None, OWN, {"instruction": prompt}))


def found(kind: str, row: str = "e1") -> Rejection:
    return Rejection("contaminated", {"set": "quiz", "kind": kind, "row": row})


def collect(here: Workspace, prompts: list[object], *sets: dict[str, Any], **entry: Any) -> dict[str, Any]:  # noqa: ANN401
    """Collect these prompts against these sets, and return what was counted."""
    with here.params() as params:
        params["sample"]["collect"]["decontamination"]["sets"] = list(sets)
    rows = [{"k": f"p{number}", "p": prompt, "t": "vanilla_benign"} for number, prompt in enumerate(prompts, 1)]
    columns = {"key": "k", "instruction": "p", "label": "t"}
    here.source("own.jsonl", jsonl(*rows), **{"columns": columns, **entry})
    run("collect", FAMILY)
    counted: dict[str, Any] = json.loads((here.root / f"processed/{FAMILY}/collect/decontamination/default.json").read_text())
    return counted


def test_a_row_of_a_set_without_its_prompt_is_counted_and_not_passed_over(here: Workspace) -> None:
    written(here, "quiz", SHORT, None, "", 7, "!!", LONG)
    written(here, "whole", SHORT)
    counted = collect(here, [SHORT, "How do I water a fern in the garden?"], described(), described("whole"))
    assert (counted["quiz"]["prompts"], counted["quiz"]["without_prompt"]) == (2, 4)
    assert "without_prompt" not in counted["whole"]


# What is found.


@pytest.mark.parametrize("prompt", [SHORT, LONG, "gum", "Was kostet ein Kaffee?", "如何种梨树"])
@pytest.mark.parametrize("spelt", [str, str.upper, lambda text: f" \t{text}\n!!", lambda text: " ... ".join(text.split(" "))])
def test_a_whole_prompt_is_found_however_it_is_spelt(here: Workspace, prompt: str, spelt: Callable[[str], str]) -> None:
    check = checked(here, "something else", prompt)
    assert check(spelt(prompt)) == found("exact", "e2")


def test_accents_make_no_difference_but_digits_do(here: Workspace) -> None:
    check = checked(here, "Where is the café with 12 tables?")
    assert check("where is the cafe with 12 tables") == found("exact")
    assert check("where is the cafe with 13 tables") is None


@pytest.mark.parametrize("start", [0, 3, 7])
def test_thirteen_words_in_a_row_are_found_wherever_they_stand(here: Workspace, start: int) -> None:
    check = checked(here, LONG)
    part = " ".join(TWENTY[start : start + 13])
    assert check(part) == check(f"To begin with, {part.title()}; and so on.") == found("ngram")


@pytest.mark.parametrize("start", [0, 4, 8])
def test_twelve_words_in_a_row_are_not_enough(here: Workspace, start: int) -> None:
    check = checked(here, LONG)
    part = " ".join(TWENTY[start : start + 12])
    assert check(part) is None
    assert check(f"To begin with, {part}, and so on.") is None
    assert check(" ".join([*TWENTY[:12], "other", *TWENTY[13:]])) is None


def test_a_set_s_prompt_of_exactly_so_many_words_is_found_inside_others(here: Workspace) -> None:
    check = checked(here, " ".join(TWENTY[:13]), " ".join(TWENTY[:12]))
    assert check(LONG) == found("ngram")
    assert check(" ".join(TWENTY[:12])) == found("exact", "e2")


def test_a_shorter_prompt_is_found_as_a_whole_only(here: Workspace) -> None:
    """The stated limit: embedded or changed by a word it goes unnoticed."""
    check = checked(here, SHORT)
    assert check(f"Tell me: {SHORT}") is None
    assert check(f"{SHORT} Please.") is None
    assert check(SHORT.replace("rude", "impolite")) is None


def test_texts_without_words_are_alike_to_none(here: Workspace) -> None:
    check = checked(here, "???", "", None, 7, SHORT)
    assert check("!!!") is None
    assert check(SHORT) == found("exact", "e5")


@pytest.mark.parametrize("size", [1, 5])
def test_the_length_of_the_n_gram_is_a_parameter(here: Workspace, size: int) -> None:
    check = checked(here, LONG, size=size)
    assert check(" ".join(["so", *TWENTY[4 : 4 + size], "so"])) == found("ngram")
    assert check(" ".join(["so", *TWENTY[4 : 3 + size], "so"])) is None


WORDS = st.lists(st.sampled_from(["pear", "tree", "Basket", "42", "été"]), min_size=1, max_size=9)


@settings(derandomize=True, deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prompts=st.lists(WORDS, min_size=1, max_size=4), prompt=WORDS, size=st.integers(1, 6))
@example(prompts=[["pear"] * 3], prompt=["pear"] * 2, size=3)
def test_the_rule_is_what_comparing_all_n_grams_says(
    here: Workspace, prompts: list[list[str]], prompt: list[str], size: int
) -> None:
    check = checked(here, *(" ".join(tokens) for tokens in prompts), size=size)

    def grams(text: list[str]) -> set[tuple[str, ...]]:
        plain = simplified(" ".join(text))
        return {tuple(plain[start : start + size]) for start in range(len(plain) - size + 1)}

    equal = [number for number, tokens in enumerate(prompts, 1) if simplified(" ".join(tokens)) == simplified(" ".join(prompt))]
    sharing = [number for number, tokens in enumerate(prompts, 1) if grams(tokens) & grams(prompt)]
    rejection = check(" ".join(prompt))
    if equal:
        assert rejection == found("exact", f"e{equal[0]}")
    elif sharing:
        assert rejection is not None
        assert rejection.evidence["kind"] == "ngram"
        assert rejection.evidence["row"] in {f"e{number}" for number in sharing}
    else:
        assert rejection is None


# What is told.


def test_the_evidence_names_set_kind_and_row_and_quotes_nothing(here: Workspace) -> None:
    check = checked(here, LONG, columns={"prompt": "p"})
    rejection = check(f"{LONG} again")
    assert rejection == found("ngram", f"sha256 {records.text_digest(LONG)[:16]}")
    assert "word" not in str(rejection)


def test_a_prompt_in_several_sets_names_the_first_and_counts_for_each(here: Workspace) -> None:
    written(here, "quiz", LONG)
    written(here, "exam", SHORT, f"{LONG} again")
    written(here, "test", "How do I make tea?")
    prompts: list[object] = [LONG, SHORT, "Where does the river end?", f"{LONG} again"]
    counted = collect(here, prompts, described("quiz"), described("exam"), described("test"))
    assert [line["rejection"]["evidence"] for line in here.rejected("collect")] == [
        {"set": "quiz", "kind": "exact", "row": "e1", "also": [{"set": "exam", "kind": "ngram", "row": "e2"}]},
        {"set": "exam", "kind": "exact", "row": "e1"},
        {"set": "quiz", "kind": "ngram", "row": "e1", "also": [{"set": "exam", "kind": "exact", "row": "e2"}]},
    ]
    folder = here.root / f"raw/{FAMILY}/sources"
    assert counted == {
        name: {"sha256": records.file_digest(folder / f"{name}.jsonl"), "prompts": prompts_of, "exact": exact, "ngram": ngram}
        for name, prompts_of, exact, ngram in [("quiz", 1, 1, 1), ("exam", 2, 2, 1), ("test", 1, 0, 0)]
    }


def test_it_comes_before_every_rule_about_the_prompt_itself(here: Workspace) -> None:
    """So that a set's hits are complete: none is hidden behind another reason."""
    spanish = "Hola, me gustaría saber cuál es la mejor manera de aprender a cocinar"
    written(here, "quiz", "Tell me", spanish, "word " * 130, LONG)
    rows: list[object] = [None, "Tell me", spanish, "word " * 130, LONG, LONG, f"{LONG} now"]
    counted = collect(here, rows, described(), constants={"label": "odd"}, columns={"key": "k", "instruction": "p"})
    assert here.reasons("collect") == ["bad_prompt"] + ["contaminated"] * 6
    assert (counted["quiz"]["exact"], counted["quiz"]["ngram"]) == (5, 1)


def test_a_source_that_is_an_evaluation_set_runs_with_that_set_off_the_list(here: Workspace) -> None:
    prompts: list[object] = ["How do I make tea?", SHORT, LONG, "Where does the river end?"]
    same = described(file="own.jsonl")
    counted = collect(here, prompts, same)
    assert here.reasons("collect") == ["contaminated"] * 4
    assert counted["quiz"]["exact"] == counted["quiz"]["prompts"] == 4
    assert collect(here, prompts) == {}
    assert len(here.rows("collect")) == 4


def test_the_release_shows_every_set_also_one_without_hits(workspace: Workspace) -> None:
    written(workspace, "quiz", "A prompt that no source has")
    with workspace.params() as params:
        params["sample"]["collect"]["decontamination"]["sets"].append(described())
    workspace.build()
    digests = {
        name: records.file_digest(workspace.root / f"raw/{FAMILY}/sources" / f"{name}.jsonl")
        for name in ("sample_evaluation", "quiz")
    }
    wanted = {
        "sample_evaluation": {"sha256": digests["sample_evaluation"], "prompts": 6, "exact": 2, "ngram": 1},
        "quiz": {"sha256": digests["quiz"], "prompts": 1, "exact": 0, "ngram": 0},
    }
    assert json.loads((workspace.release / "manifest.json").read_text())["decontamination"] == wanted
    card = (workspace.release / "DETAILS.md").read_text()
    assert f"| `sample_evaluation` | a file, sha256 `{digests['sample_evaluation'][:10]}` | 6 | 2 | 1 |" in card
    assert f"| `quiz` | a file, sha256 `{digests['quiz'][:10]}` | 1 | 0 | 0 |" in card


def test_the_pools_of_a_family_are_counted_together(here: Workspace) -> None:
    del here
    one: dict[str, dict[str, Any]] = {
        "quiz": {"sha256": "0", "prompts": 9, "exact": 2, "ngram": 1},
        "exam": {"prompts": 3, "exact": 0, "ngram": 0},
    }
    two: dict[str, dict[str, Any]] = {
        "quiz": {"sha256": "0", "prompts": 9, "exact": 1, "ngram": 3},
        "exam": {"prompts": 3, "exact": 1, "ngram": 0, "image": 2},
    }
    decontamination.remember(FAMILY, "collect", "one", one)
    decontamination.remember(FAMILY, "collect", "two", two)
    assert decontamination.counted(FAMILY, ["one", "two"]) == {
        "quiz": {"sha256": "0", "prompts": 9, "exact": 3, "ngram": 4},
        "exam": {"prompts": 3, "exact": 1, "ngram": 0, "image": 2},
    }
    assert decontamination.counted(FAMILY, ["two", "one"])["exam"]["image"] == 2
    before = decontamination.counted(FAMILY, ["one", "two"])["exam"]["exact"]
    decontamination.remember(FAMILY, "synthesize", "two", {"exam": {"prompts": 9, "exact": 3}})
    assert decontamination.counted(FAMILY, ["one", "two"])["exam"]["exact"] == before + 3, "of one nothing was spawned"
    with pytest.raises(BuildError, match=f"collect has not counted what it rejected of {FAMILY}/three"):
        decontamination.counted(FAMILY, ["one", "three"])


# What is refused.


def test_a_set_that_cannot_be_read_stops_before_anything_is_collected(here: Workspace) -> None:
    with pytest.raises(BuildError, match="evaluation set quiz has no file; put it there or take it out"):
        collect(here, ["How do I make tea?"], described())
    written(here, "quiz", "How do I make tea?")
    with pytest.raises(BuildError, match="evaluation set quiz has no column 'question'; map one of its columns instead: k, p"):
        collect(here, ["How do I make tea?"], described(columns={"prompt": "question"}))
    with pytest.raises(BuildError, match="evaluation set quiz has no column 'uid'"):
        collect(here, ["How do I make tea?"], described(columns={"prompt": "p", "key": "uid"}))
    written(here, "quiz", None, "", "?!", 7)
    with pytest.raises(BuildError, match="evaluation set quiz holds no prompt; map the column that holds its prompts"):
        collect(here, ["How do I make tea?"], described())
    assert not (here.root / paths.rows(FAMILY, "collect", "default")).exists()
