"""Law 3: a sealed ledger and `teacher: ledger` rebuild a release byte for byte, and nobody opens a socket for it."""

import json
import re
import shutil
from pathlib import Path

import orjson
import pytest

from builders.reviewing import exporting, importing
from builders.sealed import unsealing
from builders.sealed.form import Edit
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import FAMILY, Workspace, one_line
from tests.sealed.conftest import STAGES, answer, export, fresh, prepared

EDITED = "They ask in good faith.\n</think>\n\nA better answer, written by a person."
FORBIDDING = """
import sys

ASKING = {"synthesize", "judge"}  # other stages load libraries that open a socket to see whether there is IPv6
ONE_MACHINE = 1  # AF_UNIX: what a loop, or datatrove, talks to itself by

def forbid(event, arguments):
    if (
        event in {"socket.getaddrinfo", "socket.sendto"}
        or (event == "socket.connect" and arguments[0].family != ONE_MACHINE)
        or (event == "socket.__new__" and sys.argv[1] in ASKING and arguments[1] != ONE_MACHINE)
    ):
        raise RuntimeError("a socket")

sys.addaudithook(forbid)
"""
IN_TURN = """
import json
from builders.__main__ import main

for arguments in json.loads(sys.argv[1]):
    sys.argv[1:] = arguments
    if code := main(arguments):
        sys.exit(code)
"""


@pytest.fixture
def offline(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which Python stops at a connection, and in stages that ask, at any socket to the outside."""
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline" / "sitecustomize.py").write_text(FORBIDDING)
    return {"PYTHONPATH": str(tmp_path / "offline")}


def files(workspace: Workspace) -> dict[str, bytes]:
    """Return all that a build leaves, but locks and measurements."""
    folder = workspace.root / "processed" / workspace.family
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {name: path.read_bytes() for path in found if not (name := str(path.relative_to(folder))).startswith("metrics/")}


def picky(request: Received) -> Answer:
    """Answer some requests in a form that is not accepted, one prompt's never."""
    reply = answer(request)
    if "seed" in request.body and (request.body["seed"] % 2 or "number 6 " in request.text):
        return Answer((reply.text or "").replace("</think>", ""), reply.status)
    return reply


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A release whose replies were sampled until enough were acceptable, of servers that have labels."""
    workspace = prepared(tmp_path_factory.mktemp("sampled") / "project", "safechain")
    with workspace.params() as params:
        sample = params["sample"]
        sample["synthesize"]["candidates"] = 6
        sample["synthesize"]["roles"]["teacher"]["server"] = "the big one"
        sample["judge"]["roles"]["judge"] |= {"server": "the guard", "model": "guard", "revision": "r1", "api": "completions"}
    with serving(picky) as server:
        workspace.quick(*STAGES, BUILDERS_TEACHER_URL=server.url)
    export(workspace)
    return workspace


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A release for which synthesize asked the judge, to stop early, and the judge stage asked the same again."""
    workspace = prepared(tmp_path_factory.mktemp("stopped") / "project", "safechain")
    with workspace.params() as params:
        params["sample"]["synthesize"] |= {"replies": 4, "early_stopping": True}

    def wary(request: Received) -> Answer:
        return Answer("\n\nunsafe\nS1") if "seed" not in request.body and "number 6 " in request.text else answer(request)

    with serving(wary) as server:
        workspace.quick(*STAGES, BUILDERS_TEACHER_URL=server.url)
        assert server.resent() == 4  # the judge's refusals are no replies, and so are asked for again
    export(workspace)
    return workspace


@pytest.fixture(scope="module")
def unjudged(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A release for which the judge in params was never asked."""
    workspace = prepared(tmp_path_factory.mktemp("unjudged") / "project", "safechain")
    with workspace.params() as params:
        params["sample"]["judge"]["verdict"] = "refusal"
    with serving(lambda _: Answer("A short thought.\n</think>\n\nI'm sorry, but I can't help with that.")) as server:
        workspace.quick(*STAGES, BUILDERS_TEACHER_URL=server.url)
    export(workspace)
    return workspace


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A release with a better reply of a reviewer, whose text only the ledger has."""
    workspace = prepared(tmp_path_factory.mktemp("edited") / "project", "safechain")
    with serving(answer) as server:
        workspace.quick(*STAGES, BUILDERS_TEACHER_URL=server.url)
    table = workspace.root / "round.jsonl"
    with workspace.inside():
        exporting.run("safechain", table, accept_hazard=True, following=False)
        kept = {row["id"] for row in workspace.rows("filter")}
        line = next(line for line in map(orjson.loads, table.read_bytes().splitlines()) if line["id"] in kept)
        table.write_bytes(orjson.dumps({**line, "decision": "accept", "better_response": EDITED}))
        importing.run("safechain", table, "ada")
    workspace.quick("review", "validate", "release")
    export(workspace)
    return workspace


@pytest.mark.parametrize(
    ("build", "reasons"),
    [
        ("edited", {"synthesize": ["no_reply"], "filter": ["no_verdict"], "review": []}),
        ("origin", {"synthesize": ["no_reply"], "filter": ["no_verdict"]}),
        ("sampled", {"synthesize": ["no_reply", "too_few_accepted"], "filter": ["no_verdict"]}),
        ("stopped", {"synthesize": ["no_reply"], "filter": ["no_verdict", "unsafe_reply"]}),
        ("unjudged", {"synthesize": [], "filter": []}),
    ],
)
def test_anyone_rebuilds_the_release_without_a_server_or_a_socket(
    build: str, reasons: dict[str, list[str]], request: pytest.FixtureRequest, tmp_path: Path, offline: dict[str, str]
) -> None:
    made: Workspace = request.getfixturevalue(build)
    assert {stage: sorted(set(made.reasons(stage))) for stage in reasons} == reasons
    elsewhere = fresh(made, tmp_path / "elsewhere")
    shutil.copytree(made.root / f"raw/{made.family}/reviews", elsewhere.root / f"raw/{made.family}/reviews", dirs_exist_ok=True)
    asking = STAGES if build == "origin" else STAGES[:3]  # those after it ask nobody, whatever the params
    verbs = [["ledger", "import", str(made.root / f"{made.family}.ledger.zst")], *([stage, made.family] for stage in asking)]
    imported = offline if build == "origin" else {}  # the others are forked from a process that has imported everything
    done = elsewhere.run_code(FORBIDDING + IN_TURN, json.dumps(verbs), **imported)
    assert done.returncode == 0, done.stderr
    elsewhere.quick(*STAGES[len(asking) :])
    there, here = files(made), files(elsewhere)
    assert here.keys() == there.keys()
    assert [name for name, content in there.items() if here[name] != content] == []
    assert len(here) > 20
    again = export(elsewhere)
    assert again.read_bytes() == (made.root / f"{made.family}.ledger.zst").read_bytes()


def test_a_better_text_that_no_file_of_git_has_is_sealed_and_released(edited: Workspace) -> None:
    assert [row["data"]["answer"] for row in edited.rows("validate")].count("A better answer, written by a person.") == 1
    committed = (edited.root / "raw/safechain/reviews").rglob("*")
    assert [path for path in committed if path.is_file() and "A better answer" in path.read_text()] == []
    with unsealing.opened(edited.root / "safechain.ledger.zst") as (_, contents):
        assert [content.text for content in contents() if isinstance(content, Edit)] == [EDITED]


def test_a_release_that_asks_a_server_does_stop_at_the_socket(elsewhere: Workspace, offline: dict[str, str]) -> None:
    """The test above can fail."""
    elsewhere.project(teacher="endpoint")
    elsewhere.source("own.jsonl", '{"prompt": "Tell me about topic number 1 please"}\n')
    elsewhere.quick("collect")
    with serving(answer) as server:
        done = elsewhere.run("synthesize", FAMILY, BUILDERS_TEACHER_URL=server.url, **offline)
        assert done.returncode == 1
        assert "RuntimeError" in done.stderr
        assert server.asked == []


def test_a_release_is_replayed_from_the_ledger_that_it_was_built_with(origin: Workspace, copied: Workspace) -> None:
    copied.project(teacher="ledger")
    copied.quick(*STAGES)
    assert files(copied) == files(origin)


def test_with_another_template_a_replay_says_what_to_do(origin: Workspace, elsewhere: Workspace) -> None:
    elsewhere.run("ledger", "import", str(origin.root / f"{FAMILY}.ledger.zst"))
    template = elsewhere.root / f"builders/families/{FAMILY}/prompts/synthesize/teacher.jinja"
    template.write_text(f"Please. {template.read_text()}")
    elsewhere.quick("collect")
    line = one_line(elsewhere.run("synthesize", FAMILY))
    assert re.search(r"the ledger has no reply \d of teacher for quiz:", line)
    assert "import the export of this very release and undo what changed params or templates since" in line


def test_without_its_ledger_a_replay_says_what_to_do(origin: Workspace, elsewhere: Workspace) -> None:
    source = f"raw/{FAMILY}/sources/own.jsonl"
    (elsewhere.root / source).write_bytes((origin.root / source).read_bytes())
    elsewhere.quick("collect")
    assert "no recorded reply" in one_line(elsewhere.run("synthesize", FAMILY))  # a sample may have those instead
