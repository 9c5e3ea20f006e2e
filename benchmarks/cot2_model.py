"""The paper's small GPT-2, and how it is trained and asked in three ways. Needs torch: see `benchmarks.cot2_train`.

    no_cot      the answer follows as many arrows as there are digits
    discrete    partial sums are written out, one token each
    cot2        the prompt ends with the last digit; every further input is a mixture of embeddings

Trained on mixtures of the targets ("hard teacher"), a CoT2 model is asked with its own: its distribution at one step is what it
reads at the next. Accuracy is that of the final token alone, in all three ways.
"""

import math
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

MODES = ("no_cot", "discrete", "cot2")
_SPREAD = 0.02
_WARM = 0.05


class Shape(NamedTuple):
    """How large a model is."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    places: int = 16


class Data(NamedTuple):
    """Rows of one split as tensors: N rows, m digits, V tokens.

    Args:
        prompts: <BOS> and the digits, N x (m + 1).
        no_cot: whole lines, N x (2 m + 3).
        discrete: whole lines, N x (2 m + 3).
        steps: targets, N x m x V, the last one the answer.
        answers: N.
    """

    prompts: Tensor
    no_cot: Tensor
    discrete: Tensor
    steps: Tensor
    answers: Tensor

    def at(self, places: Tensor) -> "Data":
        """Return some of the rows."""
        return Data(*(part[places] for part in self))

    def on(self, device: str) -> "Data":
        """Return the rows on a device."""
        return Data(*(part.to(device) for part in self))


class Block(nn.Module):  # type: ignore[misc, unused-ignore]
    """One layer: causal attention and a perceptron, each behind a norm."""

    def __init__(self, shape: Shape) -> None:
        """Take the size."""
        super().__init__()
        self.heads = shape.heads
        self.norms = nn.ModuleList([nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)])
        self.attend = nn.Linear(shape.width, 3 * shape.width)
        self.mix = nn.Linear(shape.width, shape.width)
        self.widen = nn.Linear(shape.width, 4 * shape.width)
        self.narrow = nn.Linear(4 * shape.width, shape.width)

    def forward(self, states: Tensor) -> Tensor:
        """Return the states behind the layer, rows x places x width."""
        rows, places, width = states.shape
        parts = self.attend(self.norms[0](states)).view(rows, places, 3, self.heads, width // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        states = states + self.mix(attended.transpose(1, 2).reshape(rows, places, width))
        return states + self.narrow(functional.gelu(self.widen(self.norms[1](states)), approximate="tanh"))


class Model(nn.Module):  # type: ignore[misc, unused-ignore]
    """GPT-2 over embeddings: what goes in may be a mixture of tokens. Input and output embeddings are one matrix."""

    def __init__(self, shape: Shape) -> None:
        """Initialise as GPT-2 does: weights of standard deviation 0.02, those that end a layer smaller."""
        super().__init__()
        self.tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.places = nn.Embedding(shape.places, shape.width)
        self.blocks = nn.ModuleList([Block(shape) for _ in range(shape.layers)])
        self.norm = nn.LayerNorm(shape.width)
        for name, weights in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(weights)
            elif weights.dim() > 1:
                ends = name.endswith(("mix.weight", "narrow.weight"))
                nn.init.normal_(weights, std=_SPREAD / math.sqrt(2 * shape.layers) if ends else _SPREAD)

    def forward(self, embedded: Tensor) -> Tensor:
        """Return logits, rows x places x vocabulary, for embedded inputs, rows x places x width."""
        states = embedded + self.places.weight[: embedded.shape[1]]
        for block in self.blocks:
            states = block(states)
        logits: Tensor = self.norm(states) @ self.tokens.weight.T
        return logits

    @property
    def parameters_held(self) -> int:
        """How many parameters it has."""
        return sum(weights.numel() for weights in self.parameters())


def loss(model: Model, data: Data, mode: str) -> Tensor:
    """Return the mean loss over rows: of the answer (no_cot), of all partial sums (discrete), of all targets (cot2)."""
    length = data.steps.shape[1]
    if mode == "no_cot":
        logits = model(model.tokens(data.no_cot[:, : 2 * length + 1]))[:, -1]
        return functional.cross_entropy(logits, data.answers)
    if mode == "discrete":
        logits = model(model.tokens(data.discrete[:, : 2 * length + 1]))[:, -length:]
        return functional.cross_entropy(logits.transpose(1, 2), data.discrete[:, length + 2 : -1], reduction="sum") / len(
            logits
        )
    thought = data.steps[:, :-1] @ model.tokens.weight
    logits = model(torch.cat([model.tokens(data.prompts), thought], dim=1))[:, -length:]
    discrete = -(data.steps * logits.log_softmax(-1)).sum()
    known = (data.steps * data.steps.clamp_min(1e-12).log()).sum()
    return (discrete + known) / len(logits)


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def accuracy(model: Model, data: Data, mode: str) -> float:
    """Return the share of rows whose final token is right."""
    return float((answered(model, data, mode) == data.answers).float().mean())


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def answered(model: Model, data: Data, mode: str, temperature: float = 0.0) -> Tensor:
    """Return the final token of each row; with a temperature above 0 the tokens of a discrete thought are drawn."""
    length = data.steps.shape[1]
    if mode == "no_cot":
        return model(model.tokens(data.no_cot[:, : 2 * length + 1]))[:, -1].argmax(-1)
    tokens = model.tokens(data.prompts if mode == "cot2" else data.discrete[:, : length + 2])
    for step in range(length):
        logits = model(tokens)[:, -1]
        if step == length - 1 and mode == "cot2":
            return logits.argmax(-1)
        if mode == "cot2":
            following = logits.softmax(-1) @ model.tokens.weight
        else:
            token = torch.multinomial((logits / temperature).softmax(-1), 1)[:, 0] if temperature else logits.argmax(-1)
            following = model.tokens(token)
        tokens = torch.cat([tokens, following[:, None]], dim=1)
    return token


class Plan(NamedTuple):
    """How a model is trained.

    Args:
        mode: see the module.
        rate: AdamW's largest learning rate, reached after 5 % of the steps, then falling as a cosine.
        epochs: passes over the rows.
        batch: rows of one step.
        seed: decides the weights and the order of rows.
    """

    mode: str
    rate: float
    epochs: int
    batch: int
    seed: int


def trained(shape: Shape, data: Data, plan: Plan) -> tuple[Model, float]:
    """Return a model trained from scratch, and how many seconds that took."""
    began = time.perf_counter()
    torch.manual_seed(plan.seed)
    model = Model(shape).to(data.prompts.device)
    steps = plan.epochs * math.ceil(len(data.answers) / plan.batch)
    optimizer = torch.optim.AdamW(model.parameters(), lr=plan.rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _share(step, steps))
    for rows in _batches(data, plan):
        optimizer.zero_grad(set_to_none=True)
        loss(model, rows, plan.mode).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return model, time.perf_counter() - began


def _share(step: int, steps: int) -> float:
    warm = max(1, int(_WARM * steps))
    return (step + 1) / warm if step < warm else 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def _batches(data: Data, plan: Plan) -> Iterator[Data]:
    chance: Any = torch.Generator().manual_seed(plan.seed)
    for _ in range(plan.epochs):
        order = torch.randperm(len(data.answers), generator=chance).to(data.answers.device)
        yield from (data.at(part) for part in order.split(plan.batch))
