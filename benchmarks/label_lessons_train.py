"""Do the labels teach? A small classifier of steps trained on three kinds of labels of the same solutions, on a CPU.

    python -m benchmarks.label_lessons FOLDER
    .venv-train/bin/python -m benchmarks.label_lessons_train FOLDER [--seeds 3]

Rows are read from the releases' Parquet files in FOLDER. Labels: `x16`, early-stopping bisection with sixteen continuations a
probe; `ours`, the posterior's, kept rows alone and all; `true`. Wrong answers carry these labels; right answers are all right
by the first two, as no judge was asked. Problem kinds are held out. Printed, as mean and range over seeds: F1 of wrong steps
against the truth, and how many of the problems best-of-8 solves by the least and by the mean score of a solution's steps,
beside the majority's answer and a random solution, of the solver that training saw and of another one.

The head sees of each step whether its calculation comes to its value, whether its readings are what the figure shows, whether
the numbers in it are known, and hashed words beside the shape of the calculation; and of the steps before it the same. It is
told no label but that of its row.
"""

import argparse
import ast
import operator
import re
import statistics
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import torch
from torch import nn

Row = dict[str, Any]
WORDS = 4096
CHECKS = 8
CONSTANTS = {"180", "360", "90", "100", "60"}
EPOCHS, RATE, BATCH, WIDTH = 12, 3e-3, 64, 64
_MINUS, _TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
_SIZE = rf"{_MINUS}?\$?\d+(?:\.\d+)?(?:/\d+)?"
_LAST = re.compile(rf" = ({_SIZE})[^=\d]*$")
_READING = re.compile(r"(?:The figure shows|The text says): (.*?)\. ")
_NUMBER = re.compile(_SIZE)
_OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Steps(NamedTuple):
    """A solution as the head sees it: checks of each step, shape (n, CHECKS), and its hashed words."""

    checks: list[list[float]]
    words: list[list[int]]


def seen(question: str, shown: Sequence[str], steps: Sequence[str]) -> Steps:
    """Return what can be seen of a solution's steps without knowing whether they are right."""
    figure = dict(text.rsplit(" = ", 1) for text in shown if " = " in text)
    known = set(_NUMBER.findall(" ".join([question, *shown]))) | CONSTANTS
    checks: list[list[float]] = []
    words: list[list[int]] = []
    for text in steps:
        readings = [one.rsplit(" = ", 1) for part in _READING.findall(text) for one in part.split(", ") if " = " in one]
        misread = any(label in figure and figure[label] != value for label, value in readings)
        known |= {number for _, value in readings for number in _NUMBER.findall(value)}
        rest = _READING.sub("", text)
        last = _LAST.search(rest)
        value = last[1] if last else ""
        formula = rest[: last.start()].rsplit(" = ", 1)[-1] if last else ""
        came = _calculated(formula)
        strange = [number for number in _NUMBER.findall(formula) if number not in known and len(number) > 1]
        checks.append(
            [
                float(misread),
                float(came is not None and came != _exact(value)),
                float(came is None),
                float(bool(strange)),
                float(value.startswith(_MINUS)),
                float("/" in value or "." in value),
                len(checks) / max(1, len(steps)),
                1.0,
            ]
        )
        shape = re.sub(r"\s+", "", _NUMBER.sub("n", formula))[:40]
        reason = re.findall(r"[a-z]+", _NUMBER.sub("", rest[: last.start()] if last else rest).lower())
        terms = [shape, *reason, *(f"{shape} {word}" for word in reason)]
        words.append([zlib.crc32(word.encode()) % WORDS for word in terms])
        known.add(value)
    return Steps(checks, words)


def _exact(text: str) -> Fraction | None:
    try:
        return Fraction(text.replace(_MINUS, "-").replace("$", ""))
    except (ValueError, ZeroDivisionError):
        return None


def _calculated(text: str) -> Fraction | None:
    plain = text.replace(_MINUS, "-").replace(_TIMES, "*").replace("÷", "/").replace("$", "")
    try:
        return _value(ast.parse(plain.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, KeyError):
        return None


def _value(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Fraction(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp):
        return _OPERATIONS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError(ast.dump(node))


class Head(nn.Module):  # type: ignore[misc]  # torch is in an environment of its own
    """Scores each step from what is seen of it, and of the steps before it."""

    def __init__(self) -> None:
        """Make a head with random weights."""
        super().__init__()
        self.words = nn.EmbeddingBag(WORDS, WIDTH // 2, mode="mean")
        self.steps = nn.GRU(WIDTH // 2 + CHECKS, WIDTH, batch_first=True)
        self.out = nn.Sequential(nn.Linear(2 * WIDTH - WIDTH // 2 + CHECKS, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1))

    def forward(self, batch: Sequence[Steps]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits of "wrong", shape (batch, longest), and which of them are of steps."""
        lengths = torch.tensor([len(one.checks) for one in batch])
        flat = [words for one in batch for words in one.words]
        offsets = torch.tensor([0, *np.cumsum([len(words) for words in flat])[:-1].tolist()])
        embedded = self.words(torch.tensor([word for words in flat for word in words]), offsets)
        seen = torch.cat([embedded, torch.tensor([check for one in batch for check in one.checks])], dim=1)
        padded = nn.utils.rnn.pad_sequence(list(seen.split(lengths.tolist())), batch_first=True)
        states, _ = self.steps(padded)
        mask = torch.arange(padded.shape[1])[None, :] < lengths[:, None]
        return self.out(torch.cat([states, padded], dim=2))[:, :, 0], mask


class Example(NamedTuple):
    """A solution and the first wrong step that a label names; 0: none."""

    steps: Steps
    first: int


def trained(examples: Sequence[Example], seed: int) -> Head:
    """Train a head: every step from the first wrong one on is wrong."""
    torch.manual_seed(seed)
    head = Head()
    optimiser = torch.optim.Adam(head.parameters(), RATE)
    for _ in range(EPOCHS):
        order = torch.randperm(len(examples)).tolist()
        for start in range(0, len(order), BATCH):
            batch = [examples[place] for place in order[start : start + BATCH]]
            logits, mask = head([one.steps for one in batch])
            wanted = torch.zeros_like(logits)
            for place, one in enumerate(batch):
                if one.first:
                    wanted[place, one.first - 1 :] = 1
            loss = nn.functional.binary_cross_entropy_with_logits(logits[mask], wanted[mask])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return head


def scored(head: Head, solutions: Sequence[Steps]) -> list[list[float]]:
    """Return the probability of each step to be right."""
    found = []
    with torch.no_grad():
        for start in range(0, len(solutions), 256):
            logits, mask = head(solutions[start : start + 256])
            for row, kept in zip(torch.sigmoid(-logits), mask, strict=True):
                found.append(row[kept].tolist())
    return found


def f1(scores: Sequence[Sequence[float]], truth: Sequence[int]) -> float:
    """Return F1 of wrong steps at a probability of a half."""
    hit = called = wrong = 0
    for row, first in zip(scores, truth, strict=True):
        for number, score in enumerate(row, start=1):
            is_wrong, calls = bool(first) and number >= first, score < 0.5
            hit, called, wrong = hit + (is_wrong and calls), called + calls, wrong + is_wrong
    return 2 * hit / (called + wrong) if called + wrong else 0.0


def best(candidates: Sequence[Row], scores: Sequence[Sequence[float]], rule: Callable[[Sequence[float]], float]) -> float:
    """Return the share of problems of which the solution with the best score is right."""
    picked: dict[str, tuple[float, bool]] = {}
    for row, steps in zip(candidates, scores, strict=True):
        score = rule(steps)
        if row["problem"] not in picked or score > picked[row["problem"]][0]:
            picked[row["problem"]] = (score, row["right"])
    return statistics.mean(right for _, right in picked.values())


def without_scores(candidates: Sequence[Row]) -> dict[str, float]:
    """Return how many problems a random solution, the most frequent answer, and any of the eight solve."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in candidates:
        groups[row["problem"]].append(row)
    majority = []
    for rows in groups.values():
        answer = Counter(row["given"] for row in rows).most_common(1)[0][0]
        majority.append(next(row["right"] for row in rows if row["given"] == answer))
    return {
        "random": statistics.mean(row["right"] for row in candidates),
        "self-consistency": statistics.mean(majority),
        "any of 8": statistics.mean(any(row["right"] for row in rows) for rows in groups.values()),
    }


def labels(ours: Sequence[Row], dear: Sequence[Row]) -> dict[str, list[tuple[Row, int]]]:
    """Return rows with the first wrong step by each kind of label; the same solutions but for `ours, kept`."""
    same = {row["id"]: row for row in dear}
    both = [row for row in ours if row["id"] in same]
    return {
        "x16": [(row, same[row["id"]]["first_error"]) for row in both],
        "ours, kept": [(row, row["first_error"]) for row in both if row["kept"] or row["right"]],
        "ours, all": [(row, row["first_error"]) for row in both],
        "true": [(row, row["truth"]["first_error"]) for row in both],
    }


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    start = time.perf_counter()
    ours, dear = (_rows(arguments.folder / name) for name in ("ours", "x16"))
    candidates = pq.read_table(arguments.folder / "candidates.parquet").to_pylist()
    tested = {row["kind"] for row in candidates}
    known = {row["id"]: seen(row["question"], row["shown"], [step["text"] for step in row["steps"]]) for row in ours}
    held = [row for row in ours if row["kind"] in tested]
    views = [seen(row["question"], row["shown"], row["steps"]) for row in candidates]
    print(f"{len(ours)} solutions, {len(held)} of {len(tested)} held-out kinds, {len(candidates)} candidates")
    found: dict[str, dict[str, list[float]]] = {}
    for name, rows in labels(ours, dear).items():
        training = [(row, first) for row, first in rows if row["kind"] not in tested]
        noise = statistics.mean(first != row["truth"]["first_error"] for row, first in training)
        print(
            f"{name:11}{len(training):6} solutions to train on, {100 * noise:.1f} % with another first error than the true one"
        )
        found[name] = defaultdict(list)
        for seed in range(arguments.seeds):
            head = trained([Example(known[row["id"]], first) for row, first in training], seed)
            scores = scored(head, [known[row["id"]] for row in held])
            found[name]["step F1"].append(f1(scores, [row["truth"]["first_error"] for row in held]))
            of_candidates = scored(head, views)
            for solver in ("seen", "unseen"):
                picked = [place for place, row in enumerate(candidates) if row["solver"] == solver]
                rows_of, scores_of = [candidates[place] for place in picked], [of_candidates[place] for place in picked]
                found[name][f"{solver}, min"].append(best(rows_of, scores_of, min))
                found[name][f"{solver}, mean"].append(best(rows_of, scores_of, statistics.mean))
    _printed(found, candidates)
    print(f"{time.perf_counter() - start:.0f} s")


def _printed(scores: dict[str, dict[str, list[float]]], candidates: Sequence[Row]) -> None:
    columns = list(next(iter(scores.values())))
    print(f"{'':12}" + "".join(f"{name:>24}" for name in columns))
    for name, values in scores.items():
        cells = (f"{statistics.mean(values[one]):.3f} ({min(values[one]):.3f}-{max(values[one]):.3f})" for one in columns)
        print(f"{name:12}" + "".join(f"{cell:>24}" for cell in cells))
    for solver in ("seen", "unseen"):
        plain = without_scores([row for row in candidates if row["solver"] == solver])
        print(f"best of 8, {solver}: " + ", ".join(f"{name} {value:.3f}" for name, value in plain.items()))
    means = {name: statistics.mean(values["step F1"]) for name, values in scores.items()}
    gap = means["true"] - means["x16"]
    for name in ("ours, kept", "ours, all"):
        closed = (means[name] - means["x16"]) / gap if gap else float("nan")
        print(f"{name}: {closed:.2f} of the gap in step F1 between x16 and true labels is closed")


def _rows(folder: Path) -> list[Row]:
    return [row for path in sorted(folder.glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


if __name__ == "__main__":
    main()
