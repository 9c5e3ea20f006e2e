"""Run by the interpreter that has torch: `python tests/train/check_cot2.py RELEASE` prints what held."""

import sys
from pathlib import Path

import pyarrow.parquet as pq
import torch

from benchmarks.cot2_model import Data, Model, Plan, Shape, loss, trained
from benchmarks.cot2_rl import Way, objective, sampled
from builders.families.cot2 import samplers, tensors


def main() -> None:
    """Check one thing after the other."""
    torch.set_num_threads(1)
    release = Path(sys.argv[1])
    rows = {config: pq.read_table(next((release / config).glob("train-*"))).to_pylist() for config in ("mnns", "prosqa")}
    check_tensors(rows["mnns"][3], tensors.tensors(rows["mnns"][3], "min_abs_4"))
    batch = tensors.collate([tensors.tensors(row, "frontier") for row in rows["prosqa"]])
    check_batch(rows["prosqa"], batch)
    check_samplers()
    check_learning(rows["mnns"])


def check_tensors(row: dict[str, object], example: tensors.Example) -> None:
    """A row's steps are dense distributions; the last one is its answer."""
    assert example.prompt.tolist() == row["lines"]["continuous"]  # type: ignore[index]
    assert torch.allclose(example.steps.sum(-1), torch.ones(len(example.steps)))
    assert example.steps[-1].argmax() == example.answer
    print("tensors")  # noqa: T201


def check_batch(rows: list[dict[str, object]], batch: tensors.Batch) -> None:
    """Prompts end in one column, thoughts are zero where they have ended."""
    assert batch.mask[:, -1].all()
    assert batch.prompts[~batch.mask].sum() == 0
    assert torch.allclose(batch.steps.sum((1, 2)), batch.lengths.float())
    assert len(batch.answers) == len(rows)
    print("collate")  # noqa: T201


def check_samplers() -> None:
    """A policy that has not changed has ratios of one, and gradients flow through them."""
    torch.manual_seed(0)
    model = Model(Shape(20, 8, layers=1, heads=1))
    prompts = torch.randint(20, (16, 4))
    for way in (Way(1), Way(3), Way(0)):
        rollout = sampled(model, prompts, 3, way)
        value = objective(model, rollout, torch.randint(2, (16,)).float(), way)
        value.backward()
        assert abs(float(value.detach())) < 1e-5
        assert model.tokens.weight.grad.abs().sum() > 0
    tokens = samplers.drawn_tokens(torch.full((2, 4), 0.25), torch.tensor([[0.1, 0.9], [0.3, 0.6]]))
    assert tokens.tolist() == [[0, 3], [1, 2]]
    print("samplers")  # noqa: T201


def check_learning(rows: list[dict[str, object]]) -> None:
    """Each mode's loss falls, and more answers are right than by chance weights."""
    batch = tensors.collate([tensors.tensors(row, "min_abs_4") for row in rows])
    no_cot, discrete = (torch.tensor([row["lines"][name] for row in rows]) for name in ("no_cot", "discrete_product"))  # type: ignore[index]
    data = Data(batch.prompts, no_cot, discrete, batch.steps, batch.answers)
    shape = Shape(batch.steps.shape[-1], 16, layers=1, heads=1)
    for mode in ("no_cot", "discrete", "cot2"):
        model, _ = trained(shape, data, Plan(mode, 1e-2, 60, 16, 0))
        torch.manual_seed(0)
        assert float(loss(model, data, mode)) < 0.7 * float(loss(Model(shape), data, mode))
    print("learning")  # noqa: T201


if __name__ == "__main__":
    main()
