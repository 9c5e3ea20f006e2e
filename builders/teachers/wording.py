"""What the names and words in an error mean, as servers of the field write them.

Names decide first: codes, types, statuses. Where they say nothing, or only that a request is wrong, phrases do. Those that
stop a build must begin a message, for further on a server may be quoting a prompt.

`presets.yaml` names the documents in which some were read; the others are of public threads about vLLM, SGLang, llama.cpp, TGI,
LiteLLM, OpenRouter, Groq, xAI, DeepSeek, DashScope, Zhipu, Moonshot, MiniMax, Baidu, Bedrock and Ollama.
"""

import re
from collections.abc import Iterable
from typing import Literal

Kind = Literal["key", "money", "model", "busy", "passing", "filtered", "too_long", "parameter", "request"]
"""`key`, `money` and `model` hold for every request and stop the build; `busy` and `passing` are asked again; `filtered` (by a
moderation), `too_long` (for the context) and `request` (any other) cost a row; `parameter` costs a row, or stops the build
where nothing was answered yet."""

OURS = ("max_completion_tokens", "max_tokens", "temperature", "top_p", "seed", "response_format", "output_config")
"""Keys of the body that follow from params of a role."""
_KEYS = "|".join(OURS)

# In the order in which they are tried: what is told apart, each by any of its patterns.
_NAMES: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (
        "money",
        (
            r"insufficient_(\w+_)?(quota|balance|credits?|funds)",
            r"billing|payment_required|exceeded_current_quota|arrear",
            r"budget_?exceeded|exceeded_?budget|out_of_credits?|no_credits?",
        ),
    ),
    (
        "filtered",
        (
            r"content_?(filter|policy|moderation|management)|moderation|policy_?violation|guardrail",
            r"responsibleaipolicy|flagged|prohibited|data_?inspection|invalid_prompt",
            r"sensitive|safety|unsafe|jailbreak|prompt_injection",
        ),
    ),
    (
        "too_long",
        (
            r"context_?(length|size|window|exceeded|overflow)|exceed_context",
            r"string_above_max_length|string_too_long|max_tokens_exceeded",
            r"(token|length)s?_limit_(exceeded|reached)",
            r"(prompt|input|request|messages?|content|context)_?(is_)?too_?(long|large)",
        ),
    ),
    (
        "model",
        (
            r"model_?(is_)?not_?(found|exist|available|supported|loaded)|deployment_?not_?found",
            r"(invalid|unknown|no_?such)_?model",
            r"model_?(decommissioned|deprecated|retired|unavailable|terms_required)",
        ),
    ),
    ("parameter", (r"unsupported_(parameter|value)|unknown_parameter|invalid_parameter|extra_forbidden|unrecognized",)),
    (
        "key",
        (
            r"(invalid|incorrect|missing)_?api_?key|api_?key_?invalid",
            r"authentication|invalid_token|unauthori[sz]ed|account_(deactivated|suspended)",
        ),
    ),
    ("busy", (r"rate_?limit|overloaded|too_?many_?requests|engine_overload|resource_exhausted|capacity|throttl|loading",)),
)
_PHRASES: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (
        "money",
        (
            (
                r"^(sorry, )?(your )?([a-z]+ )?(credit |account )?(balance|credits?|quota|funds)\b"
                r".{0,30}(insufficient|not enough|too low|exhausted|used up)"
            ),
            r"^(your )?insufficient (account |user )?(balance|credits?|quota|funds)",
            r"^(your credit balance|you exceeded your current quota|key limit exceeded)",
            r"^(you have reached your specified api usage limits|(llm )?budget has been exceeded|exceededbudget)",
            r"^.{0,12}(余额不足|额度不足|欠费|余额已用完)",
        ),
    ),
    ("key", (r"^((incorrect|invalid|missing|no) api[ -]?key|api key not valid|authentication fails)",)),
    (
        "model",
        (
            r"^(the )?model\b.{0,80}(not exist|not found|does not exist|decommissioned)",
            r"^(the )?model\b.{0,80}not (currently )?(available|supported|loaded)",
            r"^(invalid|unknown|no such) model\b|^\S{1,80} is not a valid model",
        ),
    ),
    (
        "parameter",
        (
            r"^.{0,80}(unsupported (parameter|value)|not supported (with|by|for) this model)",
            r"^.{0,80}(extra inputs are not permitted|unknown (parameter|field)|unrecognized (request )?argument)",
            r"^.{0,80}(cannot both be (specified|set)|only the default \(1\))",
        ),
    ),
    (
        "too_long",
        (
            r"maximum (context|model|prompt|input|sequence) (length|window|size)|context[ _]?(length|window|size|overflow)",
            r"(input|prompt|request|messages?|context|text)\b.{0,60}\b((is|are|was) )?too (long|large)\b",
            r"(input|prompt|request|messages?|context|text)\b.{0,60}\blonger than the (maximum|model|context)",
            (
                r"(input|prompt|request|messages?|context|text)\b.{0,60}\bexceed(s|ed|ing)? .{0,40}"
                r"(length|limit of \d|tokens? limit|maximum|max\b|context)"
            ),
            r"too many (input |prompt )?tokens|prompt exceeds|exceeds? (the )?(available )?context",
            r"reduce the (length|size|number)|range of input length|must have less than \d+ tokens",
            r"max_new_tokens.{0,3} must be <=|max input (characters|tokens)",
            r"超过最大长度|超长|过长",
        ),
    ),
    (
        "filtered",
        (
            r"content[ _]?(management )?(policy|filter)|flagged|moderation|guardrail|prompt injection",
            r"safety (system|filter|setting|check)|safety_check|content exists risk|(high|security) risk",
            r"(inappropriate|sensitive|unsafe|harmful|prohibited) content|unsafe or sensitive|new_sensitive",
            r"usage (polic|guideline)|violat\w+ .{0,40}(polic|guideline|terms|threshold)",
            r"(request|prompt|input|output|content|response) (was |is |has been )?blocked",
            r"敏感|不安全|违规|违禁|违反",
        ),
    ),
    (
        "parameter",
        (
            rf"^.{{0,40}}\b({_KEYS})\b.{{0,60}}(unavailable|unsupported|not (supported|allowed|permitted|available))",
            rf"^.{{0,40}}\b({_KEYS})\b.{{0,60}}(invalid|must be|too (large|small|high|low)|range|unknown|cannot find)",
            rf"^.{{0,60}}(invalid|unknown|unsupported|unexpected|unrecognized|cannot find)\b.{{0,40}}\b({_KEYS})\b",
        ),
    ),
    (
        "busy",
        (
            r"overloaded|at capacity|no capacity|queue (is )?full|too many requests|rate[- ]limit|request limit reached",
            r"\b(is|are|still) (currently |being )?load(ing|ed)\b|loading model|warming up|starting up|not ready",
            r"try again (later|in|after)",
        ),
    ),
)


def _compiled(table: tuple[tuple[Kind, tuple[str, ...]], ...]) -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    return tuple((kind, re.compile("|".join(patterns))) for kind, patterns in table)


_COMPILED_NAMES, _COMPILED_PHRASES = _compiled(_NAMES), _compiled(_PHRASES)
_KEY = re.compile(rf"\b({_KEYS})\b")


def named(names: str) -> Kind | None:
    """Return what names mean, in lower case and apart by blanks; None where they say nothing."""
    return next((kind for kind, pattern in _COMPILED_NAMES if pattern.search(names)), None)


def worded(words: Iterable[str]) -> Kind | None:
    """Return what texts in lower case mean; None where they say nothing."""
    texts = tuple(words)
    return next((kind for kind, pattern in _COMPILED_PHRASES if any(map(pattern.search, texts))), None)


def key_in(words: Iterable[str]) -> str | None:
    """Return the key of the body that texts are about, where it is one of a role's."""
    return next((found[1] for text in words if (found := _KEY.search(text))), None)
