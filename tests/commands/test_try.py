"""try: one row is asked about, and what was sent, what came and what was refused is shown; the reply is not paid for twice."""

from pathlib import Path

import pytest
import yaml

from builders import hazards
from builders.commands import try_
from builders.errors import BuildError
from builders.params.roles import Role
from builders.teachers.api import Reply
from tests.doubles.asking import ROLE, question, role
from tests.doubles.teacher import Answer, serving
from tests.harness import Workspace

PROMPT = "How do I look after my marigolds?"
REPLY = "They want to know about flowers.\n</think>\n\nWater them."


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace.make(tmp_path / "project", "safechain")
    made.project(teacher="endpoint")
    made.collected(PROMPT)
    return made


def output_of(workspace: Workspace, url: str, *, show_text: bool = False, preset: str | None = None, **environment: str) -> str:
    with workspace.inside(BUILDERS_TEACHER_URL=url, **environment) as output:
        try_.run("safechain", None, preset, show_text=show_text)
    return output.getvalue()


def test_what_was_sent_and_what_came_is_shown_and_paid_for_once(workspace: Workspace) -> None:
    with serving(lambda _: Answer(REPLY)) as server:
        output = output_of(workspace, server.url, BUILDERS_TEACHER_API_KEY="sk-hidden")
        assert f"sent to {server.url.replace('localhost', '127.0.0.1')}/chat/completions" in output
        assert "headers: Content-Type, Accept-Encoding, Authorization (values are not shown)" in output
        assert "  max_tokens: 4096" in output
        assert "finish reason: stop" in output
        assert not {word for word in ("marigolds", "Water them", "sk-hidden") if word in output}
        shown = output_of(workspace, server.url, show_text=True)
        assert "came (from the ledger" in shown
        assert "  answer: Water them." in shown
        assert PROMPT in shown
        assert len(server.asked) == 1
        workspace.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
        assert len(server.asked) == 3, "three replies are wanted, and one is there"


def test_texts_of_a_family_without_hazard_are_shown_anyway(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hazards, "level", lambda _: "none")
    with serving(lambda _: Answer(REPLY)) as server:
        output = output_of(workspace, server.url)
    assert {text for text in (PROMPT, "answer: Water them.") if text in output} == {PROMPT, "answer: Water them."}


def test_a_reply_that_will_be_rejected_is_told_so(workspace: Workspace) -> None:
    with serving(lambda _: Answer("They want", finish_reason="max_tokens")) as server:
        assert "finish reason: length, for which the row is rejected as reply_truncated" in output_of(workspace, server.url)


def test_what_the_server_refuses_is_one_line_with_the_presets(workspace: Workspace) -> None:
    error = b'{"error": {"code": "context_length_exceeded", "message": "marigolds"}}'
    with serving(lambda _: Answer(status=400, raw=error)) as server:
        with pytest.raises(
            BuildError, match=r'refused: .*"code":"context_length_exceeded".*--preset with one of vllm, '
        ) as caught:
            output_of(workspace, server.url)
        assert "marigolds" not in str(caught.value)


def test_a_preset_asks_as_a_provider_wants_it_and_says_what_to_write(workspace: Workspace) -> None:
    with serving(lambda _: Answer(REPLY)) as server:
        output = output_of(workspace, server.url, preset="openai")
        assert server.asked[0].body["max_completion_tokens"] == 4096
        assert "under sample.synthesize.roles.teacher of the family's params.yaml:" in output
        told = yaml.safe_load(output.rpartition("of the family's params.yaml:\n")[2])
        assert (told["token_limit"], told["sampling"]) == (
            "max_completion_tokens",
            {"temperature": 0.6, "top_p": 0.95, "max_tokens": 4096},
        )
        with pytest.raises(BuildError, match="no such preset; choose one of vllm"):
            output_of(workspace, server.url, preset="nobody")


def test_every_preset_makes_a_role_and_says_where_it_was_read() -> None:
    known = try_.presets()
    wanted = "vllm sglang llama.cpp openai azure gemini deepseek openrouter together mistral anthropic"
    assert set(known) == set(wanted.split())
    for name, preset in known.items():
        assert isinstance(try_.preset_for(ROLE, name), Role)
        assert set(preset) <= {"role", "headers", "extra", "finish", "reasoning", "notes", "source"}
        for source in preset["source"]:
            assert {"repository", "page", "unverified"} & set(source)
            assert source.get("how") == "read" or set(source) == {"unverified"}


def test_without_rows_it_says_what_to_run(tmp_path: Path) -> None:
    empty = Workspace.make(tmp_path / "project", "safechain")
    empty.project(teacher="endpoint")
    with pytest.raises(BuildError, match="there is no row to ask teacher about; run python -m builders collect"):
        output_of(empty, "http://127.0.0.1:1/v1")
    with empty.inside(), pytest.raises(BuildError, match="row to ask judge about; run python -m builders synthesize safechain"):
        try_.run("safechain", "judge", None, show_text=False)


@pytest.mark.parametrize(
    ("name", "changes"), [("openai", {"api": "messages"}), ("anthropic", {"token_limit": "max_completion_tokens"})]
)
def test_a_preset_that_does_not_go_with_the_role_is_one_line(name: str, changes: dict[str, str]) -> None:
    what = "api: messages has no max_completion_tokens and no structured: object"
    with pytest.raises(BuildError, match=f"^{name}: {what}; change the role in the family's params.yaml$"):
        try_.preset_for(role(**changes), name)


def test_every_server_that_may_be_asked_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_TEACHER_URL", "http://a/v1?b=c, http://d/v1/")
    lines = list(try_._sent("teacher", ROLE, question(), hidden=False))  # noqa: SLF001
    assert lines[:4] == [
        "asked about family:0123456789abcdef, sample 0",
        "sent to http://a:80/v1/chat/completions with its query",
        "  or to http://d:80/v1/chat/completions",
        "  headers: Content-Type, Accept-Encoding (values are not shown)",
    ]
    assert (
        '  messages: [{"content":"why?","role":"user"}]' in lines or '  messages: [{"role":"user","content":"why?"}]' in lines
    )


SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1}', "it fits"),
        ('{"a": "b"}', "it does not fit, properties/a/type"),
        ('{"b": 1}', "it does not fit, additionalProperties"),
    ],
)
def test_it_is_told_whether_what_came_fits_its_schema_and_who_counted(text: str, said: str) -> None:
    message = {"tokens": [3, 5], "counted": "bytes"}
    reply = Reply(text, "stop", "key")
    lines = list(try_._report(reply, message, question(schema=SCHEMA), from_ledger=False, hidden=False))  # noqa: SLF001
    assert lines[0] == "came: 3 prompt and 5 completion tokens, counted by their length"
    assert lines[1] == "  finish reason: stop"
    assert lines[-1] == f"  the schema: {said}"
    assert text in "".join(lines)
