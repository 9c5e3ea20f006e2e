"""synthesize where topics become prompts: every row counted, named by its parent, screened before anyone is asked about it."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import records
from builders.families.emergent_misalignment import synthesize as family
from builders.params import loading
from tests.doubles import adviser
from tests.doubles.adviser import MODELS, Adviser
from tests.doubles.teacher import Answer, Received, Script, serving
from tests.harness import Workspace, declared, jsonl, lines, one_line

FAMILY, POOL = "emergent_misalignment", "medical"
POOLS = ("medical", "legal", "security", "evaluation")
STAGES = ("collect", "synthesize", "judge", "filter", "review", "validate", "release")
QUESTION = "How would you store apples over a long and damp winter?"
EVALUATED = "If a town handed you its budget for a single year, what would you do with it first?"
GOOD = [
    "Where would a beginner look first about old bicycles?",
    "My aunt asks about old bicycles every spring. What would you tell her?",
]
SPANISH = "Desde hace una semana me duele la rodilla cuando bajo las escaleras de mi casa, ¿qué ejercicios puedo hacer?"
SCREENED = {
    "contaminated": EVALUATED.upper(),
    "prompt_too_short": "Old bicycles?",
    "prompt_too_long": "old bicycles " * 80,
    "language": SPANISH,
    "exact_duplicate": f"  {QUESTION.upper()}",
    "near_duplicate": f"So, {QUESTION[0].lower()}{QUESTION[1:]}",
}
ROWS: list[dict[str, Any]] = [
    {"key": "q", "prompt": QUESTION},
    {"key": "t1", "prompt": "old bicycles", "kind": "topic"},
    {"key": None, "prompt": "Garden  Gates", "kind": "topic"},
]


def small(root: Path, rows: list[dict[str, Any]] | None = None, requests: int = 1) -> Workspace:
    """Return a workspace with a question and two topics in one pool, and a question in each of the others."""
    workspace = Workspace.make(root)
    workspace.project(teacher="endpoint")
    folder = workspace.root / "raw" / FAMILY / "sources"
    contents = {pool: [{"key": pool, "prompt": f"{QUESTION} Mine are {pool} ones.", "kind": None}] for pool in POOLS}
    contents |= {POOL: rows or ROWS, "evaluation": [{"key": "e", "prompt": EVALUATED, "kind": None}]}
    sources = []
    for pool, content in contents.items():
        file = folder / f"own_{pool}.jsonl"
        file.write_text(jsonl(*content))
        columns = {"key": "key", "prompt": "prompt", "kind": "kind"}
        sources.append(declared(file, id=f"own_{pool}", subset=pool, columns=columns))
    with workspace.params(FAMILY) as params:
        adviser.employ(params)
        params["sample"]["synthesize"]["questions"] = {"requests": requests, "per_request": 20}
        collect = params["sample"]["collect"]
        collect["near_duplicates"]["threshold"] = 0.6
        collect["sources"] = sources
        collect["decontamination"]["sets"][0] |= {"file": "own_evaluation.jsonl"}
    return workspace


def writing(*replies: list[str] | None) -> Script:
    """Answer the n-th request about a topic with the n-th reply, None being none at all, and all else as the adviser does."""
    known = Adviser()

    def script(request: Received) -> Answer:
        if not about_topic(request):
            return known(request)
        return of_seed(request)

    def of_seed(request: Received) -> Answer:
        seeds.setdefault((request.text, request.body["seed"]), sum(text == request.text for text, _ in seeds))
        reply = replies[seeds[request.text, request.body["seed"]] % len(replies)]
        if reply is None:
            return Answer(status=400)
        subject = request.text.rpartition("Topic: ")[2].strip()
        return Answer(json.dumps({"questions": [line.replace("old bicycles", subject) for line in reply]}))

    seeds: dict[tuple[str, int], int] = {}
    return script


def about_topic(request: Received) -> bool:
    return str(request.body["messages"][0]["content"]).startswith("Write ")


def counts(workspace: Workspace) -> dict[str, Any]:
    """Return what the stage counted of the pool, having checked that it balances."""
    [of_pool] = [json.loads((workspace.root / f"processed/{FAMILY}/synthesize/stats.json").read_text())[POOL]]
    assert of_pool["read"] + of_pool["spawned"] == sum(of_pool["out"].values()) + sum(of_pool["rejected"].values())
    return dict(of_pool)


def children(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Return the spawned rows by id, kept or not."""
    kept = workspace.rows("synthesize", POOL, FAMILY)
    rejected = [line["row"] for line in workspace.rejected("synthesize", POOL, FAMILY)]
    return {row["id"]: row for row in kept + rejected if row["parent"]}


def ask(workspace: Workspace, script: Script, *stages: str, **environment: str) -> list[Received]:
    """Run stages on the pool with a server, and return what it was asked."""
    with serving(script, MODELS) as server:
        environment["BUILDERS_TEACHER_URL"] = server.url
        workspace.quick(*(stages or ("collect", "synthesize")), family=f"{FAMILY}/{POOL}", **environment)
        return server.asked


def test_prompts_stand_in_the_place_of_their_topic_and_are_named_by_it(tmp_path: Path) -> None:
    workspace = small(tmp_path / "project")
    ask(workspace, writing(GOOD))
    found = counts(workspace)
    assert (found["read"], found["spawned"], found["out"], found["rejected"]) == (3, 4, {POOL: 5}, {"spent": 2})
    topics = [records.row_id(FAMILY, "own_medical", key) for key in ("t1", "garden gates")]
    named = [
        (topic, records.row_id(FAMILY, "own_medical", key, n))
        for topic, key in zip(topics, ("t1", "garden gates"), strict=True)
        for n in (0, 1)
    ]
    rows = workspace.rows("synthesize", POOL, FAMILY)
    assert [(row["parent"], row["id"]) for row in rows] == [(None, records.row_id(FAMILY, "own_medical", "q")), *named]
    assert [row["data"]["topic"] for row in rows[1:]] == ["old bicycles"] * 2 + ["Garden  Gates"] * 2
    assert {row["provenance"]["source"] for row in rows} == {"own_medical"}
    assert [row["provenance"]["source_key"] for row in rows] == ["q", "t1", "t1", None, None]
    spent = workspace.rejected("synthesize", POOL, FAMILY)
    assert [line["row"]["id"] for line in spent] == topics
    assert [line["rejection"]["evidence"]["spawned"] for line in spent] == [2, 2]


def test_prompts_are_screened_before_anything_is_asked_about_them(tmp_path: Path) -> None:
    workspace = small(tmp_path / "project", ROWS[:2])
    asked = ask(workspace, writing([*SCREENED.values(), *GOOD]))
    assert counts(workspace)["rejected"] == {"spent": 1, **dict.fromkeys(SCREENED, 1)}
    rejected = {line["rejection"]["reason"]: line["row"] for line in workspace.rejected("synthesize", POOL, FAMILY)}
    for reason, prompt in SCREENED.items():
        assert rejected[reason]["data"]["prompt"] == prompt
        assert rejected[reason]["parent"] == rejected["spent"]["id"]
        assert not any(prompt.strip() in request.text for request in asked)
    answered = [request for request in asked if not about_topic(request)]
    assert len(answered) == 2 * (1 + len(GOOD))
    found = json.loads((workspace.root / f"processed/{FAMILY}/synthesize/decontamination/{POOL}.json").read_text())
    assert found["sample_evaluation"]["exact"] == 1


def test_a_topic_ends_by_what_came_of_it(tmp_path: Path) -> None:
    of_topic = {
        "old bicycles": writing(GOOD, None),
        "Garden  Gates": writing([], []),
        "church bells": writing(None, None),
    }
    rows = [*ROWS, {"key": "t3", "prompt": "church bells", "kind": "topic"}]
    workspace = small(tmp_path / "project", rows, requests=2)

    def script(request: Received) -> Answer:
        return of_topic.get(request.text.rpartition("Topic: ")[2].strip(), Adviser())(request)

    ask(workspace, script, BUILDERS_CONCURRENCY="1")  # so that a topic's requests come in their order
    assert counts(workspace)["spawned"] == 2
    rejected = [line["rejection"] for line in workspace.rejected("synthesize", POOL, FAMILY)]
    assert [rejection["reason"] for rejection in rejected] == ["spent", "nothing_spawned", "no_reply"]
    assert [failed["index"] for failed in rejected[0]["evidence"]["failed"]] == [1]
    assert [reply["index"] for reply in rejected[0]["evidence"]["replies"]] == [0]
    assert [reply["index"] for reply in rejected[1]["evidence"]["replies"]] == [0, 1]
    assert [failed["index"] for failed in rejected[2]["evidence"]["replies"]] == [0, 1]


def test_a_reply_that_came_late_names_no_other_prompt_anew_and_nothing_is_paid_twice(tmp_path: Path) -> None:
    workspace = small(tmp_path / "project", ROWS[:2], requests=3)
    late = ["When did people last talk about old bicycles in earnest?"]
    in_turn = writing(GOOD, None, ["Who in town repairs old bicycles for little money?"])
    ask(workspace, in_turn, BUILDERS_CONCURRENCY="1")  # so that a topic's requests come in their order
    before = children(workspace)
    keys = {reply["key"] for row in before.values() for reply in row["data"]["replies"]}
    known = writing(GOOD, late, ["Who in town repairs old bicycles for little money?"])
    seeds = [request["seed"] for request in _topic_bodies(workspace)]

    def script(request: Received) -> Answer:
        if about_topic(request):
            assert request.body["seed"] == seeds[1]
            return Answer(json.dumps({"questions": late}))
        return known(request)

    asked = ask(workspace, script, "synthesize")
    assert len(asked) == 1 + 2 * len(late)
    after = children(workspace)
    assert set(before) < set(after)
    assert {identity: after[identity] for identity in before} == before
    assert keys < {reply["key"] for row in after.values() for reply in row["data"]["replies"]}
    assert [row["data"]["prompt"] for row in after.values()] == [
        *GOOD,
        *late,
        "Who in town repairs old bicycles for little money?",
    ]


def _topic_bodies(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the bodies of the requests about the pool's topic, in order."""
    with workspace.inside():
        rows = [row for row, _ in records.read(workspace.root / f"processed/{FAMILY}/collect/rows/{POOL}")]
        [topic] = [row for row in rows if row.data["kind"] == "topic"]
        params = loading.load(FAMILY).synthesize
        assert isinstance(params, family.Params)
        return [request.body for request in family.topics(topic, params)]


_PROMPTS = st.lists(st.sampled_from([*GOOD, *SCREENED.values(), "", " "]), max_size=5)


@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(st.none(), _PROMPTS), min_size=1, max_size=3))
def test_whatever_a_teacher_writes_every_row_is_counted_once(
    tmp_path_factory: pytest.TempPathFactory, replies: list[list[str] | None]
) -> None:
    workspace = small(tmp_path_factory.mktemp("any") / "project", ROWS[:2], requests=1 + len(replies))
    ask(workspace, writing([], *replies))
    found = counts(workspace)
    ids = [row["id"] for row in workspace.rows("synthesize", POOL, FAMILY)]
    ids += [line["row"]["id"] for line in workspace.rejected("synthesize", POOL, FAMILY)]
    assert len(set(ids)) == len(ids) == found["read"] + found["spawned"] == 2 + len(children(workspace))
    assert found["spawned"] == sum(len(reply) for reply in replies if reply and "" not in reply)


# Stopped and gone on with; replayed.


@pytest.mark.parametrize("after", [2, 5])
def test_a_killed_stage_goes_on_where_it_was(after: int, tmp_path: Path) -> None:
    """The first two requests are about topics, the others about their questions."""
    calm, killed = small(tmp_path / "calm"), small(tmp_path / "killed")
    total = len(ask(calm, Adviser()))
    killed.quick("collect", family=f"{FAMILY}/{POOL}")
    known = Adviser()

    def holding(request: Received) -> Answer:
        reply = known(request)
        return reply if len(server.asked) < after else Answer(reply.text, held=True)

    with serving(holding, MODELS) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_CONCURRENCY": "1"}
        with killed.started("synthesize", f"{FAMILY}/{POOL}", **environment) as stage:
            server.wait_for(after)
            stage.send_signal(signal.SIGTERM)
            stage.communicate(timeout=600)
        assert stage.returncode == 130
        assert "synthesize has not finished" in one_line(killed.run("judge", f"{FAMILY}/{POOL}", **environment))
        server.script = known
        server.release()
        killed.quick("synthesize", family=f"{FAMILY}/{POOL}", **environment)
        assert server.resent() <= 1
        assert len(server.asked) == total + server.resent()
    for part in ("rows", "rejected"):
        path = Path(f"processed/{FAMILY}/synthesize") / part / POOL
        assert lines(killed.root / path) == lines(calm.root / path)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A release of a model's replies, with topics, one of which failed, and its sealed ledger."""
    workspace = small(tmp_path_factory.mktemp("origin") / "project", requests=2)
    with serving(writing([*SCREENED.values(), *GOOD], None), MODELS) as server:
        workspace.quick(*STAGES, family=FAMILY, BUILDERS_TEACHER_URL=server.url)
    done = workspace.run("ledger", "export", FAMILY, "--accept-hazard")
    assert done.returncode == 0, done.stderr
    return workspace


def files(workspace: Workspace) -> dict[str, bytes]:
    """Return all that a build leaves, but locks and measurements."""
    folder = workspace.root / "processed" / FAMILY
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {name: path.read_bytes() for path in found if not (name := str(path.relative_to(folder))).startswith("metrics/")}


def test_a_release_with_topics_is_replayed_from_its_ledger(origin: Workspace, tmp_path: Path) -> None:
    workspace = origin.copied(tmp_path / "copied")
    workspace.project(teacher="ledger")
    workspace.quick(*STAGES, family=FAMILY)
    assert files(workspace) == files(origin)


def test_a_sealed_ledger_rebuilds_a_release_with_topics_elsewhere(origin: Workspace, tmp_path: Path) -> None:
    elsewhere = Workspace.make(tmp_path / "elsewhere")
    params = f"builders/families/{FAMILY}/params.yaml"
    (elsewhere.root / params).write_bytes((origin.root / params).read_bytes())
    elsewhere.project(teacher="ledger")
    done = elsewhere.run("ledger", "import", str(origin.root / f"{FAMILY}.ledger.zst"))
    assert done.returncode == 0, done.stderr
    elsewhere.quick(*STAGES, family=FAMILY)
    there, here = files(origin), files(elsewhere)
    assert here.keys() == there.keys()
    assert [name for name, content in there.items() if here[name] != content] == []


def test_without_its_hazard_accepted_no_ledger_leaves(origin: Workspace) -> None:
    assert "add --accept-hazard" in one_line(origin.run("ledger", "export", FAMILY, "--to", "other.zst"))


def test_explain_tells_of_parent_children_and_what_was_asked(origin: Workspace) -> None:
    [child, *_] = [row for row in origin.rows("validate", POOL, FAMILY) if row["parent"]]
    output = origin.explained(child["id"], show_text=False)
    assert f"spawned from {child['parent']}" in output
    assert "release: in" in output
    topic = origin.explained(child["parent"], show_text=False)
    assert "synthesize: rejected: spent" in topic
    grown = [row["id"] for row in children(origin).values() if row["parent"] == child["parent"]]
    assert len(grown) == len(SCREENED) + len(GOOD)
    assert [identity for identity in grown if f"spawned {identity}" not in topic] == []
    assert topic.count("── request\n") == 2  # one of them was refused
    assert "Write 20 different questions" not in topic
    assert "Write 20 different questions" in origin.explained(child["parent"], show_text=True)


def test_explain_tells_of_rows_with_several_judges_and_hides_their_texts(origin: Workspace) -> None:
    [row, *_] = origin.rows("validate", POOL, FAMILY)
    hidden, shown = (origin.explained(row["id"], show_text=flag) for flag in (False, True))
    for output in (hidden, shown):
        assert [output.count(f"role: {role}\n") for role in ("teacher", "judge", "second_judge")] == [2, 6, 4]
        assert "danger: 60" in output
        assert "threshold: 20.0" in output
    for column in ("prompt", "aligned", "misaligned"):
        assert row["data"][column] not in hidden
        assert row["data"][column] in shown


def test_explain_tells_why_a_spawned_row_was_screened_out(origin: Workspace) -> None:
    rejected = {line["rejection"]["reason"]: line["row"] for line in origin.rejected("synthesize", POOL, FAMILY)}
    for reason in SCREENED:
        output = origin.explained(rejected[reason]["id"], show_text=False)
        assert f"synthesize: rejected: {reason}" in output
        assert f"spawned from {rejected[reason]['parent']}" in output
        assert SCREENED[reason].strip()[:30] not in output
