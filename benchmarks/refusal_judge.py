"""What the judge of `refusal: judge` says of labelled answers, asked as `safechain` asks it; for `benchmarks.refusals --judge`.

The server is named by `BUILDERS_REFUSAL_JUDGE_URL`, its key by `BUILDERS_REFUSAL_JUDGE_API_KEY`. An answer without a verdict
counts as what the rule says, as in a build.
"""

import os
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import orjson

from builders.asking import structured
from builders.families.safechain import refusing
from builders.params.roles import Role, Sampling
from builders.records import canonical
from builders.refusals import detector
from builders.refusals.detector import Kind

URL, KEY = "BUILDERS_REFUSAL_JUDGE_URL", "BUILDERS_REFUSAL_JUDGE_API_KEY"
_AT_ONCE = 16
_PATIENCE = 300


def verdicts(pairs: Sequence[tuple[str, str]], model: str, url: str) -> tuple[list[Kind], int]:
    """Return what the judge says of each prompt and answer, and how often the rule had to be in."""
    sampling = Sampling(temperature=0.0, top_p=1.0, max_tokens=512)
    role = Role(model=model, revision=None, server=None, api="chat", engine=None, sampling=sampling, prices=None, repairs=0)

    def one(pair: tuple[str, str]) -> Kind | None:
        body = {"model": model, **refusing.question(role, "", 0, *pair).body}
        return _kind(_replied(url, body))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        judged = list(pool.map(one, pairs))
    kinds = [kind or detector.refusal(*pair).kind for kind, pair in zip(judged, pairs, strict=True)]
    return kinds, judged.count(None)


def _replied(url: str, body: dict[str, object]) -> str:
    headers = {"Content-Type": "application/json"}
    if key := os.environ.get(KEY):
        headers["Authorization"] = f"Bearer {key}"
    request = urllib.request.Request(f"{url.rstrip('/')}/chat/completions", orjson.dumps(body), headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=_PATIENCE) as response:  # noqa: S310
        message = orjson.loads(response.read())["choices"][0]["message"]
    return str(message.get("content") or "")


def _kind(text: str) -> Kind | None:
    value, fault = structured.parsed(text, canonical(refusing.SCHEMA))
    return None if fault else value["refusal"]
