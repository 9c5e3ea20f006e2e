"""Rows of a release as dense torch tensors, ready for training: the one place here that imports torch.

    from datasets import load_dataset
    rows = load_dataset("…/cot2", "mnns", split="train").with_format(None)
    batch = collate([tensors(row, "min_abs_4") for row in rows])

Shapes: B rows, P tokens of the longest prompt, T steps of the longest thought, V the vocabulary.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from builders.families.cot2 import vocabulary

Tensor = Any


class Example(NamedTuple):
    """One row.

    Args:
        prompt: token ids.
        steps: distributions, T x V, the last one the answer.
        answer: its token id.
    """

    prompt: Tensor
    steps: Tensor
    answer: int


class Batch(NamedTuple):
    """Rows of equal or of different lengths, side by side.

    Args:
        prompts: token ids, B x P, padded on the left, so that every thought begins at one place.
        mask: which of them are no padding, B x P.
        steps: distributions, B x T x V, zero where a thought has ended.
        lengths: how many steps each has, B.
        answers: token ids, B.
    """

    prompts: Tensor
    mask: Tensor
    steps: Tensor
    lengths: Tensor
    answers: Tensor


def tensors(row: Mapping[str, Any], target: str) -> Example:
    """Return a row of any config as dense tensors.

    Args:
        row: as `load_dataset` gives it.
        target: the name of one of its targets, such as `min_abs_4` or `frontier`.

    Raises:
        KeyError: the row has no such target.
    """
    import torch  # noqa: PLC0415

    found = {made["name"]: made for made in row["targets"]}[target]
    dense = torch.zeros(len(found["token_ids"]), len(vocabulary.named(row["vocabulary"])))
    for place, (tokens, probabilities) in enumerate(zip(found["token_ids"], found["probabilities"], strict=True)):
        dense[place, tokens] = torch.tensor(probabilities, dtype=dense.dtype)
    return Example(torch.tensor(row["lines"]["continuous"]), dense, found["token_ids"][-1][0])


def collate(examples: Sequence[Example]) -> Batch:
    """Return rows of one vocabulary as a batch."""
    import torch  # noqa: PLC0415

    longest = max(len(example.prompt) for example in examples)
    most = max(len(example.steps) for example in examples)
    prompts = torch.zeros(len(examples), longest, dtype=torch.long)
    mask = torch.zeros(len(examples), longest, dtype=torch.bool)
    steps = torch.zeros(len(examples), most, examples[0].steps.shape[-1])
    for place, example in enumerate(examples):
        prompts[place, longest - len(example.prompt) :] = example.prompt
        mask[place, longest - len(example.prompt) :] = True
        steps[place, : len(example.steps)] = example.steps
    lengths = torch.tensor([len(example.steps) for example in examples])
    return Batch(prompts, mask, steps, lengths, torch.tensor([example.answer for example in examples]))
