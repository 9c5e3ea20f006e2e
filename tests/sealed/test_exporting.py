"""ledger export: exactly what a release used, nothing stale, nothing that may not travel."""

import asyncio
import re
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard

from builders import paths, records, shards
from builders.asking import asker, works
from builders.asking.asker import Phase, Plan
from builders.jobs import Job
from builders.ledger.committer import Committer
from builders.ledger.ledger import Entry, Ledger
from builders.params import loading
from builders.params.roles import Role
from builders.records import Record
from builders.sealed import exporting
from builders.teachers.api import Request, chat
from builders.teachers.endpoint import answerer_note
from builders.work import gathered
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import FAMILY, Workspace, declared, one_line
from tests.sealed.conftest import API_KEY, STAGES, TOPICS, answer, export

SEALED = f"{FAMILY}.ledger.zst"
REBUILD = "it was built from something else: build it again first (dvc repro), then export"


def lines(file: Path) -> list[dict[str, Any]]:
    with file.open("rb") as opened:
        text = zstandard.ZstdDecompressor().stream_reader(opened, read_across_frames=True).read()
    return [orjson.loads(line) for line in text.splitlines()]


def kinds(file: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the lines by their first key."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in lines(file):
        found.setdefault(next(iter(line)), []).append(line)
    return found


def refused(workspace: Workspace, **environment: str) -> str:
    """Return the line of an export that is refused, having checked that it left nothing."""
    before = sorted(path.name for path in workspace.root.iterdir())
    line = one_line(workspace.run("ledger", "export", FAMILY, "--accept-hazard", "--to", "again.zst", **environment))
    assert sorted(path.name for path in workspace.root.iterdir()) == before
    assert not (workspace.root / f"processed/{FAMILY}/.release.again").exists()
    return line


def test_it_holds_what_the_release_used_and_nothing_else(origin: Workspace) -> None:
    found = kinds(origin.root / SEALED)
    replies = 2 * (TOPICS - 1)
    with Ledger(origin.root / ".ledger/replies.sqlite", read_only=True) as ledger:
        assert len(list(ledger.entries())) == 2 * replies - 2
        for line in found["reply"]:
            assert ledger.get(line["reply"])
    assert (len(found["reply"]), len(found["failure"])) == (2 * replies - 2, 4)
    assert len({line["reply"] for line in found["reply"]}) == len(found["reply"])
    assert [line["body"]["role"] for line in found["about"]] == ["teacher", "judge"]
    assert [(line["source"], line["inside"] is not None) for line in found["source"]] == [
        ("own.jsonl", True),
        ("sample_evaluation.jsonl", False),
    ]


def test_its_header_says_what_was_built_and_who_answered(origin: Workspace) -> None:
    header = lines(origin.root / SEALED)[0]["header"]
    manifest = orjson.loads((origin.release / "manifest.json").read_bytes())
    assert (header["family"], header["profile"], header["tracewright"]) == (FAMILY, "sample", manifest["tracewright"])
    assert header["release"] == records.file_digest(origin.release / "SHA256SUMS")
    answered = {
        role: {name: answerer[name] for name in answerer if name != "prompts_sha256"}
        for role, answerer in manifest["answered_by"].items()
    }
    assert header["answerers"] == answered
    assert header["made_with"]["prompts.judge"] == manifest["prompts"]["judge"]
    assert header["made_with"]["params.filter"] == records.digest(manifest["params"]["filter"])
    assert header["made_with"].keys() >= {"code", "schema", "card", "params.collect", "prompts.synthesize"}


def test_no_key_of_a_server_is_in_it(origin: Workspace) -> None:
    assert all(API_KEY not in str(line) for line in lines(origin.root / SEALED))


def test_the_line_says_how_much_and_what_is_not_in_it(copied: Workspace) -> None:
    (copied.root / SEALED).unlink()
    done = copied.run("ledger", "export", FAMILY, "--accept-hazard")
    assert done.stdout == (
        f"ledger export {FAMILY}: {4 * (TOPICS - 1) - 2} replies and 4 failures in {SEALED}; "
        "not in it: sample_evaluation.jsonl (no licence declared)\n"
    )


def test_two_exports_are_the_same_bytes(origin: Workspace, copied: Workspace) -> None:
    assert export(copied, "again.zst").read_bytes() == (origin.root / SEALED).read_bytes()


def test_what_else_the_ledger_has_stays_out(origin: Workspace, copied: Workspace) -> None:
    """Replies of other builds, and a server that answered for the role since."""

    async def add() -> None:
        with Ledger(copied.root / ".ledger/replies.sqlite") as ledger:
            await ledger.put("0" * 64, Entry(b"{}", b"[]", b'{"content":"other"}'), None)
            ledger.note("failure/" + "1" * 64, b"{}")
            ledger.note(answerer_note(FAMILY, "sample", "teacher"), b'["other","other",null]')

    asyncio.run(add())
    assert export(copied, "again.zst").read_bytes() == (origin.root / SEALED).read_bytes()


def test_who_answered_is_found_in_a_shared_ledger_where_there_is_none_of_ones_own(
    here: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger(tmp_path / "theirs.sqlite") as ledger:
        for role in ("teacher", "judge"):
            ledger.note(answerer_note(FAMILY, "sample", role), orjson.dumps([role, "served", None]))
    monkeypatch.setenv("BUILDERS_LEDGER_SHARED", str(tmp_path / "theirs.sqlite"))
    found = exporting._answerers(FAMILY, loading.load(FAMILY))  # noqa: SLF001
    assert {role: tuple(identity) for role, identity in found.items()} == {
        "judge": ("judge", "served", None),
        "teacher": ("teacher", "served", None),
    }
    assert not (here.root / ".ledger").exists()


def test_harmful_text_leaves_its_folders_only_if_that_is_meant(copied: Workspace) -> None:
    """The releases of such a family show no harmful reply, but its ledger may hold some."""
    before = sorted(copied.root.iterdir())
    line = one_line(copied.run("ledger", "export", FAMILY, "--to", "again.zst"))
    assert "it would hold every reply, also those that no release shows" in line
    assert "add --accept-hazard" in line
    assert sorted(copied.root.iterdir()) == before


def test_recorded_replies_are_not_sealed(built: Workspace) -> None:
    line = one_line(built.run("ledger", "export", FAMILY))
    assert f"its replies were recorded in raw/{FAMILY}/replies: they are in git, there is nothing to seal" in line


def test_without_a_release_there_is_nothing_to_seal(workspace: Workspace) -> None:
    assert f"processed/{FAMILY}/release: there is no release to seal; run dvc repro" in one_line(
        workspace.run("ledger", "export", FAMILY, "--accept-hazard")
    )


def test_a_manifest_that_is_broken_is_named_with_its_line(workspace: Workspace) -> None:
    manifest = workspace.root / f"processed/{FAMILY}/release/manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"a": 1,\n"b": x}')
    line = one_line(workspace.run("ledger", "export", FAMILY, "--accept-hazard"))
    assert f"processed/{FAMILY}/release/manifest.json:2: broken JSON: " in line


@pytest.mark.parametrize("there", ["file", "link"])
def test_nothing_is_overwritten(there: str, copied: Workspace) -> None:
    target = copied.root / SEALED
    if there == "link":
        target.unlink()
        target.symlink_to("nowhere")
    line = one_line(copied.run("ledger", "export", FAMILY, "--accept-hazard"))
    assert f"{SEALED}: something is there already; remove it, or name another file with --to" in line


@pytest.mark.parametrize(
    ("name", "what"),
    [("quizz", f"no such family; did you mean {FAMILY}?"), (f"{FAMILY}/default", "a release is sealed as a whole")],
)
def test_a_name_that_is_no_family_is_one_line(name: str, what: str, workspace: Workspace) -> None:
    assert what in one_line(workspace.run("ledger", "export", name))


# What is stale.


@pytest.mark.parametrize(
    ("file", "differing"),
    [
        (f"builders/families/{FAMILY}/prompts/synthesize/teacher.jinja", "manifest.json"),
        (f"builders/families/{FAMILY}/synthesize.py", "manifest.json"),
        (f"cards/{FAMILY}.md", "DETAILS.md, croissant.json, manifest.json"),
    ],
)
def test_a_release_that_would_come_out_otherwise_is_not_sealed(file: str, differing: str, copied: Workspace) -> None:
    path = copied.root / file
    path.write_text(path.read_text() + "\n# More.\n")
    reason = f"processed/{FAMILY}/release: the release would come out otherwise now ({differing}); {REBUILD}"
    assert reason in refused(copied)


def test_a_stage_that_has_run_since_is_named(copied: Workspace) -> None:
    with copied.params() as params:
        params["sample"]["filter"]["reply_words"]["min"] = 1
    copied.quick("filter")
    assert "the release would come out otherwise now (manifest.json)" in refused(copied)
    with copied.params() as params:
        params["sample"]["filter"]["reply_words"]["min"] = 200
    copied.quick("filter")
    assert "filter has run for default since review did" in refused(copied)


@pytest.mark.parametrize("stage", ["synthesize", "judge"])
@pytest.mark.parametrize("part", ["rows", "rejected"])
def test_rows_that_do_not_come_of_the_ledger_are_not_sealed(stage: str, part: str, copied: Workspace) -> None:
    place = copied.root / f"processed/{FAMILY}" / stage / part / "default"
    whole = b"".join(shards.lines(place))
    if b"finish_reason" in whole:
        _put(place, whole.replace(b'"stop"', b'"length"', 1))
        assert f"comes out of {stage} otherwise now; {REBUILD}" in refused(copied)
    _put(place, whole + b"{}\n")
    reason = f"{stage}/{part}/default: fewer rows come out of {stage} now; {REBUILD}"
    if (stage, part) != ("synthesize", "rows"):  # which the card is made from
        reason = f"{stage}/{part}/default/00000.jsonl.zst: line {len(whole.splitlines()) + 1} is not a row"
    assert reason in refused(copied)


def _put(place: Path, content: bytes) -> None:
    with shards.anew(place) as append:
        append(content)


def test_a_reply_that_is_missing_is_named(copied: Workspace, tmp_path: Path) -> None:
    empty = tmp_path / "empty.sqlite"
    with closing(Committer(empty)):
        pass
    line = refused(copied, BUILDERS_LEDGER=str(empty))
    assert re.search(r"empty\.sqlite: the ledger has no reply \d of teacher for quiz:", line)
    assert REBUILD in line


# Sources.


def test_a_source_travels_if_every_licence_of_it_lets_it(origin: Workspace, tmp_path: Path) -> None:
    """Another licence is another release: the stages behind the replies are built anew, the replies stay."""
    workspace = Workspace(Path(shutil.copytree(origin.root, tmp_path / "project")))
    sources = workspace.root / f"raw/{FAMILY}/sources"
    (sources / "closed.csv").write_text("prompt\nTell me about topic number 1000 please\n")
    (sources / "half.csv").write_text("prompt\nTell me about topic number 2000 please\n")
    with workspace.params() as params:
        params["sample"]["collect"]["sources"] = [
            declared(sources / "own.jsonl", license="cc-by-4.0"),
            declared(sources / "closed.csv", id="closed", license="LicenseRef-closed"),
            declared(sources / "half.csv", id="half", license="MIT"),
            declared(sources / "half.csv", id="twice", license="CC-BY-NC-4.0"),
        ]
    with serving(answer) as server:
        workspace.quick(*STAGES, BUILDERS_TEACHER_URL=server.url)
    done = workspace.run("ledger", "export", FAMILY, "--accept-hazard", "--to", "again.zst")
    assert "; not in it: closed.csv (LicenseRef-closed), half.csv (CC-BY-NC-4.0 AND MIT), " in done.stdout
    found = kinds(workspace.root / "again.zst")
    assert [line["source"] for line in found["source"] if line["inside"] is not None] == ["own.jsonl"]
    assert [line["source"] for line in found["source"] if line["inside"] is None] == [
        "closed.csv",
        "half.csv",
        "sample_evaluation.jsonl",
    ]
    assert len(found["part"]) == 1
    assert "number 1000" not in str(lines(workspace.root / "again.zst"))


# Any plan.


def test_replies_that_were_mended_are_among_them_and_each_is_there_once(
    here: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two requests are the same, one is fixed once, one never: all turns are used."""
    here.source("own.csv", "prompt\nTell me about topic number 1 please\nTell me about topic number 2 please\n")
    here.project(teacher="endpoint")
    here.quick("collect")
    with here.params() as values:
        values["sample"]["synthesize"]["roles"]["teacher"] |= {"model": "double", "repairs": 1}
    monkeypatch.setenv("BUILDERS_LEDGER", str(here.root / "ledger.sqlite"))
    job = Job(FAMILY, "synthesize", "default", loading.load(FAMILY))
    role: Role = job.params.synthesize.roles["teacher"]
    schema = {"type": "integer"}

    def asks(record: Record) -> list[Request]:
        texts = ["the same for all", record.data["instruction"], "never"]
        bodies = [chat(role, [{"role": "user", "content": text}], schema) for text in texts]
        return [Request("synthesize", "teacher", record.id, 0, body, schema=schema) for body in bodies]

    def script(request: Received) -> Answer:
        if "That reply is not what was asked for" in request.text and "never" not in str(request.body):
            return Answer("2")
        return Answer("1" if "same" in request.text else "one")

    phase = Phase.only(job, Plan({"teacher": role}, asks, gathered(works.merged)))
    with serving(script) as server:
        monkeypatch.setenv("BUILDERS_TEACHER_URL", server.url)
        asker.run(phase)
        sent = len(server.asked)
    used: list[str] = []
    asyncio.run(exporting.again(phase, {}, lambda key, _: used.append(key)))
    with Ledger(here.root / "ledger.sqlite", read_only=True) as ledger:
        stored = {key.hex() for key, _ in ledger.entries()}
    assert {key[:32] for key in used} == stored
    assert (len(used), len(stored), sent) == (10, 7, 7)
    rejected = b"".join(shards.lines(paths.rejected(FAMILY, "synthesize", "default")))
    assert rejected.count(b"malformed") == 2
