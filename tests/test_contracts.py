"""contracts: a family without a module for a stage leaves its rows as they are."""

from typing import Any, cast

import pytest

from builders import contracts
from builders.params import sections
from builders.records import Record
from builders.work import unchanged
from tests.harness import OWN

pytestmark = pytest.mark.usefixtures("toys")
ROW = Record("bisection:1", "default", None, OWN, {"prompt": "Tea is hot.", "words": 3})


@pytest.mark.parametrize("family", ["toy", "bisection"])
def test_a_family_without_a_judge_asks_nobody(family: str) -> None:
    found = contracts.judging(family)
    assert (found.params, found.roles, found.work(cast("Any", None))) == (sections.Asking, (), unchanged)


def test_a_family_without_a_filter_keeps_every_row_with_its_columns() -> None:
    found = contracts.filtering("bisection")
    assert (found.params, found.rules(cast("Any", None)), found.released(ROW, cast("Any", None))) == (sections.Filter, (), ROW)
    assert contracts.filtering("toy").rules != found.rules


def test_a_family_without_a_release_of_its_own_releases_its_rows_and_nothing_else() -> None:
    found = contracts.releasing("toy")
    assert (found.params, found.pictures, found.splitting) == (sections.Release, None, None)
    assert contracts.as_it_is({"a": 1}) == {"a": 1}
