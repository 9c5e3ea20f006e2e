"""Hints about what is finished: they change the order in which requests go out, and never a result."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import shards
from builders.asking.asker import ROWS_WORTH_RESUMING
from builders.asking.resuming import CHUNK_ROWS, SAVED_ROWS, FinishedRows
from tests.doubles.teacher import Answer, Received, Server, serving
from tests.harness import FAMILY, Workspace, lines, one_line

NAME = f"{FAMILY}-synthesize-default"
ROWS = 24
PROMPTS = [f"How do I look after plant number {n}?" for n in range(ROWS)]


def answer(request: Received) -> Answer:
    return Answer(f"A thought.\n</think>\n\nAn answer to {request.text}")


def hints(workspace: Workspace) -> Path:
    return workspace.root / ".ledger" / "replies.sqlite.finished" / f"{NAME}.u64"


def written(workspace: Workspace) -> bytes:
    return lines(workspace.root / f"processed/{FAMILY}/synthesize/rows/default")


def counted(workspace: Workspace) -> tuple[int, int]:
    """Return how many requests the last run says it sent, and how many it found in the ledger."""
    figures = orjson.loads((workspace.root / f"processed/{FAMILY}/metrics/synthesize/default.json").read_bytes())
    return figures["sent"], figures["from_ledger"]


def prepared(root: Path) -> Workspace:
    workspace = Workspace.make(root)
    workspace.project(teacher="endpoint")
    with workspace.params() as params:
        params["sample"]["synthesize"]["replies"] = 1
        params["sample"]["synthesize"]["roles"]["teacher"]["server"] = "double"
    return workspace


class Halves(NamedTuple):
    """A family of which every other row was asked about, the hints of all rows, and what the rows come to in the end."""

    workspace: Workspace
    server: Server
    hints: list[int]
    whole: bytes


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Halves]:
    folder = tmp_path_factory.mktemp("halves")
    with serving(answer) as server:
        whole, half = prepared(folder / "whole"), prepared(folder / "half")
        whole.collected(*PROMPTS)
        whole.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
        half.collected(*PROMPTS[::2])
        half.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
        half.collected(*PROMPTS)
        known = np.fromfile(hints(whole), np.uint64).tolist()
        assert len(set(known)) == ROWS
        yield Halves(half, server, known, written(whole))


class Hints(NamedTuple):
    """Which rows are named, rightly or not; how many hints name nothing; how many bytes the file lacks; and their order."""

    rows: list[int]
    wrong: int
    torn: int
    seed: int


HINTS = st.builds(
    Hints,
    st.lists(st.integers(0, ROWS - 1)),
    st.integers(ROWS_WORTH_RESUMING, ROWS_WORTH_RESUMING + 200),
    st.integers(0, 7),
    st.integers(0, 99),
)


@settings(derandomize=True, max_examples=20, deadline=None)
@given(sketch=HINTS)
def test_whatever_the_hints_say_the_same_rows_come_out_and_the_same_is_asked(
    halves: Halves, tmp_path_factory: pytest.TempPathFactory, sketch: Hints
) -> None:
    workspace = halves.workspace.copied(tmp_path_factory.mktemp("resumed") / "project")
    draw = random.Random(sketch.seed)  # noqa: S311
    content = [halves.hints[row] for row in sketch.rows] + [draw.getrandbits(64) for _ in range(sketch.wrong)]
    draw.shuffle(content)
    hints(workspace).write_bytes(np.array(content, np.uint64).tobytes()[: -sketch.torn or None])
    before = len(halves.server.asked)
    workspace.quick("synthesize", BUILDERS_TEACHER_URL=halves.server.url)
    asked = [asked.text for asked in halves.server.asked[before:]]
    assert sorted(asked) == sorted(PROMPTS[1::2])
    assert counted(workspace) == (ROWS // 2, ROWS // 2)
    assert written(workspace) == halves.whole


def test_what_is_new_is_asked_before_the_finished_rows_are_written_again(tmp_path: Path) -> None:
    workspace = prepared(tmp_path / "resumed")
    old = [f"How do I look after plant number {n}? {'It is green. ' * 20}" for n in range(3 * ROWS_WORTH_RESUMING)]
    sizes: list[int] = []
    partial = workspace.root / f"processed/{FAMILY}/synthesize/rows/.default.partial/.00000.jsonl.zst.partial"

    def script(request: Received) -> Answer:
        if "brand new" in request.text:
            sizes.append(partial.stat().st_size if partial.exists() else 0)
        return answer(request)

    with serving(script) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url}
        workspace.collected(*old)
        workspace.quick("synthesize", **environment)
        workspace.collected(*old, "What is brand new?")
        workspace.quick("synthesize", **environment, BUILDERS_CONCURRENCY="2")
        assert (len(server.asked), server.resent()) == (len(old) + 1, 0)
        assert counted(workspace) == (1, len(old))
    assert sizes[0] < partial.parent.with_name("default").joinpath("00000.jsonl.zst").stat().st_size / 100
    assert [row["data"]["instruction"] for row in workspace.rows("synthesize")] == [*old, "What is brand new?"]


def test_a_request_that_fails_ahead_is_not_sent_again_for_its_row(halves: Halves, tmp_path: Path) -> None:
    workspace = halves.workspace.copied(tmp_path / "project")
    hints(workspace).write_bytes(np.arange(1, ROWS_WORTH_RESUMING + 1, dtype=np.uint64).tobytes())
    with serving(lambda asked: Answer(status=400) if "number 5?" in asked.text else answer(asked)) as server:
        lines = workspace.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
        assert lines == [f"synthesize {FAMILY}/default: in {ROWS}, out {ROWS - 1}, rejected 1 (no_reply 1)"]
        assert (len(server.asked), server.resent()) == (ROWS // 2, 0)
        server.script = answer
        workspace.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
        assert len(server.asked) == ROWS // 2 + 1


def test_a_server_that_refuses_what_is_asked_ahead_stops_the_build(halves: Halves, tmp_path: Path) -> None:
    workspace = halves.workspace.copied(tmp_path / "project")
    hints(workspace).write_bytes(np.arange(1, ROWS_WORTH_RESUMING + 1, dtype=np.uint64).tobytes())
    with serving(lambda _: Answer(status=401)) as server:
        line = one_line(workspace.run("synthesize", FAMILY, BUILDERS_TEACHER_URL=server.url))
    assert "HTTP 401" in line


def test_a_row_that_lacks_a_reply_is_not_finished(tmp_path: Path) -> None:
    workspace = prepared(tmp_path / "project")
    workspace.collected(*PROMPTS[:6])
    with serving(lambda asked: Answer(status=400) if "number 5?" in asked.text else answer(asked)) as server:
        workspace.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
        assert len(np.fromfile(hints(workspace), np.uint64)) == 5
        server.script = answer
        workspace.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
    assert len(np.fromfile(hints(workspace), np.uint64)) == 6


# The hints themselves.


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "replies.sqlite"
    monkeypatch.setenv("BUILDERS_LEDGER", str(path))
    return path.with_name(f"{path.name}.finished") / f"{NAME}.u64"


def noted(*numbers: int) -> set[int]:
    """Note that these are finished, and return what is known to the next run."""
    with FinishedRows(NAME, "params") as finished:
        for number in numbers:
            finished.add(number)
    return set(FinishedRows(NAME, "params").known.tolist())


def test_what_a_run_finished_is_known_to_the_next_and_noted_once(ledger: Path) -> None:
    assert noted(3, 1, 2**64 - 1) == {1, 3, 2**64 - 1}
    assert noted(1, 2**64 - 1, 4, 0) == {0, 1, 3, 4, 2**64 - 1}
    assert ledger.stat().st_size == 5 * 8


def test_of_a_run_that_is_killed_all_but_the_last_are_known(ledger: Path) -> None:
    finished = FinishedRows(NAME, "params")  # never left, as after a kill
    for number in range(2 * SAVED_ROWS + 5):
        finished.add(number)
    assert ledger.stat().st_size == 2 * SAVED_ROWS * 8
    assert set(FinishedRows(NAME, "params").known.tolist()) == set(range(2 * SAVED_ROWS))


def test_a_torn_tail_costs_one_hint_and_no_later_one(ledger: Path) -> None:
    noted(*range(10))
    for torn in range(1, 9):
        content = np.arange(10, dtype=np.uint64).tobytes()
        ledger.write_bytes(content[: -torn or None])
        assert noted(100, 101) == {*range(9), 100, 101}


def test_hints_of_other_params_or_of_another_stage_say_nothing(ledger: Path) -> None:
    del ledger
    line = b'{"id": "a row"}'
    with FinishedRows(NAME, "params") as finished:
        finished.add(finished.hash(line))
    assert FinishedRows(NAME, "params").hash(line) in FinishedRows(NAME, "params").known
    assert FinishedRows(NAME, "others").hash(line) not in FinishedRows(NAME, "others").known
    assert len(FinishedRows(f"{FAMILY}-judge-default", "params").known) == 0


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.sets(st.integers(0, 199), min_size=1))
def test_unfinished_rows_are_those_that_are_not_noted_in_their_order(
    tmp_path_factory: pytest.TempPathFactory, done: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    rows = [b'{"row": %d}\n' % number for number in range(200)]
    with shards.anew(folder / "rows") as append:
        for row in rows:
            append(row)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_LEDGER", str(folder / "replies.sqlite"))
        with FinishedRows(NAME, "params") as finished:
            for number in done:
                finished.add(finished.hash(rows[number]))
        found = list(FinishedRows(NAME, "params").unfinished(folder / "rows"))
    assert found == [row for number, row in enumerate(rows) if number not in done]


def test_rows_are_read_a_chunk_at_a_time(ledger: Path, tmp_path: Path) -> None:
    del ledger
    count = 2 * CHUNK_ROWS + 7
    with shards.anew(tmp_path / "rows") as append:
        for number in range(count):
            append(b"%d\n" % number)
    with FinishedRows(NAME, "params") as finished:
        for number in range(0, count, 2):
            finished.add(finished.hash(b"%d\n" % number))
    found = [int(line) for line in FinishedRows(NAME, "params").unfinished(tmp_path / "rows")]
    assert found == list(range(1, count, 2))
