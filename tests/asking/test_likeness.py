"""Prompts whose embeddings point the same way mean the same: the first is kept, a later one goes."""

import asyncio
import base64
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from builders import records
from builders.asking import likeness
from builders.errors import BuildError
from builders.records import Outcome, Record, Rejection
from builders.teachers.api import NoReplyError, Reply, Request
from tests.harness import OWN, laid


def _written(*numbers: float) -> str:
    return base64.b64encode(np.asarray(numbers, "<f4").tobytes()).decode()


def _parted(folder: Path, threshold: float, *found: tuple[float, ...]) -> tuple[list[str], list[tuple[str, str]]]:
    rows = [Record(f"toy:{place:016x}", "default", None, OWN, {"prompt": str(place)}) for place in range(len(found))]
    laid(folder / "embedded", [row.having(embedding=_written(*numbers)) for row, numbers in zip(rows, found, strict=True)])
    likeness.part(folder / "embedded", threshold, folder / "kept", folder / "rejected", "toy")
    kept = [record for record, _ in records.read(folder / "kept")]
    assert not [record.id for record in kept if likeness.VECTOR in record.data]
    gone = [(record.id, why) for record, why in records.read(folder / "rejected") if why]
    assert all(why.reason == "near_duplicate" and why.evidence["cosine"] >= threshold for _, why in gone)
    return [record.id[-1] for record in kept], [(identity[-1], why.evidence["duplicate_of"][-1]) for identity, why in gone]


class _Asking:
    """Answers every request in one way."""

    def __init__(self, answer: Reply | NoReplyError) -> None:
        self.answer = answer

    async def __call__(self, request: Request) -> Reply | NoReplyError:
        del request
        return self.answer

    async def all(self, requests: Iterable[Request]) -> list[Reply | NoReplyError]:
        return [await self(request) for request in requests]

    def sampled(self, stage: str, role: str, candidates: int, accepted: int) -> None:
        raise AssertionError((stage, role, candidates, accepted))


def _worked(answer: Reply | NoReplyError, requests: int = 1) -> list[Outcome]:
    row = Record("toy:0", "default", None, OWN, {"prompt": "a"})
    openings = [Request("collect", "embedder", row.id, 0, {"input": "a"})] * requests
    return asyncio.run(likeness.work(row, openings, _Asking(answer)))


def test_a_prompt_has_its_vector_or_says_why_it_has_none() -> None:
    [(row, why)] = _worked(Reply("a vector", "stop", "key"))
    assert (row.data, why) == ({"prompt": "a", "embedding": "a vector"}, None)
    [(row, why)] = _worked(NoReplyError({"status": 500}))
    assert (row.data, why) == ({"prompt": "a"}, Rejection("no_reply", {"replies": [{"index": 0, "status": 500}]}))
    [(row, why)] = _worked(NoReplyError({}), requests=0)
    assert (row.data, why) == ({"prompt": "a"}, None)


def test_the_first_is_kept_and_what_is_like_it_goes(tmp_path: Path) -> None:
    found = _parted(tmp_path, 0.9, (1, 0), (2, 0.1), (0, 1), (0.7, 0.7), (0, -1))
    assert found == (["0", "2", "3", "4"], [("1", "0")])


def test_what_goes_is_no_measure_for_others(tmp_path: Path) -> None:
    """The second is like the first and the third like the second; the third stays, for the second is gone."""
    near = np.deg2rad([0, 20, 40])
    assert _parted(tmp_path, 0.93, *((float(np.cos(one)), float(np.sin(one))) for one in near))[0] == ["0", "2"]


def test_the_threshold_decides(tmp_path: Path) -> None:
    assert _parted(tmp_path, 1.0, (1, 0), (1, 0.2), (1, 0.1)) == (["0", "1", "2"], [])
    assert _parted(tmp_path, 1.0, (1, 0), (2, 0), (0, 1)) == (["0", "2"], [("1", "0")])


def test_vectors_of_two_lengths_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="embeddings of 2 and of 3 numbers"):
        _parted(tmp_path, 0.9, (1, 0), (1, 0, 0))


def test_more_prompts_than_fit_into_a_first_table(tmp_path: Path) -> None:
    many = [tuple(float(number == place) for place in range(40)) for number in [*range(40), *range(40)] * 20]
    kept, gone = _parted(tmp_path, 0.99, *many)
    assert (len(kept), len(gone)) == (40, 1560)
