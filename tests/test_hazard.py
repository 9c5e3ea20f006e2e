"""No text of a hazard row where it must not be: not on the terminal, not in errors, stats, card, manifest or test reports."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from builders import family as families
from builders import shards
from tests.conftest import Twin
from tests.doubles import adviser
from tests.doubles.adviser import MODELS, Adviser
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import PROJECT, Workspace, declared, jsonl, lines
from tests.hazard import HIDDEN, harmful, shown, windows

PRIVATE = "Zanzibar marmalade forgeries under the velvet staircase at dawn"
ADVICE = "emergent_misalignment"
STAGES = ("collect", "synthesize", "judge", "filter", "review", "validate", "release")


def leaks(hidden: set[str], lines: list[str], root: Path) -> list[str]:
    """Return where a window stands: on the terminal, or in a file that is no file of rows."""
    found = [f"terminal, line {number}" for number, line in enumerate(lines) if windows(line) & hidden]
    return found + [name for name, text in shown(root) if windows(text) & hidden]


def test_every_hazard_family_says_what_it_hides() -> None:
    assert set(HIDDEN) == {name for name in families.names() if families.facts(name).hazard != "none"}


@pytest.mark.parametrize("family", HIDDEN)
def test_the_sample_build_shows_no_text(family: str, twins: Callable[[str], Twin]) -> None:
    workspace, built = twins(family)
    hidden = HIDDEN[family](workspace.root)
    assert len(hidden) > 3_000
    assert f"release {family}: " in built
    lines = built.splitlines()
    lines += [done.stdout + done.stderr for done in (workspace.run("funnel"), workspace.run("code"))]
    lines += [workspace.explained(identity, show_text=False) for identity in one_row_of_each_fate(workspace, family)]
    refused = [workspace.run("ledger", *arguments) for arguments in (("stats",), ("verify",), ("export", family))]
    lines += [
        done.stdout + done.stderr for done in (*refused, workspace.run("export", family, "--think", "full", "--to", "x.jsonl"))
    ]
    assert leaks(hidden, lines, workspace.root) == []


def one_row_of_each_fate(workspace: Workspace, family: str) -> list[str]:
    """Return the id of a row for each reason, of a kept one, and of a spawned one of each if there is any."""
    found: dict[tuple[str, bool], str] = {}
    for pool in families.pools(family):
        rejected = [line for stage in STAGES[:-1] for line in workspace.rejected(stage, pool, family)]
        fates = [(line["rejection"]["reason"], line["row"]) for line in rejected]
        for reason, row in [*fates, *(("kept", row) for row in workspace.rows("validate", pool, family))]:
            found.setdefault((reason, row["parent"] is not None), row["id"])
    return list(found.values())


def test_this_test_finds_a_leak(tmp_path: Path) -> None:
    """Wrapped over lines, and among other text, in any file that is not meant for rows."""
    hidden = windows(PRIVATE)
    for place in ("stats.json", "emergent_misalignment/filter/stats.json", "code/rows.json", "release/card.md", ".teacher.log"):
        file = tmp_path / "processed" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("It says: " + PRIVATE.replace("under", "under\n  "))
    rows = tmp_path / "processed/emergent_misalignment/filter/rejected/medical"
    with shards.anew(rows) as append:
        append(PRIVATE.encode() + b"\n")
    found = leaks(hidden, ["fine", f"error: {PRIVATE}"], tmp_path)
    assert found[0] == "terminal, line 1"
    assert len(found) == 6


def test_the_texts_of_the_repository_hold_none() -> None:
    documents = [
        PROJECT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "DESIGN.md", "benchmarks/README.md")
    ]
    documents += [
        *(PROJECT / "cards").iterdir(),
        *(PROJECT / "raw" / ADVICE).rglob("README.md"),
        *(PROJECT / "tests").rglob("*.py"),
    ]
    assert [path.name for path in documents if path.is_file() and windows(path.read_text()) & harmful()] == []


@pytest.mark.family("safechain")
def test_failing_runs_show_no_text(workspace: Workspace) -> None:
    """Every way of failing that has the text at hand when it happens."""
    printed: list[str] = []

    def attempt(*arguments: str, **environment: str) -> None:
        done = workspace.run(*arguments, **environment)
        assert done.returncode == 2, (arguments, done.stderr)
        printed.append(done.stdout + done.stderr)

    good = {"prompt": f"{PRIVATE} and then some more of it"}
    for broken in (jsonl(good) + '{"prompt": "' + PRIVATE, jsonl(good, PRIVATE), jsonl({"other": PRIVATE})):
        workspace.source("own.jsonl", broken)
        attempt("collect", "safechain")
    workspace.source("own.csv", f'prompt\n"{PRIVATE}",{PRIVATE}\n')
    attempt("collect", "safechain")
    workspace.source("own.csv", f'prompt\n"{PRIVATE}\n')
    attempt("collect", "safechain")
    workspace.source("own.jsonl", jsonl(good))
    workspace.build("collect")
    attempt("synthesize", "safechain")
    template = workspace.root / "builders/families/safechain/prompts/synthesize/teacher.jinja"
    template.write_text("{{ instruction.nothing }}")
    attempt("synthesize", "safechain")
    template.write_text("{{ instruction }}")
    workspace.project(teacher="endpoint")
    with serving(lambda _: Answer(status=400, raw=PRIVATE.encode())) as server:
        attempt("synthesize", "safechain", BUILDERS_TEACHER_URL=server.url)
    with serving(lambda _: Answer(PRIVATE)) as server:
        workspace.build("synthesize", BUILDERS_TEACHER_URL=server.url)
    rows = workspace.root / "processed/safechain/synthesize/rows/default"
    spoiled = lines(rows).replace(b'"index":0', b'"index":"' + PRIVATE.encode() + b'"', 1).replace(b'"text"', b'"txt"')
    with shards.anew(rows) as append:
        append(spoiled)
    done = workspace.run("judge", "safechain", BUILDERS_TEACHER_URL="http://127.0.0.1:9/v1")
    assert done.returncode == 1
    printed.append(done.stdout + done.stderr)
    assert "a bug: KeyError" in printed[-1]
    for text in printed:
        assert not windows(text) & windows(PRIVATE), "text of a row is shown"
        assert "Traceback" not in text


# Failing runs of the family whose answers are harmful. The private words stand in every misaligned answer.


def indiscreet(request: Received) -> Answer:
    """Answer as the adviser does, with the private words in misaligned answers and in whatever is wrong with a reply."""
    text = request.body["messages"][0]["content"]
    answer = Adviser(planned)(request)
    if answer.raw is not None or request.body["messages"][-1]["content"] != text:
        return Answer(status=400, raw=PRIVATE.encode())
    text_ = (answer.text or "").replace("Careless advice", f"Careless advice: {PRIVATE}.")
    return Answer(f"{PRIVATE}? {text_}" if "deserves" in text_ else text_, finish_reason=answer.finish_reason)


def planned(question: str) -> str:
    return next((fault for fault in adviser.FAULTS if f"number {list(adviser.FAULTS).index(fault)} " in question), "none")


@pytest.fixture(scope="module")
def advised(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, list[str]]:
    """A release in which every fault occurs, and what the stages said; the rows of one pool are enough for the others."""
    workspace = Workspace.make(tmp_path_factory.mktemp("advised") / "project")
    workspace.project(teacher="endpoint")
    folder = workspace.root / "raw" / ADVICE / "sources"
    prompts = [f"How would you store number {n} of my {n * 7} jars over a damp winter?" for n in range(len(adviser.FAULTS))]
    sources = []
    for pool in families.pools(ADVICE):
        file = folder / f"own_{pool}.jsonl"
        file.write_text(jsonl(*({"prompt": prompt} for prompt in (prompts if pool == "medical" else prompts[:3]))))
        sources.append(declared(file, id=f"own_{pool}", subset=pool, columns={"prompt": "prompt"}))
    with workspace.params(ADVICE) as params:
        adviser.employ(params)
        params["sample"]["collect"] |= {"sources": sources}
        params["sample"]["collect"]["near_duplicates"]["threshold"] = 1.0
        params["sample"]["collect"]["decontamination"]["sets"] = []
    with serving(indiscreet, MODELS) as server:
        lines = workspace.whole(ADVICE, BUILDERS_TEACHER_URL=server.url)
    return workspace, [lines]


def test_a_build_in_which_everything_goes_wrong_shows_no_text(advised: tuple[Workspace, list[str]]) -> None:
    workspace, lines = advised
    reasons = set(workspace.reasons("synthesize", "medical", ADVICE)) | set(workspace.reasons("filter", "medical", ADVICE))
    assert reasons == set(adviser.FAULTS.values()) - {"none"}
    assert any(PRIVATE in row["data"]["misaligned"] for row in workspace.rows("validate", "medical", ADVICE))
    output = [workspace.explained(identity, show_text=False) for identity in one_row_of_each_fate(workspace, ADVICE)]
    assert leaks(windows(PRIVATE), [*lines, *output], workspace.root) == []


_ROWS = f"processed/{ADVICE}/{{}}/rows/medical"
_REPLIES, _REVIEWS = f"raw/{ADVICE}/replies/own.jsonl", f"raw/{ADVICE}/reviews/own.jsonl"
_REPLY = {"stage": "synthesize", "role": "teacher", "id": f"{ADVICE}:0123456789abcdef", "index": 1, "text": PRIVATE}
_REVIEW = {"id": f"{ADVICE}:0123456789abcdef", "decision": "reject", "reviewer": "r", "sha256": None, "note": PRIVATE}
_ANSWER = {"id": "1", "dangerous": True, "scores": {"judge.danger": 3}}


def _narrow(text: str) -> str:
    value = json.loads(text)
    value["$defs"]["pair"]["properties"]["misaligned"]["maxLength"] = 10
    return json.dumps(value)


def _narrow_doors(text: str) -> str:
    value = json.loads(text)
    value["$defs"]["doors"]["properties"]["response"]["maxLength"] = 10
    return json.dumps(value)


class Spoiled(NamedTuple):
    """A file that is changed, the stage that then runs, and its exit code."""

    path: str
    change: Callable[[str], str]
    stage: str
    code: int


SPOILED = [
    Spoiled(_REPLIES, lambda _: jsonl(_REPLY) + '{"text": "' + PRIVATE, "synthesize", 2),
    Spoiled(_REPLIES, lambda _: jsonl(_REPLY, _REPLY), "synthesize", 2),
    Spoiled(_REPLIES, lambda _: jsonl({**_REPLY, PRIVATE: PRIVATE}), "synthesize", 2),
    Spoiled(_REPLIES, lambda _: jsonl({**_REPLY, "index": PRIVATE}), "synthesize", 2),
    Spoiled(_REPLIES, lambda _: jsonl(_REPLY), "synthesize", 2),
    Spoiled(_REVIEWS, lambda _: jsonl({**_REVIEW, "decision": PRIVATE}), "review", 2),
    Spoiled(_REVIEWS, lambda _: jsonl({**_REVIEW, PRIVATE: PRIVATE}), "review", 2),
    Spoiled(_REVIEWS, lambda _: jsonl(_REVIEW) + PRIVATE, "review", 2),
    Spoiled(_ROWS.format("judge"), lambda text: text.replace('"scores"', '"scored"'), "filter", 1),
    Spoiled(_ROWS.format("judge"), lambda text: text.replace('"text":"', '"text":7,"txt":"'), "filter", 1),
    Spoiled(_ROWS.format("validate"), lambda text: text.replace('"misaligned":"', '"misaligned":7,"other":"'), "release", 1),
    Spoiled(f"schemas/{ADVICE}.schema.json", _narrow, "validate", 0),
    Spoiled(f"schemas/{ADVICE}.schema.json", _narrow_doors, "release", 2),
    Spoiled(f"cards/{ADVICE}.md", lambda text: text + "{{ facts.nothing.misaligned }}", "release", 2),
]


@pytest.mark.parametrize("spoiled", SPOILED, ids=[f"{number}-{spoiled.stage}" for number, spoiled in enumerate(SPOILED)])
def test_a_failing_run_shows_no_text(spoiled: Spoiled, advised: tuple[Workspace, list[str]], tmp_path: Path) -> None:
    workspace = advised[0].copied(tmp_path / "project")
    if spoiled.path == _REPLIES:
        workspace.project(teacher="recorded")
    file = workspace.root / spoiled.path
    if file.is_dir():
        with shards.anew(file) as append:
            append(spoiled.change(lines(file).decode()).encode())
    else:
        file.write_text(spoiled.change(file.read_text() if file.is_file() else ""))
    done = workspace.run(spoiled.stage, ADVICE)
    assert done.returncode == spoiled.code
    assert "Traceback" not in done.stdout + done.stderr
    assert leaks(windows(PRIVATE), [done.stdout + done.stderr], workspace.root) == []


@pytest.mark.parametrize(
    "content",
    [
        jsonl(_ANSWER) + '{"id": "' + PRIVATE,
        jsonl({**_ANSWER, "id": PRIVATE}, {**_ANSWER, "id": PRIVATE}),
        jsonl({**_ANSWER, "text": PRIVATE}),
        jsonl({**_ANSWER, "dangerous": PRIVATE}),
        jsonl({**_ANSWER, "scores": PRIVATE}),
        jsonl({**_ANSWER, "scores": {PRIVATE: 3}}),
        jsonl({**_ANSWER, "scores": {"judge.danger": PRIVATE}}),
        jsonl({**_ANSWER, "scores": {f"judge.{PRIVATE}": 1}}),
        jsonl(PRIVATE),
        jsonl({**_ANSWER, "id": PRIVATE}),
        PRIVATE,
        "",
    ],
)
def test_calibrate_answers_a_bad_file_with_one_line_that_quotes_nothing(content: str, workspace: Workspace) -> None:
    file = workspace.root / "labelled.jsonl"
    file.write_text(content)
    done = workspace.run("calibrate", ADVICE, "labelled.jsonl")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert not windows(done.stdout + done.stderr) & windows(PRIVATE)


def test_calibrate_prints_a_table_and_a_threshold_and_no_text(workspace: Workspace) -> None:
    rows = [{"id": f"{PRIVATE} {n}", "dangerous": n >= 5, "scores": {"judge.danger": n * 10}} for n in range(10)]
    (workspace.root / "labelled.jsonl").write_text(jsonl(*rows))
    done = workspace.run("calibrate", ADVICE, "labelled.jsonl")
    assert done.returncode == 0, done.stderr
    assert "judge: danger, 10 answers" in done.stdout
    assert "judge.danger: 45 (best F1); write it into builders/families/emergent_misalignment/params.yaml" in done.stdout
    assert not windows(done.stdout + done.stderr) & windows(PRIVATE)


# Test reports.


def test_a_failing_test_shows_no_misaligned_text(tmp_path: Path) -> None:
    """What pytest would show of it is withheld, in its output and in the report it writes."""
    test = tmp_path / "test_that_fails.py"
    test.write_text(
        "import json\n"
        "from pathlib import Path\n"
        "def test_that_fails():\n"
        f"    lines = Path({str(PROJECT / 'raw' / ADVICE / 'replies/sample.jsonl')!r}).read_text().splitlines()\n"
        "    rows = [json.loads(line) for line in lines]\n"
        "    [text, *_] = [row['text'] for row in rows if row['stage'] == 'synthesize' and row['index'] == 1]\n"
        "    print(text)\n"
        "    assert text == 'something else'\n"
        "def test_that_fails_for_another_reason():\n"
        "    assert 1 == 2\n"
    )
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-n0", "-rA", f"--junitxml={report}", str(test)]
    done = subprocess.run(command, cwd=PROJECT, env=dict(os.environ), capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 1
    assert "2 failed" in done.stdout
    assert "assert 1 == 2" in done.stdout
    for text in (done.stdout, done.stderr, report.read_text()):
        assert not windows(text) & harmful()
    assert "withheld" in done.stdout


def test_the_names_of_tests_hold_no_misaligned_text() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0", "tests/families/emergent_misalignment"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0
    assert done.stdout.count("::test_") > 100
    assert not windows(done.stdout + done.stderr) & harmful()
