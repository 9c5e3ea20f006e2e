"""Law 2 as a table: which changes make new calls, exactly how many, and which make none.

Two kinds of calls are counted: the teacher's, two for each of four rows, and the judge's, one for each reply.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.doubles.teacher import Answer, Server, serving
from tests.harness import PROJECT, Workspace, jsonl

ROWS, REPLIES = 4, 2
ALL = ROWS * REPLIES
THOUGHT = "A thought, and then some more of it.\n</think>\n\nAn answer that is long enough."
PROMPTS = [{"prompt": f"How do I look after {plant} at home?", "key": plant} for plant in ("moss", "ivy", "fern", "basil")]

Change = Callable[[Workspace], dict[str, str]]


def script(_: object) -> Answer:
    """Answer everything alike, so that what is judged stays the same whoever wrote it."""
    return Answer(THOUGHT + "\n")


class Base(NamedTuple):
    """A built family to copy, the server it was built with, and the environment."""

    workspace: Workspace
    server: Server
    environment: dict[str, str]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    workspace = Workspace.make(tmp_path_factory.mktemp("base") / "project", "safechain")
    workspace.project(teacher="endpoint")
    workspace.source("own.jsonl", jsonl(*PROMPTS), columns={"instruction": "prompt", "key": "key"})
    with workspace.params() as params:
        params["sample"]["synthesize"]["replies"] = REPLIES
    with serving(script) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url}
        workspace.quick("collect", "synthesize", "judge", **environment)
        assert calls(server) == (ALL, ALL)
        yield Base(workspace, server, environment)


def calls(server: Server, since: int = 0) -> tuple[int, int]:
    """Return how many calls to the teacher and to the judge have come."""
    seeds = ["seed" in asked.body for asked in server.asked[since:]]
    return seeds.count(True), seeds.count(False)


# What is changed: each returns a function that changes a workspace and returns what is added to the environment.


def collected(workspace: Workspace) -> dict[str, str]:
    workspace.quick("collect")
    return {}


def nothing(_: Workspace) -> dict[str, str]:
    return {}


def environment(**variables: str) -> Change:
    return lambda _: variables


def section(stage: str, **values: Any) -> Change:  # noqa: ANN401
    def change(workspace: Workspace) -> dict[str, str]:
        with workspace.params() as params:
            params["sample"][stage] |= values
        return collected(workspace) if stage == "collect" else {}

    return change


def role(name: str, **values: Any) -> Change:  # noqa: ANN401
    def change(workspace: Workspace) -> dict[str, str]:
        with workspace.params() as params:
            stage = {"teacher": "synthesize", "judge": "judge"}[name]
            params["sample"][stage]["roles"][name] |= values
        return {}

    return change


def sampling(name: str, **values: float) -> Change:
    def change(workspace: Workspace) -> dict[str, str]:
        with workspace.params() as params:
            stage = {"teacher": "synthesize", "judge": "judge"}[name]
            params["sample"][stage]["roles"][name]["sampling"] |= values
        return {}

    return change


def edited(path: str, change: Callable[[str], str]) -> Change:
    def edit(workspace: Workspace) -> dict[str, str]:
        file = workspace.root / path
        file.write_text(change(file.read_text()))
        return {}

    return edit


def sources(*rows: object) -> Change:
    def change(workspace: Workspace) -> dict[str, str]:
        (workspace.root / "raw/safechain/sources/own.jsonl").write_text(jsonl(*rows))
        return collected(workspace)

    return change


def ledger_elsewhere(workspace: Workspace) -> dict[str, str]:
    shutil.copytree(workspace.root / ".ledger", workspace.root.parent / "elsewhere")
    shutil.rmtree(workspace.root / ".ledger")
    return {"BUILDERS_LEDGER": str(workspace.root.parent / "elsewhere" / "replies.sqlite")}


def renamed(workspace: Workspace) -> dict[str, str]:
    folder = workspace.root / "raw/safechain/sources"
    (folder / "own.jsonl").rename(folder / "renamed.jsonl")
    with workspace.params() as params:
        params["sample"]["collect"]["sources"][0]["file"] = "renamed.jsonl"
    return collected(workspace)


def no_rows(workspace: Workspace) -> dict[str, str]:
    shutil.rmtree(workspace.root / "processed")
    return collected(workspace)


def full_profile(workspace: Workspace) -> dict[str, str]:
    with workspace.params() as params:
        params["full"]["synthesize"]["seed"] = 9
        params["full"]["judge"]["roles"]["judge"]["model"] = "another"
    return {}


PRICES = {"prompt": 1.5, "completion": 2.5}
TEMPLATES = "builders/families/safechain/prompts"
KEYS = {"BUILDERS_TEACHER_API_KEY": "sk-one", "BUILDERS_JUDGE_API_KEY": "sk-two"}

TABLE = [
    # the change, and how many new calls it makes: the teacher's, the judge's
    ("nothing", nothing, 0, 0),
    ("the teacher's model", role("teacher", model="another"), ALL, 0),
    ("the judge's model", role("judge", model="another"), 0, ALL),
    ("a model that is named and was the only one", role("teacher", model="double"), 0, 0),
    ("the teacher's revision", role("teacher", revision="0123abc"), ALL, 0),
    ("the judge's revision", role("judge", revision="0123abc"), 0, ALL),
    ("temperature", sampling("teacher", temperature=0.7), ALL, 0),
    ("top_p", sampling("teacher", top_p=0.9), ALL, 0),
    ("max_tokens", sampling("teacher", max_tokens=99), ALL, 0),
    ("the judge's max_tokens", sampling("judge", max_tokens=99), 0, ALL),
    ("the base of the seeds", section("synthesize", seed=1), ALL, 0),
    ("one reply more", section("synthesize", replies=REPLIES + 1), ROWS, ROWS),
    ("one reply fewer", section("synthesize", replies=REPLIES - 1), 0, 0),
    ("the teacher's template", edited(f"{TEMPLATES}/synthesize/teacher.jinja", lambda text: f"Please: {text}"), ALL, 0),
    ("the judge's template", edited(f"{TEMPLATES}/judge/llama_guard.jinja", lambda text: f"{text}Please."), 0, ALL),
    ("a template that nobody uses", edited(f"{TEMPLATES}/judge/structured.jinja", lambda text: f"{text}Please."), 0, 0),
    ("the kind of verdict", section("judge", verdict="structured"), 0, ALL),
    ("a verdict without a model", section("judge", verdict="refusal"), 0, 0),
    ("the judge's API", role("judge", api="completions"), 0, ALL),
    ("a label for the teacher's server", role("teacher", server="mine"), ALL, 0),
    ("a row more", sources(*PROMPTS, {"prompt": "How do I look after mint at home?", "key": "mint"}), REPLIES, REPLIES),
    ("a row fewer", sources(*PROMPTS[1:]), 0, 0),
    ("another text of a row", sources({**PROMPTS[0], "prompt": "How do I repot a cactus?"}, *PROMPTS[1:]), REPLIES, REPLIES),
    ("the order of the rows", sources(*reversed(PROMPTS)), 0, 0),
    ("the file that rows stand in", renamed, 0, 0),
    ("bounds that keep the rows", section("collect", prompt_words={"min": 2, "max": 99}), 0, 0),
    ("thresholds of filter", section("filter", reply_words={"min": 1, "max": 2}, opening_think_tag="keep"), 0, 0),
    ("the other profile", full_profile, 0, 0),
    ("prices", role("teacher", prices=PRICES), 0, 0),
    ("repairs", role("judge", repairs=3), 0, 0),
    ("candidates, where the first are acceptable", section("synthesize", candidates=6), 0, 0),
    ("early stopping", section("synthesize", early_stopping=True), 0, 0),
    ("engine flags, of somebody else's server", role("teacher", engine={"max-model-len": 4096}), 0, 0),
    ("BUILDERS_CONCURRENCY", environment(BUILDERS_CONCURRENCY="1"), 0, 0),
    ("the API keys", environment(**KEYS), 0, 0),
    ("BUILDERS_BUDGET", environment(BUILDERS_BUDGET="12h"), 0, 0),
    ("the ledger's place", ledger_elsewhere, 0, 0),
    ("processed/ is lost", no_rows, 0, 0),
]


@pytest.mark.parametrize(("change", "teacher", "judge"), [line[1:] for line in TABLE], ids=[line[0] for line in TABLE])
def test_a_change_makes_new_calls_exactly_where_it_changes_a_request(
    change: Change, teacher: int, judge: int, base: Base, tmp_path: Path
) -> None:
    workspace = base.workspace.copied(tmp_path / "project")
    variables = {**base.environment, **change(workspace)}
    before = len(base.server.asked)
    workspace.quick("synthesize", "judge", "filter", **variables)
    assert calls(base.server, before) == (teacher, judge)
    workspace.quick("synthesize", "judge", **variables)
    assert calls(base.server, before) == (teacher, judge), "and a second time none"


def test_another_server_makes_new_calls_unless_labels_stand_for_both(base: Base, tmp_path: Path) -> None:
    labelled = base.workspace.copied(tmp_path / "labelled")
    for name in ("teacher", "judge"):
        role(name, server="mine")(labelled)
    labelled.quick("synthesize", "judge", **base.environment)
    with serving(script) as other:
        elsewhere = {"BUILDERS_TEACHER_URL": other.url}
        labelled.quick("synthesize", "judge", **elsewhere)
        assert calls(other) == (0, 0)
        base.workspace.copied(tmp_path / "unlabelled").quick("synthesize", "judge", **elsewhere)
        assert calls(other) == (ALL, ALL)
    with serving(script) as judges:
        base.workspace.copied(tmp_path / "judged").quick(
            "synthesize", "judge", **base.environment, BUILDERS_JUDGE_URL=judges.url
        )
        assert calls(judges) == (0, ALL)


# Changes of what only some families have, and of code: with a family of the double's, each stage in a process of its own.

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def figured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """A family whose model is told something first and shown one of two figures, and whose judge is asked for JSON."""
    workspace = Workspace.make(tmp_path_factory.mktemp("figured") / "project", "safechain")
    workspace.project(teacher="endpoint")
    shutil.copyfile(PROJECT / "tests/doubles/figured.py", workspace.root / "builders/families/safechain/synthesize.py")
    (workspace.root / TEMPLATES / "synthesize/system.jinja").write_text("You are brief.\n")
    (workspace.root / "figures").mkdir()
    for name in ("triangle", "square"):
        (workspace.root / "figures" / f"{name}.png").write_bytes(PNG + name.encode())
    workspace.collected(
        *(f"What is the {what} of this {name}" for what in ("area", "angle") for name in ("triangle", "square"))
    )
    with workspace.params() as params:
        params["sample"]["synthesize"]["replies"] = REPLIES
        del params["sample"]["synthesize"]["early_stopping"]
        params["sample"]["judge"]["verdict"] = "structured"
    with serving(lambda asked: Answer(THOUGHT if "seed" in asked.body else '{"verdict": "safe", "categories": []}')) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_CONCURRENCY": "1"}
        workspace.build("synthesize", "judge", **environment)
        assert calls(server) == (ALL, ALL)
        yield Base(workspace, server, environment)


def repainted(workspace: Workspace) -> dict[str, str]:
    (workspace.root / "figures/square.png").write_bytes(PNG + b"another")
    return {}


def moved(workspace: Workspace) -> dict[str, str]:
    file = workspace.root / "figures/square.png"
    os.utime(file, ns=(1, 1))
    file.rename(file.with_suffix(".jpeg"))
    return {}


FIGURED = [
    ("the system prompt", edited(f"{TEMPLATES}/synthesize/system.jinja", lambda text: f"Also, {text}"), "synthesize", ALL),
    ("the bytes of one image", repainted, "synthesize", ALL // 2),
    ("the path and age of an image", moved, "synthesize", 0),
    (
        "the schema",
        edited("builders/families/safechain/judge.py", lambda text: text.replace("range(1, 15)", "range(1, 14)")),
        "judge",
        ALL,
    ),
    (
        "filter's code",
        edited("builders/families/safechain/filter.py", lambda text: f"{text}\n_ANYTHING = 1\n"),
        "synthesize",
        0,
    ),
]


@pytest.mark.parametrize(("change", "stage", "new"), [line[1:] for line in FIGURED], ids=[line[0] for line in FIGURED])
def test_a_change_of_prompt_image_schema_or_code_makes_new_calls_exactly_where_it_changes_a_request(
    change: Change, stage: str, new: int, figured: Base, tmp_path: Path
) -> None:
    workspace = figured.workspace.copied(tmp_path / "project")
    before = len(figured.server.asked)
    workspace.build(stage, **{**figured.environment, **change(workspace)})
    assert len(figured.server.asked) - before == new


def test_rows_with_one_figure_reach_the_server_one_after_another(figured: Base) -> None:
    """Two for each figure and reply; the rows are written in the order they came."""
    urls = [asked.body["messages"][1]["content"][0]["image_url"]["url"] for asked in figured.server.asked[:ALL]]
    assert len(set(urls)) == 2
    assert urls == sorted(urls, key=urls.index)
    collected = [row["id"] for row in figured.workspace.rows("collect")]
    assert [row["id"] for row in figured.workspace.rows("synthesize")] == collected
