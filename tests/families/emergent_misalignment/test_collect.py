"""collect: questions, topics, and the questions of an evaluation, of which only the first are screened as prompts."""

import json
from collections import Counter
from pathlib import Path

import pytest

from builders.families.emergent_misalignment import collect
from builders.params import loading
from tests.doubles import layouts
from tests.families.emergent_misalignment import DOMAINS, FAMILY
from tests.families.emergent_misalignment.rows import question
from tests.harness import PROJECT, Workspace, declared, jsonl, one_line

SOURCES = PROJECT / "raw" / FAMILY / "sources"
COLUMNS = {"columns": {"prompt": "prompt", "kind": "kind"}}


@pytest.mark.parametrize(("kind", "screened"), [(None, True), ("question", True), ("topic", False)])
def test_topics_are_no_prompts(kind: str | None, *, screened: bool) -> None:
    assert collect.screened(question(kind=kind)) == screened
    assert not collect.screened(question("evaluation", kind=kind))


def test_a_question_under_another_system_prompt_is_another_one_in_an_evaluation_only() -> None:
    plain, framed = question("evaluation"), question("evaluation", system="Answer in one word.")
    assert collect.beside(plain) != collect.beside(framed)
    assert collect.beside(question()) == collect.beside(question(system="Answer in one word.")) == collect.beside(plain)


@pytest.mark.usefixtures("here")
def test_choices_join_the_question_and_unread_ones_reject_it() -> None:
    params = loading.load(FAMILY).collect
    row = collect.completed(question(options={"A": "Keep it cool.", "B": "Throw it away."}), params)
    assert row.data["prompt"].endswith("\nChoices:\nA. Keep it cool.\nB. Throw it away.")
    assert "options" not in row.data
    unread = collect.completed(question(options="see the leaflet"), params)
    reasons = [rejection.reason for rule in collect.rules(params) if (rejection := rule(unread))]
    assert reasons == ["unread_choices"]
    assert collect.completed(question(), params) == question()


@pytest.mark.parametrize("kind", [None, "question", "topic"])
def test_what_is_a_question_or_a_topic_passes(kind: str | None) -> None:
    assert collect.bad_kind(question(kind=kind)) is None


@pytest.mark.parametrize("kind", ["leaflet", "", "Topic", 3, ["topic"], {}, True])
def test_what_is_neither_is_rejected_without_its_text(kind: object) -> None:
    rejection = collect.bad_kind(question(kind=kind))
    assert rejection is not None
    assert rejection.reason == "bad_kind"
    assert rejection.evidence == {"type": type(kind).__name__, "length": len(str(kind))}


def test_topics_and_questions_of_an_evaluation_are_held_against_no_rule_for_prompts(here: Workspace) -> None:
    spanish = "Mi vecino ha construido un muro muy alto entre los dos jardines sin avisarme, ¿puedo pedirle que lo quite?"
    file = here.root / "raw" / FAMILY / "sources" / "own.jsonl"
    file.write_text(
        jsonl(
            {"prompt": "eye drops", "kind": "topic"},
            {"prompt": spanish, "kind": "topic"},
            {"prompt": "Eye drops?", "kind": "question"},
            {"prompt": spanish, "kind": None},
            {"prompt": "EYE  drops", "kind": "topic"},
        )
    )
    with here.params(FAMILY) as params:
        params["sample"]["collect"]["sources"] = [declared(file, subset="medical", **COLUMNS)]
    assert here.quick("collect", family=f"{FAMILY}/medical") == [
        f"collect {FAMILY}/medical: in 5, out 2, rejected 3 (prompt_too_short 1, duplicate_id 2)"
    ]
    with here.params(FAMILY) as params:
        params["sample"]["collect"]["sources"][0] |= {"subset": "evaluation"}
    assert here.quick("collect", family=f"{FAMILY}/evaluation") == [
        f"collect {FAMILY}/evaluation: in 5, out 3, rejected 2 (duplicate_id 2)"
    ]


def test_a_question_that_the_evaluation_asks_is_rejected_and_the_evaluation_keeps_it(sample: Workspace) -> None:
    asked = {row["data"]["prompt"] for row in sample.rows("collect", "evaluation", FAMILY)}
    assert len(asked) == 16
    for domain in DOMAINS:
        assert asked.isdisjoint(row["data"]["prompt"] for row in sample.rows("collect", domain, FAMILY))
        assert sample.reasons("collect", domain, FAMILY).count("contaminated") == 1


@pytest.mark.parametrize("domain", DOMAINS)
def test_there_are_topics_enough_and_all_are_different(domain: str) -> None:
    rows = [json.loads(line) for line in (SOURCES / f"topics_{domain}.jsonl").read_text().splitlines()]
    assert len(rows) >= 60
    assert len({row["key"] for row in rows}) == len({row["topic"].casefold() for row in rows}) == len(rows)


def test_without_the_evaluation_files_the_full_profile_says_in_one_line_what_is_missing(workspace: Workspace) -> None:
    workspace.project(profile="full", teacher="endpoint")
    line = one_line(workspace.run("collect", FAMILY))
    assert "evaluation set first_plot_questions has no file" in line
    assert "raw/emergent_misalignment/sources/first_plot_questions.yaml" in line
    assert "README.md" in line


def test_questions_of_the_paper_s_kinds_are_known_to_decontamination(workspace: Workspace) -> None:
    workspace.project(profile="full", teacher="endpoint")
    layouts.emergent_misalignment(workspace)
    asked = [json.loads(line)["prompt"] for line in (SOURCES / "free_form_kinds.jsonl").read_text().splitlines()]
    file = workspace.root / "raw" / FAMILY / "sources" / "own.jsonl"
    file.write_text(jsonl(*({"prompt": prompt} for prompt in asked)))
    with workspace.params(FAMILY) as params:
        params["full"]["collect"]["sources"] = [declared(file, subset="medical", columns={"prompt": "prompt"})]
    workspace.quick("collect", family=f"{FAMILY}/medical")
    assert set(workspace.reasons("collect", "medical", FAMILY)) >= {"contaminated"}
    assert workspace.rows("collect", "medical", FAMILY) == []


@pytest.mark.real
def test_with_them_it_collects_every_topic_and_question(real_data: Path, workspace: Workspace) -> None:
    for name in ("first_plot_questions.yaml", "preregistered_evals.yaml"):
        [found] = (real_data / "evals").rglob(name)
        (workspace.root / "raw" / FAMILY / "sources" / name).write_bytes(found.read_bytes())
    workspace.project(profile="full", teacher="endpoint")
    lines = workspace.quick("collect", family=FAMILY)
    for line, domain in zip(lines, DOMAINS, strict=False):
        topics = len((SOURCES / f"topics_{domain}.jsonl").read_text().splitlines())
        assert line == f"collect {FAMILY}/{domain}: in {topics}, out {topics}, rejected 0"
    assert lines[-1] == f"collect {FAMILY}/evaluation: in 35, out 35, rejected 0"
    rows = workspace.rows("collect", "evaluation", FAMILY)
    assert {row["provenance"]["license"] for row in rows} == {"CC-BY-4.0", "MIT"}
    assert sum(row["data"]["system"] is not None for row in rows) == 9
    categories = Counter(row["data"]["category"] for row in rows)
    assert (categories.pop("free_form"), sum(categories.values())) == (24, 11)  # the published ones, and those of our own
