"""Ways to sample a continuous thought, and how likely another policy is to have sampled it (CoT2, arXiv 2505.23648).

    MTS-K       K tokens drawn with replacement, their embeddings averaged; with K = 1 this is a discrete chain of thought
    Dirichlet   a mixture drawn around the policy's distribution, over the tokens that have a share worth mentioning

Pure functions over arrays of NumPy or of torch, which gradients pass through: chance comes in as draws. Shapes: … is any batch,
V the vocabulary, K the tokens of one step. Ratios are returned as logarithms, one for each step.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

LEAST_SHARE = 1e-3
"""Tokens with a smaller probability take no part in a Dirichlet step."""

_TINY = 1e-30

Array = Any
"""A NumPy array or a torch tensor: what is used here is spelled alike for both."""


def drawn_tokens(probabilities: Array, draws: Array) -> Array:
    """Return the tokens that draws fall on, … x K.

    Args:
        probabilities: … x V.
        draws: … x K, uniform in [0, 1).
    """
    passed = probabilities.cumsum(-1)[..., None, :] <= draws[..., :, None]
    return passed.sum(-1).clip(0, probabilities.shape[-1] - 1)


def averaged(embeddings: Array, tokens: Array) -> Array:
    """Return the continuous token of an MTS step, … x width: the mean of the embeddings of its tokens."""
    return embeddings[tokens].mean(-2)


def mts_log_ratio(new: Array, old: Array, tokens: Array, *, normalised: bool) -> Array:
    """Return the logarithm of the ratio of two policies for a step of K tokens.

    Args:
        new: log probabilities of the policy in training, … x V.
        old: those of the policy that sampled.
        tokens: what it drew, … x K.
        normalised: whether the logits were divided by K before sampling: then the step's ratio is the product over its
            tokens; else it is their geometric mean.
    """
    width = new.shape[-1]
    drawn = tokens.reshape(-1, tokens.shape[-1])
    places = np.arange(len(drawn))[:, None]
    ratios = new.reshape(-1, width)[places, drawn] - old.reshape(-1, width)[places, drawn]
    step = ratios.sum(-1) if normalised else ratios.mean(-1)
    return step.reshape(tokens.shape[:-1])


def concentration(probabilities: Array, support: Array, scale: float) -> Array:
    """Return the parameters of a Dirichlet step, … x V, zero outside of the support.

    Args:
        probabilities: of the policy, … x V.
        support: which tokens take part: those with at least `LEAST_SHARE` by the policy that samples.
        scale: what the parameters of a step sum to.
    """
    kept = probabilities.clip(LEAST_SHARE, 1.0) * support
    return scale * kept / kept.sum(-1)[..., None]


def mixture(gammas: Array) -> Array:
    """Return the mixture of a Dirichlet step from draws of gamma variables, … x V."""
    return gammas / gammas.sum(-1)[..., None]


def dirichlet_log_density(mixed: Array, parameters: Array, support: Array, log_gamma: Callable[[Array], Array]) -> Array:
    """Return the logarithm of the density of mixtures, over the simplex of the support.

    Args:
        mixed: what was drawn, … x V.
        parameters: what `concentration` returned.
        support: the tokens that take part.
        log_gamma: the logarithm of the gamma function, of the library that the arrays are of.
    """
    inside = parameters + (1 - support * 1)
    terms = ((inside - 1) * _log(mixed.clip(_TINY, 1.0)) - log_gamma(inside)) * support
    return log_gamma(parameters.sum(-1)) + terms.sum(-1)


def dirichlet_log_ratio(mixed: Array, new: Array, old: Array, scale: float, log_gamma: Callable[[Array], Array]) -> Array:
    """Return the logarithm of the ratio of two policies for a Dirichlet step.

    Args:
        mixed: the mixture that was drawn, … x V.
        new: probabilities of the policy in training, … x V.
        old: those of the policy that sampled.
        scale: what the parameters of a step sum to.
        log_gamma: see `dirichlet_log_density`.
    """
    support = old >= LEAST_SHARE
    densities = (
        dirichlet_log_density(mixed, concentration(policy, support, scale), support, log_gamma) for policy in (new, old)
    )
    return next(densities) - next(densities)


def _log(array: Array) -> Array:
    return array.log() if hasattr(array, "log") else np.log(array)


def advantages(rewards: Array) -> Array:
    """Return by how many standard deviations each of a group's rewards is above their mean, groups x rollouts."""
    spread = ((rewards - rewards.mean(-1)[..., None]) ** 2).mean(-1) ** 0.5
    return (rewards - rewards.mean(-1)[..., None]) / (spread[..., None] + LEAST_SHARE)
