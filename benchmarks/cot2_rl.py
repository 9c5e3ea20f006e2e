"""Policy optimisation of a small model that thinks in samples (CoT2, arXiv 2505.23648): GRPO with MTS-K and Dirichlet steps.

A rollout samples every step of the thought but the last, which is one token drawn from the distribution; its reward is whether
that token is the answer. The step ratios are those of `builders.families.cot2.samplers`, clipped one by one. Used by
`benchmarks.cot2_train --rl`, which also prints pass@k of the discrete model.
"""

import argparse
import copy
import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from benchmarks.cot2_model import Data, Model, Plan, Shape, accuracy, answered, trained
from builders.families.cot2 import samplers

STEPS, BATCH, GROUP = 200, 16, 8
CLIP, RATE, WEIGHT_DECAY = 0.1, 2e-4, 0.01
TOKENS = (1, 3, 6)
MOST_TRIES = 14
_SCALE = 1.0


class Way(NamedTuple):
    """How a step is sampled: K tokens averaged, or, with K = 0, a Dirichlet mixture."""

    tokens: int

    @property
    def name(self) -> str:
        """What a report calls it."""
        return f"MTS-{self.tokens}" if self.tokens else "Dirichlet"


class Rollout(NamedTuple):
    """What a policy sampled: R rollouts, m steps.

    Args:
        prompts: R x (m + 1).
        picks: of MTS the tokens of each step, R x K; of Dirichlet its mixture, R x V.
        last: the final tokens, R.
        old: log probabilities at each step, R x m x V.
    """

    prompts: Tensor
    picks: list[Tensor]
    last: Tensor
    old: Tensor


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def sampled(model: Model, prompts: Tensor, steps: int, way: Way) -> Rollout:
    """Return one rollout of each prompt."""
    tokens, picks, logs = model.tokens(prompts), [], []
    for step in range(steps):
        logs.append(model(tokens)[:, -1].log_softmax(-1))
        chances = logs[-1].exp()
        if step == steps - 1:
            break
        picks.append(_pick(chances, way))
        tokens = torch.cat([tokens, _read(model, picks[-1], way)[:, None]], dim=1)
    last = samplers.drawn_tokens(chances, torch.rand(len(prompts), 1))[:, 0]
    return Rollout(prompts, picks, last, torch.stack(logs, dim=1))


def _pick(chances: Tensor, way: Way) -> Tensor:
    if way.tokens:
        tokens: Tensor = samplers.drawn_tokens(chances, torch.rand(len(chances), way.tokens))
        return tokens
    support = chances >= samplers.LEAST_SHARE
    parameters = samplers.concentration(chances, support, _SCALE)
    mixed: Tensor = samplers.mixture(torch._standard_gamma(parameters).clamp_min(1e-30) * support)  # noqa: SLF001
    return mixed


def _read(model: Model, picks: Tensor, way: Way) -> Tensor:
    """Return the continuous token that a step's picks make."""
    weights = model.tokens.weight
    read: Tensor = samplers.averaged(weights, picks) if way.tokens else picks @ weights
    return read


def objective(model: Model, rollout: Rollout, rewards: Tensor, way: Way) -> Tensor:
    """Return the clipped loss of rollouts, averaged over steps."""
    tokens = model.tokens(rollout.prompts)
    for picks in rollout.picks:
        tokens = torch.cat([tokens, _read(model, picks, way)[:, None]], dim=1)
    steps = len(rollout.picks) + 1
    new = model(tokens)[:, -steps:].log_softmax(-1)
    logs = [_log_ratio(new[:, step], rollout.old[:, step], picks, way) for step, picks in enumerate(rollout.picks)]
    logs.append(samplers.mts_log_ratio(new[:, -1], rollout.old[:, -1], rollout.last[:, None], normalised=False))
    ratios = torch.stack(logs, dim=1).exp()
    gain = samplers.advantages(rewards.view(-1, GROUP)).reshape(-1, 1)
    return -torch.minimum(ratios * gain, ratios.clamp(1 - CLIP, 1 + CLIP) * gain).mean()


def _log_ratio(new: Tensor, old: Tensor, picks: Tensor, way: Way) -> Tensor:
    if way.tokens:
        ratio: Tensor = samplers.mts_log_ratio(new, old, picks, normalised=False)
    else:
        ratio = samplers.dirichlet_log_ratio(picks, new.exp(), old.exp(), _SCALE, torch.lgamma)
    return ratio


def improved(model: Model, data: Data, way: Way, seed: int) -> Model:
    """Return a copy of a model behind 200 steps of GRPO."""
    torch.manual_seed(seed)
    policy = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(policy.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    for _ in range(STEPS):
        rows = data.at(torch.randint(len(data.answers), (BATCH,)).repeat_interleave(GROUP))
        rollout = sampled(policy, rows.prompts, data.steps.shape[1], way)
        rewards = (rollout.last == rows.answers).float()
        optimizer.zero_grad(set_to_none=True)
        objective(policy, rollout, rewards, way).backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimizer.step()
    return policy


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def sampling_accuracy(model: Model, data: Data, way: Way) -> float:
    """Return the share of rows whose final token, behind a sampled thought, is right; the token itself is not drawn."""
    rollout = sampled(model, data.prompts, data.steps.shape[1], way)
    return float((rollout.old[:, -1].argmax(-1) == data.answers).float().mean())


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def passes(model: Model, data: Data, tries: int) -> list[float]:
    """Return pass@1 … pass@tries of a discrete model at temperature 1, as the unbiased share of `tries` samples."""
    hits = torch.stack([answered(model, data, "discrete", temperature=1.0) == data.answers for _ in range(tries)]).sum(0)
    return [float((1 - _missed(tries - hits, tries, k)).mean()) for k in range(1, tries + 1)]


def _missed(wrong: Tensor, tries: int, k: int) -> Tensor:
    """Return the chance that k of the samples, drawn without putting back, are all wrong."""
    chance = torch.ones_like(wrong, dtype=torch.double)
    for place in range(k):
        chance = chance * (wrong - place).clamp_min(0) / (tries - place)
    return chance


def report(train: Data, held_out: Data, shape: Shape, rates: Mapping[str, float], arguments: argparse.Namespace) -> None:
    """Print pass@k of the discrete model beside one pass of CoT2, then accuracy before and after GRPO, over seeds."""
    ways = [Way(tokens) for tokens in TOKENS] + [Way(0)]
    found: dict[str, list[float]] = {}
    curves: list[list[float]] = []
    for seed in range(arguments.seeds):
        models = {
            mode: trained(shape, train, Plan(mode, rates[mode], arguments.epochs, arguments.batch, seed))[0]
            for mode in ("discrete", "cot2")
        }
        torch.manual_seed(seed)
        curves.append([100 * share for share in passes(models["discrete"], held_out, MOST_TRIES)])
        for mode, model in models.items():
            found.setdefault(f"{mode}, one greedy pass", []).append(100 * accuracy(model, held_out, mode))
        for way in ways:
            policy = improved(models["cot2"], train, way, seed)
            for when, which in (("before", models["cot2"]), ("after", policy)):
                found.setdefault(f"{way.name} sampled, {when}", []).append(100 * sampling_accuracy(which, held_out, way))
            found.setdefault(f"{way.name}, own mixtures, after", []).append(100 * accuracy(policy, held_out, "cot2"))
        print(f"seed {seed} done", flush=True)
    print(f"1 layer, 1 head, width {shape.width}; {STEPS} steps of GRPO, {BATCH} prompts, {GROUP} rollouts, rate {RATE}")
    for name, values in found.items():
        print(f"{name:32} {_spread(values)}")
    for k in range(MOST_TRIES):
        print(f"discrete pass@{k + 1:<2} {_spread([curve[k] for curve in curves])}")


def _spread(values: Sequence[float]) -> str:
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):6.2f} ± {deviation:.2f}"
