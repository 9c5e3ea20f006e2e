"""Does a small model learn from a release of cot2? The paper's comparison, in short, on a CPU or a GPU.

    make .venv-train/.ready
    .venv-train/bin/python -m benchmarks.cot2_train RELEASE [--seeds 3] [--epochs 100] [--budget 4] [--processes 2]
    .venv-train/bin/python -m benchmarks.cot2_train RELEASE --rates      # the learning rate of each mode, on a third split
    .venv-train/bin/python -m benchmarks.cot2_train RELEASE --rl         # GRPO from a trained checkpoint, and pass@k
    .venv-train/bin/python -m benchmarks.cot2_train RELEASE --table      # budget by width; for a GPU

RELEASE is the folder of a release with the first setting of `mnns` (profile full): prompts, lines and targets are read from its
Parquet files and nowhere else. Split and rows are the same for every seed, which decides weights and order alone; accuracy is
that of the final token on the validation split, whose multisets of digits were never trained on.

The paper (arXiv 2505.23648; figures of its plots): 2 layers, 2 heads, width 32, 1,000 epochs of batch 16: no-CoT 68.35,
discrete 84.92, CoT2 98.94. Here there are 100 epochs of batch 64.
"""

import argparse
import multiprocessing
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import torch

from benchmarks import cot2_rl
from benchmarks.cot2_model import MODES, Data, Plan, Shape, accuracy, trained
from builders.families.cot2 import mnns, tensors, vocabulary

RATES = {"no_cot": 1e-3, "discrete": 4e-3, "cot2": 4e-3}
"""The learning rate of each mode, chosen with `--rates`."""
TRIED = (1e-3, 2e-3, 4e-3)
PAPER = {"no_cot": 68.35, "discrete": 84.92, "cot2": 98.94}
PAPER_TABLE = {1: (55.48, 70.43, 84.92), 4: (64.20, 88.31, 99.04), 16: (55.27, 96.56, 98.94)}
WIDTHS = (16, 24, 32)
_TUNED_SHARE, _TUNED_SEED = 0.2, 43


class Split(NamedTuple):
    """The rows of one split, and the multiset of digits that each belongs to."""

    data: Data
    groups: list[str]


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--budget", type=int, default=4)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    for flag in ("--rates", "--rl", "--table"):
        parser.add_argument(flag, action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    target = f"min_abs_{arguments.budget}"
    train, held_out = (split(arguments.release, name, target, arguments.device) for name in (mnns.TRAIN, mnns.VALIDATION))
    shape = Shape(train.data.steps.shape[-1], arguments.width, layers=2, heads=2)
    _print_sizes(train, held_out, shape)
    if arguments.rates:
        rates(train, shape, arguments)
    elif arguments.table:
        table(arguments)
    elif arguments.rl:
        cot2_rl.report(train.data, held_out.data, shape._replace(layers=1, heads=1, width=24), RATES, arguments)
    else:
        compare(train.data, held_out.data, shape, arguments)


def split(release: Path, name: str, target: str, device: str) -> Split:
    """Read a split of a release's `mnns`.

    Raises:
        SystemExit: it does not hold the first setting.
    """
    rows: list[dict[str, Any]] = []
    for path in sorted((release / "mnns").glob(f"{name}-*.parquet")):
        rows += pq.read_table(path).to_pylist()
    rows = [row for row in rows if row["vocabulary"] == mnns.FIRST.vocabulary]
    if not rows:
        message = f"{release} holds no {name} split of the first setting: build the profile full"
        raise SystemExit(message)
    batch = tensors.collate([tensors.tensors(row, target) for row in rows])
    no_cot, discrete = (torch.tensor([row["lines"][line] for row in rows]) for line in ("no_cot", "discrete_product"))
    data = Data(batch.prompts, no_cot, discrete, batch.steps, batch.answers)
    return Split(data.on(device), [row["group"] for row in rows])


def _print_sizes(train: Split, held_out: Split, shape: Shape) -> None:
    shares = [Counter(part.data.answers.tolist()).most_common(1)[0][1] / len(part.groups) for part in (train, held_out)]
    print(
        f"rows {len(train.groups)} and {len(held_out.groups)}, groups {len(set(train.groups))} and {len(set(held_out.groups))}"
    )
    print(f"groups in both {len(set(train.groups) & set(held_out.groups))}, vocabulary {shape.vocabulary}")
    print(f"majority class {100 * shares[0]:.2f} % of training rows, {100 * shares[1]:.2f} % of validation rows")


def compare(train: Data, held_out: Data, shape: Shape, arguments: argparse.Namespace) -> None:
    """Print the accuracy of the three modes over seeds, beside the paper's, and the paired gap of CoT2 over discrete."""
    reached: dict[str, list[float]] = {}
    print(
        f"epochs {arguments.epochs}, batch {arguments.batch}, width {shape.width}, CoT2 with B = {arguments.budget}", flush=True
    )
    plans = [
        Plan(mode, RATES[mode], arguments.epochs, arguments.batch, seed) for seed in range(arguments.seeds) for mode in MODES
    ]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.processes, context, torch.set_num_threads, (arguments.threads,)) as pool:
        for plan, found in zip(plans, pool.map(partial(measured, train, held_out, shape), plans), strict=True):
            reached.setdefault(plan.mode, []).append(found.validation)
            figures = f"validation {found.validation:6.2f} train {found.train:6.2f} rate {plan.rate} {found.seconds:.0f} s"
            print(f"{plan.mode:9} seed {plan.seed} {figures}", flush=True)
    print(f"parameters {found.parameters}")
    for mode, values in reached.items():
        print(f"{mode:9} {spread(values)}   paper {PAPER[mode]}")
    gaps = [own - other for own, other in zip(reached["cot2"], reached["discrete"], strict=True)]
    print(f"CoT2 over discrete, paired by seed: {spread(gaps)}   paper {PAPER['cot2'] - PAPER['discrete']:.2f}")


class Outcome(NamedTuple):
    """What came of one model: accuracy in percent, how long its training took, how many parameters it has."""

    validation: float
    train: float
    seconds: float
    parameters: int


def measured(train: Data, held_out: Data, shape: Shape, plan: Plan) -> Outcome:
    """Train one model and measure it on both splits."""
    model, seconds = trained(shape, train, plan)
    validation, own = (100 * accuracy(model, part, plan.mode) for part in (held_out, train))
    return Outcome(validation, own, seconds, model.parameters_held)


def spread(figures: Sequence[float]) -> str:
    """Return mean, standard deviation and range of figures."""
    deviation = statistics.stdev(figures) if len(figures) > 1 else 0.0
    return f"{statistics.mean(figures):6.2f} ± {deviation:.2f} ({min(figures):.2f} to {max(figures):.2f})"


def rates(train: Split, shape: Shape, arguments: argparse.Namespace) -> None:
    """Print the accuracy of each learning rate on a part of the training groups that is held out from training here."""
    groups = sorted(set(train.groups))
    tuned = {group for place, group in enumerate(_shuffled(groups)) if place < _TUNED_SHARE * len(groups)}
    inside = torch.tensor([group in tuned for group in train.groups])
    part, tuning = train.data.at((~inside).nonzero()[:, 0]), train.data.at(inside.nonzero()[:, 0])
    for mode in MODES:
        for rate in TRIED:
            plan = Plan(mode, rate, arguments.epochs, arguments.batch, seed=_TUNED_SEED)
            model, seconds = trained(shape, part, plan)
            print(f"{mode:9} rate {rate} {100 * accuracy(model, tuning, mode):6.2f} {seconds:.0f} s", flush=True)


def _shuffled(groups: Sequence[str]) -> Iterable[str]:
    order = torch.randperm(len(groups), generator=torch.Generator().manual_seed(_TUNED_SEED))
    return (groups[place] for place in order.tolist())


def table(arguments: argparse.Namespace) -> None:
    """Print accuracy by budget and width, beside the paper's."""
    for budget, theirs in PAPER_TABLE.items():
        parts = [
            split(arguments.release, name, f"min_abs_{budget}", arguments.device).data for name in (mnns.TRAIN, mnns.VALIDATION)
        ]
        for width, paper in zip(WIDTHS, theirs, strict=True):
            shape = Shape(len(vocabulary.named(mnns.FIRST.vocabulary)), width, layers=2, heads=2)
            found = []
            for seed in range(arguments.seeds):
                model, _ = trained(shape, parts[0], Plan("cot2", RATES["cot2"], arguments.epochs, arguments.batch, seed))
                found.append(100 * accuracy(model, parts[1], "cot2"))
            print(f"B {budget:2} width {width} {spread(found)}   paper {paper}", flush=True)


if __name__ == "__main__":
    main()
