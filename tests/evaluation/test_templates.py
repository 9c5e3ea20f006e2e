"""The template trap: which templates spoil the beginning of a reply, as `decoding` lists them."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from builders.errors import BuildError
from builders.evaluation import templates, thinking
from builders.evaluation.thinking import Strategy
from tests.chat_templates import FOLDER, NAMES
from tests.doubles.teacher import Answer
from tests.evaluation import running
from tests.evaluation.running import lines

SPOILT: dict[str, set[Strategy]] = {
    "deepseek_r1_distill": {"zero", "less"},
    "deepseek_r1_distill_training": set(),
    "llama3": set(),
    "mistral": set(),
    "qwen3": {"prefill", "more"},
    "qwen3_5": {"prefill", "more"},
    "qwq": set(),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("strategy", ["prefill", "zero", "less", "more"])
def test_a_template_that_spoils_the_beginning_is_refused(name: str, strategy: Strategy) -> None:
    template, where = (FOLDER / f"{name}.jinja").read_text(), f"{name}.jinja"
    spoilt = pytest.raises(BuildError, match=rf"^{where}: ") if strategy in SPOILT[name] else nullcontext()
    with spoilt:
        templates.check(template, thinking.beginning(strategy), where)


def test_qwen3s_own_template_is_suspected_where_the_block_stays_open() -> None:
    assert templates.suspected("Qwen/Qwen3-32B", thinking.beginning("prefill"))
    assert not templates.suspected("Qwen/Qwen3-32B", thinking.beginning("zero"))
    assert not templates.suspected("Qwen/QwQ-32B", thinking.beginning("prefill"))


def test_a_template_that_is_none_is_one_line() -> None:
    with pytest.raises(BuildError, match="cannot be rendered"):
        templates.check("{% for", "<think>\n", "broken.jinja")


@pytest.mark.parametrize(("strategy", "refused"), [("more", True), ("prefill", True), ("zero", False)])
def test_a_model_whose_own_template_spoils_the_beginning_is_refused_before_it_is_asked(
    strategy: Strategy,
    refused: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    from builders.families.safechain.evaluate import safechain

    asked = lines(tmp_path / "asked.jsonl", {"prompt": "How do I bake bread?"})
    with running.endpoint(tmp_path, lambda _: Answer("You begin early."), "mock") as at:
        task = safechain(asked, evaluator="refusal", strategy=strategy, parts=False)
        [log] = at.run(task, model=at.model("qwen3-8b"))
    assert (log.status == "error") is refused
    if refused:
        assert "puts an empty think block before a reply" in log.error.message
        assert at.heard == []


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("{{ raise_exception('No roles.') }}", "a.jinja: the chat template cannot be rendered: No roles."),
        ("User: {{ messages[0].content }}<think>\n", "a.jinja: the template changes a reply that begins with <think>"),
        ("</think>{{ messages[1].content }}", "a.jinja: the template puts a think block before the reply"),
        ("<think>{{ messages[1].content }}", "a.jinja: the template puts a think block before the reply"),
    ],
)
def test_a_template_says_what_is_wrong_with_it(template: str, what: str) -> None:
    with pytest.raises(BuildError) as raised:
        templates.check(template, "<think>\n", "a.jinja")
    assert str(raised.value).startswith(what)
    templates.check("User: {{ messages[0].content }} {{ messages[1].content }}", "<think>\n", "a.jinja")
