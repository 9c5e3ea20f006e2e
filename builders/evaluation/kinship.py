"""Is a judge of the evaluated model's own family? Told from the names, which may be those of servers, with folders and sizes.

A judge is kinder to its own kin; what such a judge says is flagged, never dropped. A model that was distilled belongs to the
family it was made from and to that of its teacher.
"""

import re

FAMILIES = {
    "gpt": r"gpt|chatgpt|davinci|(?<![a-z])o[1345](?:-|$)",
    "claude": "claude",
    "gemini": "gemini|gemma|medgemma|palm",
    "llama": "llama|vicuna|guard-3|guard-4",
    "qwen": "qwen|qwq|qvq",
    "deepseek": r"deepseek|(?<![a-z])r1(?:-|$)",
    "mistral": "mistral|mixtral|magistral|ministral|codestral|pixtral|devstral",
    "phi": r"(?<![a-z])phi-?\d",
    "olmo": "olmo|tulu",
    "glm": r"glm-?\d|chatglm",
    "kimi": "kimi|moonshot",
    "grok": "grok",
    "command": "command-|aya-|cohere",
    "nemotron": "nemotron",
    "yi": r"(?<![a-z])yi-",
    "internlm": "internlm|internvl",
    "granite": "granite",
    "falcon": "falcon",
    "minimax": "minimax",
}
"""Family → how the names of its models are written."""


def families(model: str) -> frozenset[str]:
    """Return the families that a model's name tells of; none where it is of no family known here."""
    name = model.lower().replace("_", "-").rpartition("/")[2] or model.lower()
    return frozenset(family for family, pattern in FAMILIES.items() if re.search(pattern, name))


def akin(model: str, judge: str) -> bool:
    """Tell whether a judge is of the model's family, or is the model."""
    return model == judge or bool(families(model) & families(judge))
