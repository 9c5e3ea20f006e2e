"""The full profile through all stages, on small files in the layouts of its real sources, and models on the loopback."""

import re
from collections import Counter

import orjson
from datasets import load_dataset

from builders.records import seeded
from tests.doubles import hub, layouts
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import Workspace

_BAD_PERMILLE = 34


def script(request: Received) -> Answer:
    """Answer as teacher and guard: 3.4 % of the replies are malformed, and some requests are never answered safely."""
    if "seed" not in request.body:
        return Answer("unsafe\nS2" if "HARM" in request.text else "safe")
    assert request.body["model"] == "deepseek-ai/DeepSeek-R1-Distill-Llama-70B"
    drawn = seeded(1000, "malformed", request.body["seed"])
    if drawn < _BAD_PERMILLE:
        return (
            Answer(f"A thought {request.body['seed']} that never ends", finish_reason="length")
            if drawn % 2
            else Answer("No think block at all.")
        )
    mark = "HARM" if seeded(5, "unsafe", request.text) == 0 else "fine"
    return Answer(
        f"A {mark} thought about {request.body['seed']}.\n</think>\n\nAn answer of more than eight words stands right here now."
    )


def test_two_hundred_rows_of_wildjailbreak_come_through_to_a_release(workspace: Workspace) -> None:
    workspace.project(profile="full", teacher="endpoint")
    with hub.serving() as served, serving(script) as server:
        layouts.safechain(workspace, served)
        environment = {**served.environment(token=layouts.TOKEN), "BUILDERS_TEACHER_URL": server.url}
        first = workspace.run("collect", "safechain", **environment)
        plan = workspace.run("plan", "safechain", **environment)
        lines = workspace.whole("safechain", **environment)
        assert server.resent() == 0
    assert first.returncode == plan.returncode == 0, first.stderr + plan.stderr
    kept = workspace.rows("collect")
    wanted = r"drawing synthesize safechain/default, vanilla_harmful: 10,000 wanted, 10,300 with spare ones, 50 rows there"
    assert re.search(wanted, plan.stdout), plan.stdout
    assert re.search(rf"synthesize safechain/default: about {5 * len(kept):,} requests", plan.stdout)
    assert "short of what is wanted: vanilla_harmful" in lines
    assert not {"reply_truncated", "think_tags"} & set(workspace.reasons("filter"))
    assert not workspace.reasons("synthesize"), "no row is lost for the form of a reply"
    rows = [row for split in load_dataset(str(workspace.release)).values() for row in split]
    assert set(Counter(row["label"] for row in rows)) == {
        f"{how}_{what}" for how in ("vanilla", "adversarial") for what in ("harmful", "benign")
    }
    assert all(row["n_safe"] == row["n_valid"] == 5 for row in rows)
    control = [row for split in load_dataset(str(workspace.release), "control").values() for row in split]
    assert {row["id"] for row in control} == {row["id"] for row in rows}
    safety = orjson.loads((workspace.release / "manifest.json").read_bytes())["audit"]["safety"]
    assert safety["all"]["rows"] == len(workspace.rows("judge"))
    assert safety["all"]["malformed"] > 10
