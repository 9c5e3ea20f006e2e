"""samplers: MTS-K and Dirichlet steps and their ratios; with one token MTS is a discrete chain of thought."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import special, stats

from builders.families.cot2 import samplers

CHANCE = np.random.default_rng(0)
OLD = CHANCE.dirichlet(np.ones(7), size=5)
NEW = CHANCE.dirichlet(np.ones(7), size=5)


def test_tokens_are_drawn_with_the_probabilities_they_have() -> None:
    draws = (np.arange(10_000)[None] + 0.5) / 10_000
    tokens = samplers.drawn_tokens(np.array([[0.5, 0.0, 0.3, 0.2]]), draws)
    assert np.bincount(tokens[0], minlength=4).tolist() == [5000, 0, 3000, 2000]
    assert samplers.drawn_tokens(np.array([0.5, 0.5 - 1e-9]), np.array([1 - 1e-12])).tolist() == [1]
    assert samplers.drawn_tokens(np.array([0.0, 0.5, 0.5]), np.array([0.0, 0.5])).tolist() == [1, 2]


def test_one_token_is_a_discrete_step_with_the_ratio_of_its_probabilities() -> None:
    tokens = samplers.drawn_tokens(OLD, CHANCE.random((5, 1)))
    embeddings = CHANCE.random((7, 3))
    assert np.array_equal(samplers.averaged(embeddings, tokens), embeddings[tokens[:, 0]])
    rows = np.arange(5)
    ratio = NEW[rows, tokens[:, 0]] / OLD[rows, tokens[:, 0]]
    for normalised in (True, False):
        found = np.exp(samplers.mts_log_ratio(np.log(NEW), np.log(OLD), tokens, normalised=normalised))
        assert found == pytest.approx(ratio)


@given(some.integers(1, 6))
@settings(max_examples=6, deadline=None)
def test_several_tokens_have_the_product_of_their_ratios_or_its_geometric_mean(count: int) -> None:
    tokens = samplers.drawn_tokens(OLD, CHANCE.random((5, count)))
    product = np.prod(np.take_along_axis(NEW / OLD, tokens, axis=1), axis=1)
    arrays = np.log(NEW), np.log(OLD), tokens
    assert np.exp(samplers.mts_log_ratio(*arrays, normalised=True)) == pytest.approx(product)
    assert np.exp(samplers.mts_log_ratio(*arrays, normalised=False)) == pytest.approx(product ** (1 / count))


def test_the_average_of_several_tokens_is_that_of_their_embeddings() -> None:
    found = samplers.averaged(np.eye(4), np.array([[0, 0, 3]]))
    assert found.tolist() == [pytest.approx([2 / 3, 0, 0, 1 / 3])]


def test_a_dirichlet_density_is_scipys_over_the_tokens_that_take_part() -> None:
    policy = np.array([0.6, 0.3999, 0.0001, 0.0])
    support = policy >= samplers.LEAST_SHARE
    parameters = samplers.concentration(policy, support, 2.0)
    assert parameters.tolist() == pytest.approx([2 * 0.6 / 0.9999, 2 * 0.3999 / 0.9999, 0, 0])
    mixed = samplers.mixture(np.array([3.0, 1.0, 0.0, 0.0]))
    found = samplers.dirichlet_log_density(mixed, parameters, support, special.gammaln)
    assert found == pytest.approx(stats.dirichlet.logpdf(mixed[:2], parameters[:2]))


def test_the_ratio_of_a_dirichlet_step_is_that_of_its_densities_and_one_for_equal_policies() -> None:
    support = OLD >= samplers.LEAST_SHARE
    assert not support.all()
    mixed = samplers.mixture(CHANCE.gamma(np.ones((5, 7))) * support)
    assert mixed.sum(-1) == pytest.approx(np.ones(5))
    same = samplers.dirichlet_log_ratio(mixed, OLD, OLD, 1.0, special.gammaln)
    assert same == pytest.approx(np.zeros(5), abs=1e-12)
    ratio = samplers.dirichlet_log_ratio(mixed, NEW, OLD, 1.0, special.gammaln)
    for row in range(5):
        own = support[row]
        parts = [samplers.concentration(policy[row], support[row], 1.0)[own] for policy in (NEW, OLD)]
        wanted = stats.dirichlet.logpdf(mixed[row][own], parts[0]) - stats.dirichlet.logpdf(mixed[row][own], parts[1])
        assert ratio[row] == pytest.approx(wanted)


def test_advantages_have_no_mean_and_one_spread_within_a_group() -> None:
    found = samplers.advantages(np.array([[1.0, 0.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]]))
    assert found[0] == pytest.approx([1, -1, -1, 1], rel=0.01)
    assert found[1].tolist() == [0, 0, 0, 0]
    assert samplers.advantages(np.array([[1.0, 0.0]]))[0] == pytest.approx([0.5 / 0.501, -0.5 / 0.501], rel=1e-12)


def test_a_token_with_just_the_least_share_takes_part_in_a_ratio() -> None:
    mixed, new, old = np.array([0.2, 0.8]), np.array([0.3, 0.7]), np.array([0.001, 0.999])
    wanted = stats.dirichlet.logpdf(mixed, 2 * new) - stats.dirichlet.logpdf(mixed, 2 * old)
    assert samplers.dirichlet_log_ratio(mixed, new, old, 2.0, special.gammaln) == pytest.approx(wanted)


def test_an_array_that_has_a_logarithm_of_its_own_is_asked_for_it() -> None:
    class Tensor(np.ndarray[tuple[int, ...], np.dtype[np.float64]]):
        def log(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
            return np.array([7.0, 7.0])

    parameters, support = np.array([2.0, 1.0]), np.array([True, True])
    mixed = np.array([0.5, 0.5]).view(Tensor)
    found = samplers.dirichlet_log_density(mixed, parameters, support, special.gammaln)
    assert found == pytest.approx(special.gammaln(3.0) + 7.0)
