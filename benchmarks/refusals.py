"""How well a refusal is told without a model: on answers of three models that people labelled, and on answers of our own.

    TRACEWRIGHT_DATA=<folder> python -m benchmarks.refusals [--write] [--judge MODEL]

XSTest (Röttger et al., arXiv 2308.01263) has 450 prompts in eight families, each of safe prompts and their unsafe
contrasts; people labelled the completions of GPT-4, of Llama-2 with its original system prompt and of Mistral-instruct as
compliance, full or partial refusal. The figure of a model leaves out both the model and the prompts: what is said of an
answer comes from weights fitted on the other models' answers to the other families, and on answers written for this project
(`refusals.jsonl` beside this file, each of which counts `OWN_COUNTS` times). Beside them stand the labels that XSTest's
authors published for the same completions: those of their string match and of GPT-4 as a judge, which know few partial
refusals; where GPT-4 answered with something that is no label, it said "none".

What was looked at: half A of GPT-4's answers, the errors on its other half (among them families of half B), Mistral's
answers, our own and the sample profile's were read, prompts masked, while the features were made. Llama-2's answers and the
held-out answers (`tests/data/refusals.jsonl` and, of soft refusals that never say no, `refusals_soft.jsonl`, by the author of
the features) were not read, but their figures were seen at every step: some nine pairs of penalty and `OWN_COUNTS` and five
rounds of features were compared by all of them. So no figure here is of data that chose nothing; Llama-2's is the cleanest.
The weights that ship are fitted on all three models and our own answers; `--write` writes them.

With `--judge`, the judge of `refusal: judge` stands beside them, on the same answers (`benchmarks.refusal_judge`).

Intervals are 95 %: Wilson's for precision and recall, percentiles of 2,000 resamples of contrast pairs for F1 and its
differences, the same pairs for both. Printed are counts, rates and ids, never a prompt or an answer.
"""

import csv
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray
from scipy.stats import binomtest  # type: ignore[import-not-found,import-untyped,unused-ignore]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found,import-untyped,unused-ignore]

from benchmarks import refusal_judge
from builders import records
from builders.refusals import detector, features
from builders.refusals.detector import INTERCEPT, WEIGHTS, Kind, Weights
from builders.texts import files, think

PROJECT = Path(__file__).parent.parent
OWN = Path(__file__).with_suffix(".jsonl")
HELD_OUT = PROJECT / "tests" / "data" / "refusals.jsonl"
SOFT = PROJECT / "tests" / "data" / "refusals_soft.jsonl"
MODELS = {"GPT-4": "gpt4", "Llama-2": "llama2orig", "Mistral": "mistralinstruct"}
SAMPLE = PROJECT / "raw" / "safechain"
SAMPLE_REFUSALS = PROJECT / "tests" / "data" / "refusals_sample.json"
PEOPLE = {  # answers that people wrote, none of which refuses: (file below the data folder, question, answer)
    "MedQuAD": ("medical/medquad.jsonl", "question", "answer"),
    "GSM8K": ("math/gsm8k/train.jsonl", "question", "answer"),
}
SEED = 0
RESAMPLES = 2000
INVERSE_PENALTY = 0.3
OWN_COUNTS = 3
OWN_HELPS = 1.5
KINDS: tuple[Kind, ...] = ("none", "partial", "full")
REFUSING: dict[str, set[Kind]] = {"full or partial": {"full", "partial"}, "full": {"full"}}
ABOUT = (
    "Hundredths of log-odds, written by python -m benchmarks.refusals --write: logistic regression with L2 regularisation, "
    "fitted on XSTest's completions of GPT-4, Llama-2 and Mistral-instruct and their human labels (CC-BY-4.0) and on "
    "benchmarks/refusals.jsonl."
)
_LABELS: dict[str, Kind] = {"1_full_compliance": "none", "2_full_refusal": "full", "3_partial_refusal": "partial"}
_PUBLISHED = {"string match": ("streval", "strmatch_label"), "GPT-4": ("gpteval", "gpt4_label")}
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]


class Row(NamedTuple):
    """An answer and what it is.

    Args:
        id: the source's.
        family: contrast family of the prompt, or its style.
        pair: number of the prompt within its type: the same for a safe prompt and its contrasts.
        prompt: what was asked.
        answer: what was answered.
        kind: what people say it is.
        published: what the published labels say it is, by labeller.
    """

    id: str
    family: str
    pair: int
    prompt: str
    answer: str
    kind: Kind
    published: dict[str, Kind]


class Rate(NamedTuple):
    """A rate and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


class Score(NamedTuple):
    """A labeller's verdicts against people's: true positives, false positives, false negatives, and rates of them."""

    right: int
    wrong: int
    missed: int
    precision: Rate
    recall: Rate
    f1: Rate


class Difference(NamedTuple):
    """The detector beside a labeller: difference of F1, and on how many answers only one of them is right."""

    f1: Rate
    only_detector: int
    only_other: int
    p_value: float


def xstest(data: Path, model: str = "GPT-4") -> list[Row]:
    """Read a model's labelled completions of XSTest, in order."""
    short = MODELS[model]
    [folder] = (data / "safety").rglob("xstest")
    published: dict[str, dict[str, Kind]] = {}
    for name, (file, column) in _PUBLISHED.items():
        [path] = folder.rglob(f"xstest_v2_completions_{short}_{file}.csv")
        published[name] = {line["id"]: _LABELS.get(line[column], "none") for line in _lines(path)}
    [path] = folder.rglob(f"xstest_v2_completions_{short}.csv")
    seen = Counter[str]()
    rows = []
    for line in _lines(path):
        labels = {name: kinds[line["id"]] for name, kinds in published.items()}
        place = (line["id"], family(line["type"]), seen[line["type"]])
        rows.append(Row(*place, line["prompt"], line["completion"], _LABELS[line["final_label"]], labels))
        seen[line["type"]] += 1
    return rows


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def family(kind_of_prompt: str) -> str:
    """Return the contrast family of one of XSTest's types of prompts."""
    for name in ("discr", "privacy"):
        if name in kind_of_prompt:
            return name
    return kind_of_prompt.removeprefix("contrast_")


def halves(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Deal the families into two halves of the same size, by a fixed seed."""
    sizes = Counter(row.family for row in rows)
    deal = random.Random(SEED)  # noqa: S311
    first: set[str] = set()
    for size in sorted(set(sizes.values())):
        names = sorted(name for name in sizes if sizes[name] == size)
        deal.shuffle(names)
        first.update(names[::2])
    return [row for row in rows if row.family in first], [row for row in rows if row.family not in first]


def own_answers(path: Path) -> list[Row]:
    """Read answers written for this project."""
    return [
        Row(str(number), line.get("style", ""), number, line["prompt"], line["answer"], line["kind"], {})
        for number, line in files.json_lines(path)
    ]


@lru_cache(maxsize=8192)
def _read(prompt: str, answer: str) -> features.Reading:
    return features.read(prompt, answer)


def fitted(rows: Sequence[Row]) -> Weights:
    """Fit both lists of weights: logistic regression with scikit-learn's L2 penalty.

    An answer that is there n times, word for word, weighs as much as sqrt(n) answers; for
    whether it refuses, one of our own weighs `OWN_COUNTS` times that; for whether it helps, `OWN_HELPS` times.
    """
    read = [_read(row.prompt, row.answer) for row in rows]
    times = Counter(row.answer for row in rows)
    trust = np.array([times[row.answer] ** -0.5 * (1 if row.published else OWN_COUNTS) for row in rows])
    refuses = np.array([row.kind != "none" for row in rows])
    helps = np.array([row.kind == "partial" for row in rows])
    helping = [features.helping(read[number]) for number in np.flatnonzero(refuses)]
    refusing = [features.refusing(one) for one in read]
    refusing_weights = _fitted(refusing, refuses, trust, INVERSE_PENALTY)
    once = np.array([times[row.answer] ** -0.5 * (1 if row.published else OWN_HELPS) for row in rows])
    return Weights(refusing_weights, _fitted(helping, helps[refuses], once[refuses], 1))


def _fitted(features: Sequence[set[str]], target: Flags, trust: NDArray[np.float64], inverse_penalty: float) -> dict[str, int]:
    names = sorted(set().union(*features))
    table = np.array([[name in one for name in names] for one in features], dtype=float)
    model = LogisticRegression(C=inverse_penalty, max_iter=10_000, tol=1e-8).fit(table, target, sample_weight=trust)
    points = {name: round(100 * float(share)) for name, share in zip(names, model.coef_[0], strict=True)}
    return {INTERCEPT: round(100 * float(model.intercept_[0])), **points}


def left_out(model: str, answers: Mapping[str, Sequence[Row]], own: Sequence[Row]) -> list[Kind]:
    """Return what is said of a model's answers by weights that have seen neither the model nor the family of prompts."""
    kinds: dict[str, Kind] = {}
    for name in sorted({row.family for row in answers[model]}):
        others = [row for other, rows in answers.items() if other != model for row in rows if row.family != name]
        rows = [row for row in answers[model] if row.family == name]
        kinds.update(zip((row.id for row in rows), decisions(rows, fitted([*others, *own])), strict=True))
    return [kinds[row.id] for row in answers[model]]


def decisions(rows: Iterable[Row], weights: Weights) -> list[Kind]:
    """Return what the detector says with these weights."""
    return [detector.decided(_read(row.prompt, row.answer), weights).kind for row in rows]


def flags(kinds: Iterable[Kind], task: str) -> Flags:
    """Return which answers refuse in the sense of the task."""
    return np.array([kind in REFUSING[task] for kind in kinds])


def resamples(rows: Sequence[Row]) -> Counts:
    """Draw contrast pairs with replacement; return how often each row was drawn, a line for each resample."""
    pairs = sorted({(row.family, row.pair) for row in rows})
    number = {pair: index for index, pair in enumerate(pairs)}
    drawn = np.random.default_rng(SEED).multinomial(len(pairs), [1 / len(pairs)] * len(pairs), size=RESAMPLES)
    return drawn[:, [number[row.family, row.pair] for row in rows]]


def score(verdicts: Flags, true: Flags, drawn: Counts) -> Score:
    """Score a labeller's verdicts."""
    right, wrong, missed = int((verdicts & true).sum()), int((verdicts & ~true).sum()), int((~verdicts & true).sum())
    f1 = _interval(_f1(verdicts, true, np.ones((1, len(verdicts)), dtype=np.int64)), _f1(verdicts, true, drawn))
    return Score(right, wrong, missed, _share(right, right + wrong), _share(right, right + missed), f1)


def difference(verdicts: Flags, other: Flags, true: Flags, drawn: Counts) -> Difference:
    """Compare the detector with another labeller: paired resamples of F1, and McNemar's exact test of who is right."""
    once = np.ones((1, len(verdicts)), dtype=np.int64)
    f1 = _interval(_f1(verdicts, true, once) - _f1(other, true, once), _f1(verdicts, true, drawn) - _f1(other, true, drawn))
    detector, labeller = int(((verdicts == true) & (other != true)).sum()), int(((verdicts != true) & (other == true)).sum())
    apart = detector + labeller
    return Difference(f1, detector, labeller, float(binomtest(detector, apart).pvalue) if apart else 1.0)


def _share(part: int, whole: int) -> Rate:
    if not whole:
        return Rate(float("nan"), float("nan"), float("nan"))
    interval = binomtest(part, whole).proportion_ci(method="wilson")
    return Rate(part / whole, float(interval.low), float(interval.high))


def _f1(verdicts: Flags, true: Flags, drawn: Counts) -> NDArray[np.float64]:
    both, either = drawn @ (verdicts & true).astype(np.float64), drawn @ (verdicts.astype(np.float64) + true)
    return np.asarray(2 * both / np.maximum(either, 1), dtype=np.float64)


def _interval(value: NDArray[np.float64], spread: NDArray[np.float64]) -> Rate:
    low, high = np.percentile(spread, [2.5, 97.5])
    return Rate(float(value[0]), float(low), float(high))


def _shown(rate: Rate) -> str:
    return f"{100 * rate.value:6.1f} ({100 * rate.low:.1f} to {100 * rate.high:.1f})"


def measure(title: str, rows: Sequence[Row], kinds: Sequence[Kind]) -> None:
    """Print how the detector, and who else has labelled these rows, compare with people."""
    counts = Counter(row.kind for row in rows)
    print(f"\n{title}: {len(rows)} answers, " + ", ".join(f"{kind} {counts[kind]}" for kind in KINDS))
    drawn = resamples(rows)
    for task in REFUSING:
        true = flags((row.kind for row in rows), task)
        print(f"  {task:<16}{'right':>6}{'wrong':>6}{'missed':>7}  {'precision':<22}{'recall':<22}F1")
        verdicts = {"detector": flags(kinds, task)}
        verdicts |= {name: flags((row.published[name] for row in rows), task) for name in rows[0].published}
        for name, verdict in verdicts.items():
            one = score(verdict, true, drawn)
            rates = "".join(f"{_shown(rate):<22}" for rate in (one.precision, one.recall, one.f1))
            print(f"    {name:<14}{one.right:>6}{one.wrong:>6}{one.missed:>7}  {rates}".rstrip())
        for name in rows[0].published:
            beside = difference(verdicts["detector"], verdicts[name], true, drawn)
            print(
                f"    F1 of the detector less that of {name}: {_shown(beside.f1).strip()}; right alone: detector "
                f"{beside.only_detector}, {name} {beside.only_other}; McNemar p {beside.p_value:.2g}"
            )


def confusion(title: str, rows: Sequence[Row], kinds: Sequence[Kind]) -> None:
    """Print what people say against what the detector says, and the ids of partial refusals."""
    table = Counter((row.kind, kind) for row, kind in zip(rows, kinds, strict=True))
    print(f"\n{title}\n  {'people':<20}" + "".join(f"{kind:>8}" for kind in KINDS))
    for kind in KINDS:
        print(f"  {kind:<20}" + "".join(f"{table[kind, other]:>8}" for other in KINDS))


def sample_replies() -> list[Row]:
    """Read the sample profile's replies; which of them refuse was noted by hand, not whether in part."""
    prompts = {}
    for _, line in files.json_lines(SAMPLE / "sources" / "sample_prompts.jsonl"):
        if isinstance(line.get("prompt"), str) and "key" in line:
            prompts[records.row_id("safechain", "sample_prompts", line["key"])] = line["prompt"]
    refusing = orjson.loads(SAMPLE_REFUSALS.read_bytes())
    rows = []
    for number, line in files.json_lines(SAMPLE / "replies" / "sample.jsonl"):
        if line["stage"] == "synthesize":
            kind: Kind = "full" if line["index"] in refusing.get(line["id"], []) else "none"
            answer = think.split(line["text"]).answer
            rows.append(Row(f"{line['id']}#{line['index']}", line["id"], number, prompts[line["id"]], answer, kind, {}))
    return rows


def people(data: Path) -> dict[str, list[tuple[str, str]]]:
    """Read the questions and answers of `PEOPLE`."""
    return {
        name: [(line[question], line[answer]) for _, line in files.json_lines(data / file)]
        for name, (file, question, answer) in PEOPLE.items()
    }


def false_alarms(name: str, answers: Sequence[tuple[str, str]]) -> None:
    """Print how many of these answers, none of which refuses, are said to, and how fast that goes."""
    start = time.process_time()
    found = Counter(detector.refusal(prompt, answer).kind for prompt, answer in answers)
    speed = len(answers) / (time.process_time() - start)
    length = sum(len(answer) for _, answer in answers) // len(answers)
    print(
        f"  {name}: {len(answers):,} answers of {length} characters on average, {len(answers) - found['none']} called "
        f"refusals; {speed:,.0f} answers a second"
    )


def judged(rows: list[Row]) -> list[Row]:
    """Return the rows with the judge's labels beside the published ones, if a judge is named."""
    if "--judge" not in sys.argv[1:-1]:
        return rows
    model = sys.argv[sys.argv.index("--judge") + 1]
    kinds, silent = refusal_judge.verdicts([(row.prompt, row.answer) for row in rows], model, os.environ[refusal_judge.URL])
    print(f"\nthe judge gave no verdict on {silent} of {len(rows)} answers")
    return [row._replace(published={**row.published, "judge": kind}) for row, kind in zip(rows, kinds, strict=True)]


def main() -> int:
    """Run the study and print it."""
    data = os.environ.get("TRACEWRIGHT_DATA")
    if not data:
        print("TRACEWRIGHT_DATA is not set: point it to the folder that holds safety/", file=sys.stderr)
        return 2
    if "--judge" in sys.argv[1:-1] and not os.environ.get(refusal_judge.URL):
        print(f"{refusal_judge.URL} is not set: point it to a server of the judge", file=sys.stderr)
        return 2
    own = own_answers(OWN)
    answers = {model: xstest(Path(data), model) for model in MODELS}
    shipped = fitted([*(row for rows in answers.values() for row in rows), *own])
    if "--write" in sys.argv[1:]:
        WEIGHTS.write_bytes(orjson.dumps({"about": ABOUT, **shipped._asdict()}, option=orjson.OPT_INDENT_2) + b"\n")
    for model, rows in answers.items():
        kinds = left_out(model, answers, own)
        measure(f"{model}, neither it nor the prompts seen", judged(rows), kinds)
        confusion(model, rows, kinds)
    first, second = halves(answers["GPT-4"])
    print("\nhalf A:", *sorted({row.family for row in first}), "\nhalf B:", *sorted({row.family for row in second}))
    measure("GPT-4, fitted on A and our own answers, measured on B", second, decisions(second, fitted([*first, *own])))
    measure("GPT-4, fitted on B and our own answers, measured on A", first, decisions(first, fitted([*second, *own])))
    for title, path in (("our held-out answers", HELD_OUT), ("our held-out soft answers", SOFT)):
        held_out = own_answers(path)
        measure(f"{title}, with the weights that ship", judged(held_out), decisions(held_out, shipped))
        measure(f"{title}, fitted on our own answers alone", held_out, decisions(held_out, fitted(own)))
        confusion(title, held_out, decisions(held_out, shipped))
    replies = sample_replies()
    found = flags(decisions(replies, shipped), "full or partial")
    noted = flags((row.kind for row in replies), "full or partial")
    counts = f"{(found & noted).sum()} found, {(noted & ~found).sum()} missed, {(found & ~noted).sum()} false alarms"
    print(f"\nthe sample profile's replies: {len(replies)}, {noted.sum()} refuse: {counts}")
    print("\nwith the weights that ship, answers that people wrote and the completions of XSTest:")
    for name, written_by_people in people(Path(data)).items():
        false_alarms(name, written_by_people)
    start = time.process_time()
    count = sum(bool(detector.refusal(row.prompt, row.answer)) for rows in answers.values() for row in rows)
    print(f"  XSTest: {count / (time.process_time() - start):,.0f} answers a second")
    return 0


if __name__ == "__main__":
    sys.exit(main())
