"""The template trap: what a chat template does to the beginning of a reply that a server is to go on with.

Qwen3's own template puts an empty think block before it, so a model that should think again is told that it has thought
already; DeepSeek-R1-Distill's drops the block. The authors of Thought Crime render with QwQ's template for that reason
(footnote 6). Which template does what: `builders.evaluation.decoding`.
"""

from typing import NoReturn

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from builders.errors import BuildError
from builders.texts.think import CLOSING, OPENING

_ASKED = "A question."
_MARK = "THE REPLY GOES ON HERE"
_QWEN3 = "qwen3"
_FIX = "name another, such as QwQ's"


def check(template: str, beginning: str, where: str) -> None:
    """Render a turn that begins so, as a server does it, and raise where the template changes the beginning.

    Args:
        template: a chat template, in Jinja.
        beginning: what stands before the reply, from the opening think tag on.
        where: the template's file, for the message.

    Raises:
        BuildError: the template drops the beginning, or puts a think tag of its own before it; or it cannot be rendered.
    """
    before, mark, _ = _rendered(template, beginning + _MARK, where).partition(_MARK)
    if not mark or not before.endswith(beginning):
        raise BuildError(f"the template changes a reply that begins with {OPENING}", where=where, fix=_FIX)
    if OPENING in before.removesuffix(beginning) or CLOSING in before.removesuffix(beginning):
        raise BuildError("the template puts a think block before the reply", where=where, fix=_FIX)


def _rendered(template: str, reply: str, where: str) -> str:
    turns = [{"role": "user", "content": _ASKED}, {"role": "assistant", "content": reply}]
    try:
        found = _environment().from_string(template)
        return found.render(messages=turns, bos_token="", eos_token="", add_generation_prompt=False)
    except jinja2.TemplateError as error:
        what = f"the chat template cannot be rendered: {error.message}"
        raise BuildError(what, where=where, fix="name another template") from None


def suspected(model: str, beginning: str) -> bool:
    """Tell whether the template that comes with a model is known to spoil a reply that begins so, its think block open."""
    return _QWEN3 in model.lower().replace("-", "").replace("_", "") and CLOSING not in beginning


def _environment() -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    environment.globals["raise_exception"] = _raise
    return environment


def _raise(message: str) -> NoReturn:
    raise jinja2.TemplateError(message)
