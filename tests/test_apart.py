"""No config to train on holds a near copy of what a config of ours measures with."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator

import pyarrow.parquet as pq
import pytest

from builders import family as families
from builders.releases import tally
from builders.screening import decontamination
from builders.sources.benchmarks import listing
from builders.texts.words import jaccard, shingles
from tests.harness import Workspace

Samples = Callable[[str], Workspace]
WORDS, SHINGLE, ALIKE = 13, 3, 0.8
"""As the params of every family have them: words in a row, and what makes a near-duplicate."""
_NO_TEXT = {"id", "canary", "provenance", "parent", "twin_of", "license", "licence", "source"}


def texts(workspace: Workspace, config: str, columns: list[str] | None = None) -> Iterator[str]:
    """Yield the texts of a config: of all its columns, or of some."""
    for shard in sorted((workspace.root / "processed" / workspace.family / "release" / config).glob("*.parquet")):
        table = pq.read_table(shard)
        for column in columns or [name for name in table.column_names if name not in _NO_TEXT]:
            yield from tally.leaves(table.column(column))


def measured(samples: Samples) -> dict[str, list[str]]:
    """Return benchmark config → its prompts."""
    return {
        f"{own.family}/{config}": list(texts(samples(own.family), config, own.columns))
        for own in listing.every().own
        for config in own.configs
    }


class Prompts:
    """What benchmarks ask, so that a text is compared with those alone that share words with it."""

    def __init__(self, prompts: Collection[str]) -> None:
        self._hashes = set[int]()
        self._shingles = [shingles(prompt, SHINGLE) for prompt in prompts]
        self._holding = defaultdict[int, set[int]](set)
        for prompt in prompts:
            if found := decontamination.hashes(prompt, WORDS):
                self._hashes |= {found[0], *found[1]}
        for number, own in enumerate(self._shingles):
            for shingle in own:
                self._holding[hash(shingle)].add(number)

    def near(self, text: str) -> bool:
        """Tell whether a text is one of the prompts, shares words in a row with one, or is much like one."""
        found = decontamination.hashes(text, WORDS)
        if found is None:
            return False
        if self._hashes & {found[0], *found[1]}:
            return True
        own = shingles(text, SHINGLE)
        sharing = set[int]().union(*(self._holding.get(hash(shingle), set()) for shingle in own))
        return any(jaccard(own, self._shingles[number]) >= ALIKE for number in sharing)


@pytest.fixture(scope="module")
def benchmarks(samples: Samples) -> Prompts:
    wanted = {name: [prompt for prompt in prompts if len(prompt) > 1] for name, prompts in measured(samples).items()}
    assert all(wanted.values())
    return Prompts([prompt for prompts in wanted.values() for prompt in prompts])


def training() -> list[tuple[str, str]]:
    return [
        (family, config)
        for family in families.names()
        for config in families.configs(family)
        if config not in families.facts(family).benchmarks
    ]


@pytest.mark.parametrize(("family", "config"), training())
def test_no_training_config_holds_a_near_copy_of_a_benchmark_of_ours(
    family: str, config: str, samples: Samples, benchmarks: Prompts
) -> None:
    assert sum(map(benchmarks.near, set(texts(samples(family), config)))) == 0


def test_a_near_copy_is_seen(samples: Samples) -> None:
    prompts = next(iter(measured(samples).values()))
    longest = max(prompts, key=len)
    known = Prompts(prompts)
    assert known.near(longest.upper())
    assert known.near(f"Please: {longest} Thank you.")
    words = longest.split()
    words[len(words) // 2] = "something"
    assert known.near(" ".join(words))
    assert not known.near("A sentence about pears in winter that nobody asks.")
