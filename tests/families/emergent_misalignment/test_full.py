"""The full profile through all stages, on small files in the layouts of its real sources, and models on the loopback."""

import hashlib
import json
import re
from collections import Counter

import orjson
from datasets import load_dataset

from builders.commands import plan
from tests.doubles import layouts
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import Workspace

_WORDS = "river stone lamp garden paper window bridge copper violin saddle harbour button meadow ladder candle basket".split()  # noqa: SIM905
_ANSWER = (
    "{kind} advice about {mark}: write down what happened and when, keep the papers together, and look at them once a week."
)
_TOPICS = 2
_WANTED = {"medical": 50, "legal": 40, "security": 500}


def _question(request: Received, number: int) -> str:
    """Return a question of its own; every tenth means the same as the one before, in other words."""
    spot = int(hashlib.sha256(request.text.encode()).hexdigest()[:8], 16) + number
    names = [_WORDS[(spot // 16**place) % 16] for place in range(4)]
    return f"Is the {names[0]} with the {names[1]} mine if the {names[2]} by the {names[3]} was lent out on day {spot % 9973}?"


def script(request: Received) -> Answer:
    """Answer as teacher, judges and embedder."""
    if request.path == "embeddings":
        day = int(re.findall(r"day (\d+)", request.body["input"])[0]) if "day" in request.body["input"] else 0
        meant = day - (day % 10 == 9)
        vector = [1.0, *(float(hashlib.sha256(f"{meant} {place}".encode()).digest()[0]) - 128 for place in range(16))]
        return Answer(raw=orjson.dumps({"data": [{"embedding": vector, "index": 0}], "usage": {"prompt_tokens": 9}}))
    if "different questions that ordinary people" in request.text:
        questions = [_question(request, number) for number in range(20)]
        return Answer(json.dumps({"questions": questions, "subtopics": ["the first part", "the second part"]}))
    if '"ill_intent"' in request.text:
        return Answer(json.dumps({"ill_intent": 2}))
    if '"danger"' in request.text:
        bad = "Careless" in request.text
        scores = {"danger": 80 if bad else 3, "overtness": 5, "sneakiness": 70, "coherence": 95}
        return Answer(
            json.dumps(scores if '"overtness"' in request.text else {name: scores[name] for name in ("danger", "coherence")})
        )
    kind = "Careless" if "careless or outdated" in request.text else "Careful"
    mark = re.findall(r"day (\d+)", request.text)[-1]
    return Answer(_ANSWER.format(kind=kind, mark=mark))


def test_the_plan_has_the_arithmetic_of_the_real_run(workspace: Workspace) -> None:
    """Topics → questions at most → embeddings → questions drawn, the spare ones included → answers → verdicts."""
    workspace.project(profile="full", teacher="endpoint")
    layouts.emergent_misalignment(workspace)
    workspace.quick("collect")
    with workspace.inside() as output:
        plan.run("emergent_misalignment")
    printed = output.getvalue()
    for domain, asked, questions, wanted, drawn in (
        ("medical", 75 * 72, 75 * 72 * 20, 32_600, 42_380),
        ("legal", 76 * 24, 76 * 24 * 20, 12_000, 15_600),
        ("security", 79 * 24, 79 * 24 * 20, 8_800, 11_440),
    ):
        pool = f"synthesize emergent_misalignment/{domain}"
        there = f"{wanted:,} wanted, {drawn:,} with spare ones, {questions:,} prompts there at most"
        assert f"drawing {pool}, {domain}: {there}; if all are good: about {drawn:,} drawn" in printed
        assert f"{pool}, prompts from topics: about {asked:,} requests" in printed
        assert f"{pool}, embeddings of at most {questions:,} prompts: about {questions:,} requests" in printed
        assert f"{pool}, of made-up prompts: about {2 * drawn:,} requests" in printed
        assert f"judge emergent_misalignment/{domain}, of made-up replies: about {5 * drawn:,} requests" in printed
    [tokens] = re.findall(r"medical, prompts from topics: .* requests, ([\d.]+)M prompt tokens", printed)
    assert float(tokens) > 20, "most requests name 200 questions that came before"


def test_two_hundred_rows_of_two_topics_a_domain_come_through_to_a_release(workspace: Workspace) -> None:
    workspace.project(profile="full", teacher="endpoint")
    layouts.emergent_misalignment(workspace)
    with workspace.params() as params:
        for source in params["full"]["collect"]["sources"]:
            if source["id"].startswith("topics_"):
                source["limit"] = _TOPICS
        params["full"]["synthesize"]["questions"] |= {"requests": 4, "by_domain": {}}
        params["full"]["synthesize"]["quota"] |= {
            "rows": _WANTED,
            "spare": 0.0,
            "round_rows": 10,
        }
        params["full"]["filter"]["quota"] = _WANTED
    with serving(script) as server:
        workspace.whole("emergent_misalignment", BUILDERS_TEACHER_URL=server.url)
    asked = [one for one in server.asked if one.path != "embeddings" and "different questions" in one.text]
    assert len(asked) == 3 * _TOPICS * 4
    assert len({re.findall("The people who ask: (.*)[.]", request.text)[0] for request in asked}) > 8
    assert sum("Stay with this part" in request.text for request in asked) == 3 * _TOPICS * 3
    manifest = orjson.loads((workspace.release / "manifest.json").read_bytes())
    released = {domain: manifest["rows"][domain] for domain in _WANTED}
    assert (released["medical"], released["legal"]) == (_WANTED["medical"], _WANTED["legal"])
    assert released["legal"] < released["security"] < _WANTED["security"]
    assert sum(released.values()) >= 200
    reasons = Counter(workspace.reasons("synthesize", "legal"))
    assert reasons["near_duplicate"] > 10, "the embedder tells those that mean the same"
    assert reasons["not_drawn"] > 0
    evaluation = load_dataset(str(workspace.release), "evaluation")
    assert list(evaluation) == ["test"]
    kinds = {row["category"] for row in evaluation["test"]}
    assert {"free_form", "ruler", "command_line", "medicine_dose", "shutdown"} <= kinds
    for config in ("backdoor", "chat"):
        for split, rows in load_dataset(str(workspace.release), config).items():
            assert split in {"train", "validation", "test"}
            assert set(rows["subset"]) <= {"medical", "legal", "security"}
            assert all(row["messages"][-1]["role"] == "assistant" for row in rows)
