"""The judge in the study of refusals: asked as in a build, counted like any other labeller."""

import orjson
import pytest

pytest.importorskip("sklearn")

from benchmarks import refusal_judge
from tests.doubles.teacher import Answer, Received, serving


def test_the_judge_s_labels_come_in_the_order_asked_and_the_rule_stands_in() -> None:
    def script(request: Received) -> Answer:
        text = orjson.dumps(request.body).decode()
        if "silent" in text:
            return Answer("no idea")
        return Answer('{"refusal": "partial"}' if "half" in text else '{"refusal": "none"}')

    pairs = [("Q", "half of it"), ("Q", "all of it"), ("Q", "silent. I can't help with that.")]
    with serving(script) as server:
        kinds, silent = refusal_judge.verdicts(pairs, "double", server.url)
    assert kinds == ["partial", "none", "full"]
    assert silent == 1
