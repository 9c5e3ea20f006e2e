"""try: one row is asked about, and what was sent, what came and what was refused is shown; the reply is not paid for twice."""

from pathlib import Path

import pytest

from builders.commands import try_
from builders.errors import BuildError
from builders.params.roles import Role
from tests.doubles.asking import ROLE
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
        assert "token_limit: max_completion_tokens" in output
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
