"""How much of what is planted the decontamination of collect finds, and what it takes for contaminated that is not.

    TRACEWRIGHT_DATA=<folder> python -m benchmarks.decontamination

Evaluation sets are XSTest and SimpleSafetyTests, whose prompts are mostly shorter than an n-gram, and the first questions of
MedQA, which are longer. From each prompt come copies that a leak could have made, whole or edited, and a near miss that shares
its template but fewer words in a row than an n-gram has. Replaced words are drawn from the clean background, questions of
MATH and MedQuAD, of which none should be found. MedQA's other questions are the hard case: in no set, but written to the same
pattern. Printed are counts, never texts.
"""

import contextlib
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from builders.params.sections import Decontamination
from builders.provenance import Provenance
from builders.records import Record
from builders.screening import decontamination
from builders.sources import reading
from builders.sources.tables import EvaluationSet
from builders.texts import words
from tests.harness import Workspace

NGRAM_WORDS = 13
MEDQA = "phrases_no_exclude_test.jsonl"
LONG_PROMPTS = 300
SETS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("xstest", "xstest_prompts.csv", {"key": "id", "prompt": "prompt"}),
    ("simple_safety_tests", "simple_safety_tests.csv", {"key": "id", "prompt": "prompts_final"}),
    ("medqa", MEDQA, {"prompt": "question"}),
)
BACKGROUND = (("MATH", "test_minus_math500.jsonl", "problem"), ("MedQuAD", "medquad.jsonl", "question"))
ALIKE = "MedQA, not in the set"
PREFIX = "Before we start, a short note about myself: I write stories, and the next one is set by the sea."
SUFFIX = "Take your time, and let me know what you would add to it in the end."
SHORT, LONG = "shorter", "longer"

Edit = Callable[[list[str], random.Random, list[str]], str]
"""From a prompt's words, a source of chance and other words to a planted text."""


def _replaced(share: float) -> Edit:
    def edit(prompt: list[str], chance: random.Random, others: list[str]) -> str:
        places = set(chance.sample(range(len(prompt)), max(1, round(share * len(prompt)))))
        return " ".join(chance.choice(others) if place in places else word for place, word in enumerate(prompt))

    return edit


def _middle(prompt: list[str], chance: random.Random, others: list[str]) -> str:
    return " ".join([*prompt[: len(prompt) // 2], chance.choice(others), *prompt[len(prompt) // 2 + 1 :]])


def _template(prompt: list[str], chance: random.Random, others: list[str]) -> str:
    """Return a text that starts like the prompt, with at most half of its words and fewer than an n-gram has."""
    shared = prompt[: len(prompt) // 2]
    while len(words.simplified(" ".join(shared))) >= NGRAM_WORDS:
        shared.pop()
    return " ".join([*shared, *(chance.choice(others) for _ in prompt[len(shared) :])])


def _spelt(prompt: list[str], chance: random.Random, others: list[str]) -> str:
    del others
    return "  ".join(word.swapcase() + chance.choice(["", "", ",", "...", " -"]) for word in prompt) + "?!"


PLANTED: dict[str, Edit] = {
    "copied": lambda prompt, _, __: " ".join(prompt),
    "other case and punctuation": _spelt,
    "embedded in other text": lambda prompt, _, __: f"{PREFIX} {' '.join(prompt)} {SUFFIX}",
    "a word more at the end": lambda prompt, _, __: " ".join([*prompt, "please"]),
    "the word in the middle replaced": _middle,
    "first and second half swapped": lambda prompt, _, __: " ".join([*prompt[len(prompt) // 2 :], *prompt[: len(prompt) // 2]]),
    "5 % of the words replaced": _replaced(0.05),
    "10 % of the words replaced": _replaced(0.1),
    "20 % of the words replaced": _replaced(0.2),
    "40 % of the words replaced": _replaced(0.4),
}
NEAR_MISSES: dict[str, Edit] = {"only the template shared": _template}


@dataclass(frozen=True)
class Report:
    """What was planted and found.

    Args:
        planted: texts by kind, and by whether the prompt they come from is shorter or longer than an n-gram.
        hits: those that were rejected.
        background: clean questions by their set.
        mistaken: those that were rejected.
        seconds: time to check everything.
    """

    planted: Counter[tuple[str, str]]
    hits: Counter[tuple[str, str]]
    background: Counter[str]
    mistaken: Counter[str]
    seconds: float


def run(root: Path, data: Path) -> Report:
    """Plant, and check with the evaluation sets found below `data`, in a workspace at `root`."""
    workspace = Workspace.make(root, "safechain")
    medqa: list[bytes] = []
    for _, name, _ in SETS:
        [file] = data.rglob(name)
        lines = file.read_bytes().splitlines(keepends=True)
        if name == MEDQA:
            lines, medqa = lines[:LONG_PROMPTS], lines[LONG_PROMPTS:]
        (workspace.root / "raw/safechain/sources" / name).write_bytes(b"".join(lines))
    clean = [(label, text) for label, name, column in BACKGROUND for text in _texts(data, name, column)]
    alike = [(ALIKE, str(json.loads(line)["question"])) for line in medqa]
    others = sorted({word for _, text in clean for word in words.simplified(text) if word.isalpha()})
    with contextlib.chdir(workspace.root):
        params = Decontamination(ngram_words=NGRAM_WORDS, sets=[_declared(*described) for described in SETS])
        check = decontamination.rule(decontamination.indexes("safechain", params), "instruction", NGRAM_WORDS)
        texts = [planted for table in params.sets for planted in _planted(table, others)]
    start = time.perf_counter()
    found = Counter((kind, length) for kind, length, text in texts if check(_record(text)))
    mistaken = Counter(label for label, text in clean + alike if check(_record(text)))
    seconds = time.perf_counter() - start
    return Report(
        Counter((kind, length) for kind, length, _ in texts),
        found,
        Counter(label for label, _ in clean + alike),
        mistaken,
        seconds,
    )


def main() -> int:
    """Run in a temporary folder and print the report."""
    data = os.environ.get("TRACEWRIGHT_DATA")
    if not data:
        print("TRACEWRIGHT_DATA is not set: point it to the folder that holds safety/, medical/ and math/", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        report = run(Path(scratch) / "project", Path(data))
    print(f"found of planted, from prompts of fewer than {NGRAM_WORDS} words and of at least so many")
    print(f"{'':<34}{SHORT:>14}{LONG:>14}")
    for kind in [*PLANTED, *NEAR_MISSES]:
        cells = (f"{report.hits[kind, length]} of {report.planted[kind, length]}" for length in (SHORT, LONG))
        print(f"{kind:<34}" + "".join(f"{cell:>14}" for cell in cells))
    for label, count in report.background.items():
        print(f"{f'clean questions of {label}':<34}{f'{report.mistaken[label]} of {count}':>28}")
    right = sum(count for (kind, _), count in report.hits.items() if kind in PLANTED)
    missed = sum(count for (kind, _), count in report.planted.items() if kind in PLANTED) - right
    wrong = report.hits.total() - right + report.mistaken.total()
    checked = report.planted.total() + report.background.total()
    print(f"recall {right / (right + missed):.3f}, precision {right / (right + wrong):.3f} over all of the above")
    print(f"{checked} texts checked in {report.seconds:.1f} s")
    return 0


def _declared(name: str, file: str, columns: dict[str, str]) -> EvaluationSet:
    table = {"name": name, "file": file, "format": file.rpartition(".")[2], "columns": columns, "each": None, "only": None}
    return EvaluationSet.model_validate(table)


def _planted(table: EvaluationSet, others: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield kind, length of the prompt, and text; of each prompt every kind, drawn by the prompt's place."""
    for row in reading.rows("safechain", table):
        prompt = str(reading.value(table.columns["prompt"], row.values)).split()
        length = len(words.simplified(" ".join(prompt)))
        for kind, edit in (PLANTED | NEAR_MISSES).items():
            chance = random.Random(f"{table.name} {row.position} {kind}")  # noqa: S311  (test data)
            yield kind, LONG if length >= NGRAM_WORDS else SHORT, edit(prompt, chance, others)


def _texts(data: Path, name: str, column: str) -> Iterator[str]:
    [file] = data.rglob(name)
    with file.open() as lines:
        for line in lines:
            yield str(json.loads(line)[column])


def _record(text: str) -> Record:
    return Record("safechain:0123456789abcdef", "default", None, Provenance("own", "MIT", None), {"instruction": text})


if __name__ == "__main__":
    sys.exit(main())
