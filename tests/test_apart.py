"""No config to train on holds a near copy of what a config of ours measures with."""

from collections.abc import Callable, Iterator

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


def near(text: str, prompts: list[str], known: set[int]) -> bool:
    """Tell whether a text is one of the prompts, shares words in a row with one, or is much like one."""
    found = decontamination.hashes(text, WORDS)
    if found is None:
        return False
    if known & {found[0], *found[1]}:
        return True
    own = shingles(text, SHINGLE)
    return bool(own) and any(jaccard(own, shingles(prompt, SHINGLE)) >= ALIKE for prompt in prompts)


def hashed(prompts: list[str]) -> set[int]:
    return {
        number for prompt in prompts if (found := decontamination.hashes(prompt, WORDS)) for number in (found[0], *found[1])
    }


def training() -> list[tuple[str, str]]:
    return [
        (family, config)
        for family in families.names()
        for config in families.configs(family)
        if config not in families.facts(family).benchmarks
    ]


@pytest.mark.parametrize(("family", "config"), training())
def test_no_training_config_holds_a_near_copy_of_a_benchmark_of_ours(family: str, config: str, samples: Samples) -> None:
    wanted = {name: [prompt for prompt in prompts if len(prompt) > 1] for name, prompts in measured(samples).items()}
    assert all(wanted.values())
    everything = [prompt for prompts in wanted.values() for prompt in prompts]
    known = hashed(everything)
    assert sum(near(text, everything, known) for text in set(texts(samples(family), config))) == 0


def test_a_near_copy_is_seen(samples: Samples) -> None:
    prompts = next(iter(measured(samples).values()))
    longest = max(prompts, key=len)
    known = hashed(prompts)
    assert near(longest.upper(), prompts, known)
    assert near(f"Please: {longest} Thank you.", prompts, known)
    words = longest.split()
    words[len(words) // 2] = "something"
    assert near(" ".join(words), prompts, known)
    assert not near("A sentence about pears in winter that nobody asks.", prompts, known)
