"""A token goes to the server of its role and nowhere else: to no other host, into no file, onto no screen."""

import base64
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from builders.ledger.ledger import Ledger
from builders.releases import code
from tests.doubles.teacher import Answer, Received, Script, serving
from tests.harness import FAMILY, Workspace, jsonl, one_line

TEACHERS = "sk-teacher-Zq7wXr9Lm2Vb5NcTu4"
JUDGES = "sk-judge-Hd3fKp8YsEj6GaRw1QoM"
PASSWORD = "in-the-address-Bv4XnUe9"  # noqa: S105  (made up)
THOUGHT = "A thought, and then some more of it.\n</think>\n\nAn answer that is long enough."
PROMPTS = [f"How do I look after {plant} at home?" for plant in ("moss", "ivy", "fern", "cactus", "basil", "lilies")]


class Exposed(NamedTuple):
    """What a series of builds with tokens left behind.

    Args:
        workspace: in which they ran.
        lines: everything they printed.
        teachers: the headers of every request to the teacher's server.
        judges: of every request to the judge's.
    """

    workspace: Workspace
    lines: str
    teachers: list[dict[str, str]]
    judges: list[dict[str, str]]


def always(answer: Answer) -> Script:
    return lambda _: answer


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exposed]:
    """Refused, faulty, killed, misdirected and whole builds, one after another, then the verbs that read."""
    workspace = Workspace.make(tmp_path_factory.mktemp("exposed") / "project")
    config = workspace.root / ".dvc" / "config"
    config.write_text(config.read_text().replace("[core]", "[core]\n    no_scm = true"))
    workspace.project(teacher="endpoint")
    workspace.source("own.jsonl", jsonl(*({"prompt": prompt} for prompt in PROMPTS)))
    workspace.quick("collect")
    rows = [row["id"] for row in workspace.rows("collect")]
    lines = []

    def judge(request: Received) -> Answer:
        return Answer(status=400) if "after cactus at" in request.text else Answer("safe")

    with serving(lambda _: Answer(THOUGHT)) as teacher, serving(judge) as judges:
        tokens = {"BUILDERS_TEACHER_API_KEY": TEACHERS, "BUILDERS_JUDGE_API_KEY": JUDGES}
        urls = {"BUILDERS_TEACHER_URL": teacher.url, "BUILDERS_JUDGE_URL": judges.url}

        def run(*arguments: str, **changes: str) -> None:
            done = workspace.run(*arguments, **{**tokens, **urls, **changes})
            lines.extend([done.stdout, done.stderr])

        synthesize = ("synthesize", FAMILY)
        run(*synthesize, BUILDERS_TEACHER_URL=teacher.url.replace("//", f"//user:{PASSWORD}@"))
        run(*synthesize, BUILDERS_TEACHER_URL=f"{teacher.url}?token={PASSWORD}")
        run(*synthesize, BUILDERS_TEACHER_URL="http://127.0.0.1:1/v1")
        run(*synthesize, BUILDERS_TEACHER_API_KEY=f"{TEACHERS}\n{JUDGES}")
        for answer in (Answer(status=401), Answer(status=400), Answer(raw=b"no JSON", status=404)):
            teacher.script = always(answer)
            run(*synthesize)
        teacher.script = lambda _: Answer(THOUGHT, held=len(teacher.asked) % 2 == 0)
        with workspace.started(*synthesize, **tokens, **urls) as stage:
            teacher.wait_for(len(teacher.asked) + 4)
            stage.send_signal(signal.SIGKILL)
            lines.extend(stage.communicate(timeout=600))
        teacher.release()
        with workspace.inside():
            code.run()
        done = workspace.python(
            "-m", "dvc", "repro", "--single-item", f"synthesize@{FAMILY}", f"judge@{FAMILY}", **tokens, **urls
        )
        assert done.returncode == 0, done.stderr
        lines.extend([done.stdout, done.stderr])
        for stage_name in ("filter", "review", "validate", "release"):
            run(stage_name, FAMILY)
        for row in rows[2:4]:
            run("explain", row, "--show-text")
        yield Exposed(workspace, "".join(lines), teacher.headers, judges.headers)


def spellings(secret: str) -> list[bytes]:
    """Return the secret as it may lie about: plain, in hex, and in base64 at each of three offsets."""
    plain = secret.encode()
    coded = (base64.b64encode(before + plain) for before in (b"", b"x", b"xx"))
    inner = [re.sub(rb"=+$", b"", text)[4:-4] for text in coded]  # the ends depend on what stands beside
    return [plain, plain.hex().encode(), *inner]


def found_in(content: bytes) -> list[str]:
    return [secret for secret in (TEACHERS, JUDGES, PASSWORD) if any(spelling in content for spelling in spellings(secret))]


def test_the_search_finds_what_it_looks_for() -> None:
    for text in (f"x{JUDGES}y", base64.b64encode(f"Bearer {JUDGES}".encode()).decode(), f'{{"key": "{JUDGES}"}}'):
        assert found_in(text.encode()) == [JUDGES]
    assert found_in(b"Bearer sk-judge-and-no-more") == []


def test_no_token_lies_in_any_file(exposed: Exposed) -> None:
    files = [path for path in exposed.workspace.root.rglob("*") if path.is_file()]
    folders = {path.relative_to(exposed.workspace.root).parts[:2] for path in files}
    assert {(".ledger", "replies.sqlite"), ("processed", FAMILY), (".dvc", "cache")} <= folders
    assert (exposed.workspace.release / "manifest.json") in files
    assert {str(path): found for path in files if (found := found_in(path.read_bytes()))} == {}


def test_no_token_lies_in_the_ledger_once_it_is_decompressed(exposed: Exposed) -> None:
    path = exposed.workspace.root / ".ledger" / "replies.sqlite"
    with Ledger(path, read_only=True) as ledger:
        entries = list(ledger.entries())
        notes = ledger.noted("")
    assert len(entries) == len(PROMPTS) * 3 * 2 - 3
    assert any(name.startswith("failure/") for name in notes)
    assert found_in(b"\n".join(b"\n".join((key, *entry)) for key, entry in entries)) == []
    assert found_in(repr(notes).encode()) == []
    with closing(sqlite3.connect(path)) as connection:
        assert found_in("\n".join(connection.iterdump()).encode()) == []


def test_no_token_is_printed(exposed: Exposed) -> None:
    for what in ("not an HTTP address", "not a token", "HTTP 401", "HTTP 404", "no request of", "is not there", "release"):
        assert what in exposed.lines
    assert found_in(exposed.lines.encode()) == []
    assert "Bearer" not in exposed.lines


def test_each_token_goes_to_its_own_server_with_every_request(exposed: Exposed) -> None:
    for headers, token in ((exposed.teachers, TEACHERS), (exposed.judges, JUDGES)):
        assert len(headers) > len(PROMPTS)
        assert {header["Authorization"] for header in headers} == {f"Bearer {token}"}
        others = [name for header in headers for name, value in header.items() if token in value and name != "Authorization"]
        assert others == []


@pytest.fixture
def asking(workspace: Workspace) -> Workspace:
    """A workspace whose rows are there to be asked about."""
    workspace.project(teacher="endpoint")
    workspace.collected(*PROMPTS[:2])
    return workspace


@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_server_that_sends_us_elsewhere_is_one_line_and_nothing_goes_there(status: int, asking: Workspace) -> None:
    with serving(lambda _: Answer(THOUGHT)) as other:
        elsewhere = Answer(status=status, headers={"Location": f"{other.url}/chat/completions"})
        with serving(lambda _: elsewhere) as server:
            environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_TEACHER_API_KEY": TEACHERS}
            line = one_line(asking.run("synthesize", FAMILY, **environment))
        assert f"redirects to {other.url}/chat/completions (HTTP {status})" in line
        assert found_in(line.encode()) == []
        assert (other.asked, other.headers) == ([], [])


def test_an_address_with_a_secret_in_it_is_not_repeated(asking: Workspace) -> None:
    secretive = Answer(status=307, headers={"Location": f"http://user:{PASSWORD}@127.0.0.1/?token={JUDGES}"})
    with serving(lambda _: secretive) as server:
        line = one_line(asking.run("synthesize", FAMILY, BUILDERS_TEACHER_URL=server.url))
    assert "the server of teacher redirects (HTTP 307)" in line
    assert found_in(line.encode()) == []


def test_netrc_of_the_environment_is_not_used(asking: Workspace, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login user password {PASSWORD}\n")
    (tmp_path / ".netrc").chmod(0o600)
    with serving(lambda _: Answer(THOUGHT)) as server:
        home = {"HOME": str(tmp_path), "NETRC": str(tmp_path / ".netrc")}
        asking.build("synthesize", BUILDERS_TEACHER_URL=server.url, **home)
        assert len(server.asked) == 6
        assert [header["Authorization"] for header in server.headers if "Authorization" in header] == []


@pytest.mark.parametrize("key", ["line\nbreak", "schlüssel"])
def test_a_token_that_no_header_can_carry_is_one_line_that_does_not_repeat_it(key: str, asking: Workspace) -> None:
    environment = {"BUILDERS_TEACHER_URL": "http://127.0.0.1:1/v1", "BUILDERS_TEACHER_API_KEY": key}
    line = one_line(asking.run("synthesize", FAMILY, **environment))
    assert line.startswith("error: BUILDERS_TEACHER_API_KEY: not a token")
    assert key not in line


def test_the_line_break_that_a_file_of_a_token_ends_in_is_no_part_of_it(asking: Workspace) -> None:
    with serving(lambda _: Answer(THOUGHT)) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_TEACHER_API_KEY": f"{TEACHERS}\r\n"}
        asking.build("synthesize", **environment)
        assert {header["Authorization"] for header in server.headers} == {f"Bearer {TEACHERS}"}
