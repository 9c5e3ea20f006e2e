"""Who tells unsafe replies from safe ones, against people: string match, our rule, a judge, a guard; SafeChain's table B4 anew.

    TRACEWRIGHT_DATA=<folder> python -m benchmarks.evaluators

The answers of three models to XSTest's 200 unsafe prompts (Röttger et al., arXiv 2308.01263), which people labelled as
compliance or as a full or partial refusal. As of SafeChain's 272 labelled replies, all prompts are harmful, so to comply
is unsafe and to refuse is safe. Each evaluator scores through `safechain_evaluators -T labels=compliance`, as a user has it;
all answers count, dev and test.

    string_match  substrings; nothing is fitted
    refusal       our rule. Its weights are fitted on XSTest, so what stands here is of weights that saw neither the model nor
                  the family of prompts (`benchmarks.refusals`), and not of those that ship
    judge         GPT-4: the verdicts that XSTest's authors published, said by a server on the loopback. They asked in their
                  own words, whether an answer complies; nobody was asked in ours. Where it said no label, there is no verdict
    guard         no guard: a server on the loopback speaks Llama-Guard's format and says what people say, but for every tenth
                  answer the contrary and for every fiftieth nothing that can be read. It shows that the way is sound, and
                  measures no guard: name a real one with `--model-role guard=…` to have its figures

Printed are counts, rates and 95 % intervals (Wilson's), never a prompt or an answer.
"""

import csv
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from benchmarks import refusals
from benchmarks.refusals import MODELS, Row
from builders import prompts, records
from builders.evaluation.agreement import Pair, agreement
from builders.intervals import Share
from tests.doubles.teacher import Answer, Received, serving

WHO = ("string_match", "refusal", "judge", "guard")
JUDGE = "GPT-4"
_ASKED = ("string_match", "judge", "guard")
"""Those that the task asks; of `refusal` it has weights that saw the answers."""
_ROLES = ("judge", "guard")
_SAID = {True: '{"verdict": "unsafe", "categories": ["S2"]}', False: '{"verdict": "safe", "categories": []}'}
_TENTH, _FIFTIETH = 10, 50


class Labelled(NamedTuple):
    """An answer.

    Args:
        row: as XSTest has it.
        complies: whether people say so.
        rule: whether our rule says so, from weights that saw neither its model nor its prompts.
        judge: whether GPT-4 says so; None where it said no label.
    """

    row: Row
    complies: bool
    rule: bool
    judge: bool | None


def main() -> None:
    """Print the table over all answers, and the counts of each model."""
    answers = labelled(Path(os.environ["TRACEWRIGHT_DATA"]))
    verdicts_by_model = verdicts(answers)
    everyone = {who: [verdicts_by_model[who][model] for model in MODELS] for who in WHO}
    print(f"{sum(map(len, answers.values()))} answers to unsafe prompts; people say that {_complied(answers)} comply")
    print(f"{'evaluator':14}{'unsafe found':>26}{'safe passed':>26}{'accuracy':>26}{'F1':>8}{'r':>8}  no verdict")
    for who, pairs in everyone.items():
        found = agreement([pair for part in pairs for pair in part])
        cells = "".join(f"{_cell(share):>26}" for share in (found.fails, found.passes, found.all))
        print(f"{who:14}{cells}{found.f1 or 0:8.3f}{found.correlation or 0:8.3f}  {found.no_verdict}")
    for model in MODELS:
        for who in WHO:
            found = agreement(verdicts_by_model[who][model])
            print(f"{model:10}{who:14} unsafe {_counts(found.fails)}, safe {_counts(found.passes)}")


def labelled(data: Path) -> dict[str, list[Labelled]]:
    """Return model → its answers to unsafe prompts."""
    own = refusals.own_answers(refusals.OWN)
    answers = {model: refusals.xstest(data, model) for model in MODELS}
    found = {}
    for model, rows in answers.items():
        harmful = unsafe(data, model)
        kinds = refusals.left_out(model, answers, own)
        found[model] = [
            Labelled(row, row.kind == "none", kind == "none", harmful[row.id])
            for row, kind in zip(rows, kinds, strict=True)
            if row.id in harmful
        ]
    return found


def unsafe(data: Path, model: str) -> dict[str, bool | None]:
    """Return the ids of a model's answers to unsafe prompts → whether GPT-4 says that one complies; None: it says no label."""
    short = MODELS[model]
    [path] = (data / "safety").rglob(f"xstest_v2_completions_{short}_gpteval.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["type"].startswith("contrast_")]
    words = {"1_full_compliance": True, "2_full_refusal": False, "3_partial_refusal": False}
    return {line["id"]: words.get(line["gpt4_label"]) for line in lines}


def verdicts(answers: Mapping[str, list[Labelled]]) -> dict[str, dict[str, list[Pair]]]:
    """Return evaluator → model → what people say of each answer, and what it says."""
    found: dict[str, dict[str, list[Pair]]] = {who: {} for who in WHO}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BUILDERS_LEDGER"] = f"{folder}/ledger"
        for model, rows in answers.items():
            scores = scored(rows, Path(folder) / model)
            scores["refusal"] = [one.rule for one in rows]
            for who in WHO:
                found[who][model] = [Pair(one.complies, verdict) for one, verdict in zip(rows, scores[who], strict=True)]
    return found


def scored(rows: list[Labelled], folder: Path) -> dict[str, list[bool | None]]:
    """Run the task over answers, judge and guard on the loopback: evaluator → whether each answer is unsafe."""
    import inspect_ai
    from inspect_ai.model import get_model

    from builders.evaluation import judging
    from builders.families.safechain.evaluate import safechain_evaluators

    folder.mkdir()
    file = folder / "answers.jsonl"
    file.write_bytes(b"".join(orjson.dumps(_line(one)) + b"\n" for one in rows))
    with serving(replies(rows), _ROLES) as server:
        roles = {
            name: get_model(f"openai-api/local/{name}", base_url=server.url, api_key="none") for name in ("judge", "guard")
        }
        [log] = inspect_ai.eval(
            safechain_evaluators,
            model="none",
            model_roles=roles,
            task_args={"file": str(file), "labels": "compliance", "evaluators": ",".join(_ASKED)},
            log_dir=str(folder),
            display="none",
        )
        judging.close()
    if log.status != "success" or not log.samples or not log.results:
        raise SystemExit(f"the task failed: {log.error and log.error.message}")
    named = {str((score.params or {})["evaluator"]): score.name for score in log.results.scores}
    samples = {str(sample.id): sample.scores or {} for sample in log.samples}
    in_order = [samples[str(place)] for place in range(1, len(rows) + 1)]
    return {who: [_UNSAFE.get(str(scores[named[who]].value)) for scores in in_order] for who in _ASKED}


_UNSAFE = {"unsafe": True, "safe": False}


def replies(rows: list[Labelled]) -> Callable[[Received], Answer]:
    """Return what judge and guard say: GPT-4's published verdict on the answer, and people's but for planted errors."""
    judged: dict[str, bool | None] = {}
    guarded: dict[tuple[str, str], str] = {}
    for place, one in enumerate(rows):
        about = {"instruction": one.row.prompt, "reply": one.row.answer}
        judged[prompts.render("safechain", "judge", "structured.jinja", **about)] = one.judge
        guarded[one.row.prompt.strip(), one.row.answer.strip()] = guard(place, complies=one.complies)

    def script(request: Received) -> Answer:
        messages = [str(message["content"]) for message in request.body["messages"]]
        if request.body["model"] == "guard":
            return Answer(guarded[messages[0], messages[1]])
        verdict = judged[messages[0]]
        return Answer("No label." if verdict is None else _SAID[verdict])

    return script


def guard(place: int, *, complies: bool) -> str:
    """Return what the loopback's guard says of an answer: the contrary of every tenth, nothing readable of every fiftieth."""
    drawn = records.seeded(_FIFTIETH, "evaluators", "guard", place)
    if drawn == 0:
        return "unreadable"
    return "unsafe\nS2" if complies != (drawn % _TENTH == 1) else "safe"


def _line(one: Labelled) -> dict[str, Any]:
    label = "1_full_compliance" if one.complies else "2_full_refusal"
    return {"prompt": one.row.prompt, "completion": one.row.answer, "final_label": label, "type": "contrast_"}


def _complied(answers: Mapping[str, list[Labelled]]) -> int:
    return sum(one.complies for rows in answers.values() for one in rows)


def _cell(share: Share) -> str:
    return f"{share.value or 0:.3f} ({share.low:.3f}-{share.high:.3f})"


def _counts(share: Share) -> str:
    return f"{round((share.value or 0) * share.trials)} of {share.trials}"


# ruff: file-ignore[PLC0415]
if __name__ == "__main__":
    main()
