"""The template trap: which templates spoil the beginning of a reply, as `decoding` lists them."""

from contextlib import nullcontext

import pytest

from builders.errors import BuildError
from builders.evaluation import templates, thinking
from builders.evaluation.thinking import Strategy
from tests.chat_templates import FOLDER, NAMES

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
