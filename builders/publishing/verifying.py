"""Read back what was sent, as its users will, and compare it with what should be there."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub import constants

from builders.progress import tracked
from builders.publishing import contents
from builders.publishing.contents import Contents
from builders.publishing.patience import explaining, patiently
from builders.publishing.places import Place

_BATCH = 1000
_DOWNLOADS, _ROWS = "hub", "rows"


def faults(place: Place, revision: str, sums: Mapping[str, str], expected: Mapping[str, Contents], cache: Path) -> list[str]:
    """Return what is wrong with a revision: nothing, if it may be called a version.

    Args:
        place: where it lies.
        revision: what names it there.
        sums: sha256 of each file.
        expected: rows and column hashes by config.
        cache: a folder for what is read, removed afterwards.
    """
    wrong = [f"{path} is another file" for path in place.mismatched(revision, sums)]
    if wrong:
        return wrong
    name, commit = place.source(revision)
    with explaining(place.address), _downloading_to(cache / _DOWNLOADS):
        listed = patiently(lambda: _configs(name, commit))
        if set(listed) != set(expected):
            return [f"it has the configs {', '.join(sorted(listed))}, not {', '.join(sorted(expected))}"]
        for config, wanted in expected.items():
            try:
                found = patiently(lambda config=config: _loaded(name, commit, config, cache))  # type: ignore[misc]
            finally:
                shutil.rmtree(cache, ignore_errors=True)
            wrong += _differences(config, wanted, found)
    return wrong


@contextmanager
def _downloading_to(folder: Path) -> Iterator[None]:
    """Let what is read back neither come from the cache that all of a user's programs share, nor stay in it."""
    shared = constants.HF_HUB_CACHE
    constants.HF_HUB_CACHE = str(folder)
    try:
        yield
    finally:
        constants.HF_HUB_CACHE = shared


def _configs(name: str, commit: str | None) -> list[str]:
    import datasets  # noqa: PLC0415

    return list(datasets.get_dataset_config_names(name, revision=commit))


def _loaded(name: str, commit: str | None, config: str, cache: Path) -> Contents:
    """Load a config, its rows in a cache of its own, and hash it."""
    import datasets  # noqa: PLC0415

    shutil.rmtree(cache / _ROWS, ignore_errors=True)
    splits = datasets.load_dataset(name, config, revision=commit, cache_dir=str(cache / _ROWS))
    parts = (part for split in sorted(splits) for part in splits[split].with_format("arrow").iter(batch_size=_BATCH))
    count = sum(-(-len(rows) // _BATCH) for rows in splits.values())
    return contents.contents(tracked(parts, f"read back {config}", count))


def _differences(config: str, wanted: Contents, actual: Contents) -> list[str]:
    if wanted.rows != actual.rows:
        return [f"{config} has {actual.rows} rows, not {wanted.rows}"]
    names = sorted({*wanted.columns, *actual.columns})
    return [f"column {name} of {config} differs" for name in names if wanted.columns.get(name) != actual.columns.get(name)]
