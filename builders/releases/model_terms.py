"""What the licence or the terms of a model say about what it writes: a table, read by name.

A name is that of a repository (`meta-llama/Llama-3.3-70B-Instruct`), of a provider (`gpt-4o-2024-08-06`) or of a server that
spells it its own way (`llama3.3:70b`). Versions and sizes of one family differ, and a distilled model has the terms of the
model it was made from. A name that the table does not have is taken to be bound by terms that are to be looked up. The table
is a reading of published texts as of 2026, not legal advice.
"""

import re
from typing import NamedTuple


class Terms(NamedTuple):
    """What the terms of a model say about what it wrote.

    Args:
        models: a pattern for its name, in lower case, with a dot between the numbers of a version.
        restricted: whether they limit what may be done with it.
        reason: what they say.
    """

    models: str
    restricted: bool
    reason: str


_OWN = Terms("", restricted=False, reason="no model: written by hand, or computed, for this project")
_UNKNOWN = Terms("", restricted=True, reason="not in our table: look up what its terms say about what it writes")
_COMPETING = "the provider's terms: not to develop models that compete with its own"
_LLAMA = "Llama licence, from 3.1 on: a model trained on it is named Llama-…, with 'Built with Llama'"
_TONGYI = "Tongyi Qianwen licence: not to improve other large language models"
_QWEN = "Qwen licence: 'Built with Qwen' on a model trained on it"
_QWEN_RESEARCH = "Qwen research licence: for no commercial purpose; 'Built with Qwen' on a model trained on it"
_DEEPSEEK = "DeepSeek model licence: a model trained on it is bound by its restrictions of use"
_MISTRAL = "Mistral research licence: for no commercial purpose"
_APACHE = "Apache-2.0: no terms for what it writes"
_MIT = "MIT: no terms for what it writes"

_MODELS = (  # the first that fits counts
    Terms(r"tinyllama|open_?llama", restricted=False, reason=_APACHE),
    Terms(r"(^|/)llama-(7|13|30|33|65)b", restricted=True, reason="LLaMA licence of 2023: for research, not commercially"),
    Terms(
        r"code-?llama|llama-?guard-7b|llama-?v?2(?!\d)",
        restricted=True,
        reason="Llama 2 licence: not to improve other large language models",
    ),
    Terms(
        r"llama-?guard-2|llama-?v?3(?!\.?\d|-[1-3](?![\db]))",
        restricted=True,
        reason="Llama 3 licence, of 3.0 alone: not to improve other large language models",
    ),
    Terms(r"llama", restricted=True, reason=_LLAMA),
    Terms(r"gpt-oss", restricted=False, reason=_APACHE),
    Terms(r"claude|gpt-?[345]|(^|/)o[134](-|$)|davinci|gemini|bison", restricted=True, reason=_COMPETING),
    Terms(r"grok-1(?!\d)", restricted=False, reason=_APACHE),
    Terms(r"grok", restricted=True, reason="xAI's terms: not to train other models on it"),
    Terms(r"(^|/)gemma-?4-", restricted=False, reason=_APACHE),
    Terms(r"gemma", restricted=True, reason="Gemma terms: a model trained on it is bound by their restrictions of use"),
    Terms(r"deepseek-r1", restricted=False, reason="MIT: training other models on what it writes is allowed"),
    Terms(r"deepseek-v3[.-](0324|[12])|deepseek-v4", restricted=False, reason=_MIT),
    Terms(
        r"deepseek-(chat|reasoner)$",
        restricted=False,
        reason="DeepSeek's terms of service: training other models on what it writes is allowed",
    ),
    Terms(r"deepseek-(v2|v3|coder|math|llm|moe|vl|prover)", restricted=True, reason=_DEEPSEEK),
    Terms(r"internvl2\.5-4b|qwen2\.5-(vl-|coder-|omni-)?3b", restricted=True, reason=_QWEN_RESEARCH),
    Terms(r"internvl.*-78b|(qwen2\.5|qvq)-.*72b|kimi-dev", restricted=True, reason=_QWEN),
    Terms(r"qwen2-.*72b|qwen1\.5|qwen-(1\.8b|7b|14b|72b|vl|audio)", restricted=True, reason=_TONGYI),
    Terms(
        r"qwen(2|2\.5|3|3\.5|3\.6)-(?!.*(max|plus|turbo|flash))|qwq-32b|qwen3\.8-27b",
        restricted=False,
        reason=_APACHE,
    ),
    Terms(r"internvl", restricted=False, reason="MIT or Apache-2.0: no terms for what it writes"),
    Terms(r"(^|/)phi-?[1-4]", restricted=False, reason=_MIT),
    Terms(
        r"mistral-large-(instruct-)?24\d\d|mistral-small-(instruct-)?2409|pixtral-large|ministral-8b|ministral.*2410",
        restricted=True,
        reason=_MISTRAL,
    ),
    Terms(r"mamba-codestral|codestral-mamba", restricted=False, reason=_APACHE),
    Terms(r"codestral", restricted=True, reason="Mistral non-production licence: for no commercial purpose"),
    Terms(
        r"mistral-(7b|nemo)|mixtral|mistral-small-(3|4|24b)|mistral-large-3|ministral-3-|magistral-small|devstral-small|"
        r"pixtral-12b|mathstral",
        restricted=False,
        reason=_APACHE,
    ),
    Terms(r"command-[ar]|c4ai|(^|/)aya|tiny-aya", restricted=True, reason="CC-BY-NC-4.0: for no commercial purpose"),
    Terms(
        r"(^|/)yi-(1\.5-)?(6b|9b|34b)|olmo|granite|falcon-(7b|40b)|minimax-m1|smollm|seed-oss", restricted=False, reason=_APACHE
    ),
    Terms(r"(^|/)glm-(4\.[15-9]|5|z1|.*0414)|mimo", restricted=False, reason=_MIT),
    Terms(r"kimi-(k2|vl|linear)", restricted=False, reason="MIT, for all but very large services: no terms for what it writes"),
    Terms(r"nemotron(?!-research)", restricted=False, reason="NVIDIA's open model licence: no claim to what it writes"),
    Terms(r"falcon", restricted=True, reason="TII Falcon licence: bound to its policy of acceptable use"),
    Terms(r"hunyuan", restricted=True, reason="Tencent's licence: not to improve other large language models"),
    Terms(r"exaone", restricted=True, reason="LG's licence: for research, not commercially"),
)
_MODELLESS = ("recorded", "symbolic")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)[_p](?=\d)")
_OTHER_DASH = re.compile(r"[:\s]+")


def terms(server: str, model: str) -> Terms:
    """Return what is known of what a model wrote.

    Args:
        server: who answered, as the ledger has it.
        model: its name.
    """
    if server in _MODELLESS:
        return _OWN
    name = _OTHER_DASH.sub("-", _BETWEEN_NUMBERS.sub(".", model.lower()))
    return next((known for known in _MODELS if re.search(known.models, name)), _UNKNOWN)
