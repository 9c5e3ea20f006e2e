"""What reviewers see of tasks and traces."""

from collections.abc import Callable

from builders import records
from builders.families.cogtest.review import STAGE
from builders.params import loading
from builders.reviewing import cells, layout
from tests.families.cogtest import FAMILY
from tests.harness import Workspace


def test_every_row_has_the_field_that_argilla_wants_and_its_habit_in_words(samples: Callable[[str], Workspace]) -> None:
    what, sample = layout.of(FAMILY), samples(FAMILY)
    tasks, traces = (
        [cells.shown(what, row["data"] | {"id": row["id"]}) for row in sample.rows("filter", pool, FAMILY)]
        for pool in ("default", "traces")
    )
    assert tasks
    assert {frozenset(shown) for shown in tasks} == {frozenset({"instruction", "habit"})}
    assert not {shown["habit"] for shown in tasks} & {"finding_humor", "persisting"}
    assert traces
    assert {frozenset(shown) for shown in traces} == {frozenset({"instruction", "reasoning", "answer"})}


def test_tasks_that_filter_rejected_are_reviewed_too(samples: Callable[[str], Workspace]) -> None:
    sample = samples(FAMILY)
    with sample.inside():
        params = loading.load(FAMILY).filter
        shown = [STAGE.candidate(record, params) for record, _ in records.rejected(FAMILY, "filter", "default")]
        hidden = [STAGE.candidate(record, params) for record, _ in records.rejected(FAMILY, "filter", "traces")]
    assert shown
    assert all(one and one.data["instruction"] for one in shown)
    assert set(hidden) <= {None}
