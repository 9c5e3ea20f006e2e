"""What a teacher is sent, image included, and what the engine says without one."""

import io
from typing import Any

import pytest
from PIL import Image

from builders.families.mmathcot import made, soundness, synthesize
from builders.params import loading
from builders.problems.solutions import FORM, parsed
from builders.provenance import Provenance
from builders.records import Record
from builders.sources.entries import Generated
from builders.teachers.api import Reply
from tests.harness import OWN, Workspace


def record(subset: str = "distill", **data: Any) -> Record:  # noqa: ANN401
    columns = {
        "question": "How long is the fence?",
        "options": [],
        "answer": "26 m",
        "solution": "SECRET PATH",
        "picture": None,
        **data,
    }
    return Record("mmathcot:00000000000000aa", subset, None, OWN, columns)


@pytest.fixture
def params(here: Workspace) -> synthesize.Params:
    del here
    params = loading.load("mmathcot").synthesize
    assert isinstance(params, synthesize.Params)
    return params


def engine_rows(subset: str, rows: int = 24) -> list[Record]:
    settings: dict[str, Any] = {
        "share": subset,
        "shares": {subset: 1},
        "kinds": None,
        "depths": {"min": 1, "max": 8},
        "free": 0.5,
    }
    file = Generated(generator="problems", rows=rows, seed=5, settings=settings)
    found = []
    for number, row in enumerate(made.rows(file)):
        key = row.pop("key")
        found.append(Record(f"mmathcot:{number:016x}", subset, None, Provenance("made", "MIT", key), row))
    return found


def test_the_prompt_holds_problem_and_answer_and_the_image_goes_before_it(params: synthesize.Params) -> None:
    file = "sample_images/drawings/garden.png"
    [request] = synthesize.requests(record(picture={"path": file}), params)
    image, text = request.body["messages"][0]["content"]
    assert image["image_url"]["url"].startswith("sha256:")
    [(name, path)] = request.images
    assert (name, path.as_posix()) == (image["image_url"]["url"], f"raw/mmathcot/sources/{file}")
    assert "How long is the fence?" in text["text"]
    assert "Final answer: 26 m" in text["text"]
    assert "The picture belongs" in text["text"]


@pytest.mark.parametrize("subset", ["distill", "rewrite", "unify"])
def test_only_those_that_have_a_solution_are_shown_it(subset: str, params: synthesize.Params) -> None:
    [request] = synthesize.requests(record(subset), params)
    text = request.body["messages"][0]["content"]
    assert isinstance(text, str)
    assert ("SECRET PATH" in text) == (subset != "distill")
    assert "picture" not in text
    assert "†Answer: …" in text


def test_a_figure_of_the_engine_is_painted_for_a_model_to_see(params: synthesize.Params) -> None:
    [row, *_] = engine_rows("distill", 1)
    [request] = synthesize.requests(row, params)
    [(_, path)] = request.images
    problem = row.data["made"]
    assert path.read_bytes() == made.painted(problem["kind"], problem["facts"], problem["style"])
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert image.format == "PNG"


@pytest.mark.parametrize("subset", ["distill", "rewrite", "unify"])
def test_what_the_engine_says_has_the_form_the_answer_and_no_doubt(subset: str, params: synthesize.Params) -> None:
    for row in engine_rows(subset):
        [text] = synthesize.symbolic(row, params)
        assert synthesize.symbolic(row, params) == [text]
        answered = row.having(replies=[{"text": text, "finish_reason": "stop", "index": 0, "key": None}])
        assert soundness.unusable(answered) is None, text


def test_a_candidate_is_refused_for_its_form_alone(params: synthesize.Params) -> None:
    good = "Step 1: It is 7.\n†Answer: 7"
    assert synthesize.unacceptable(Reply(good, "stop", "k"), params) is None
    assert synthesize.unacceptable(Reply(good, "length", "k"), params) == "reply_truncated"
    assert synthesize.unacceptable(Reply("It is 7.", "stop", "k"), params) in FORM
    assert parsed(good).answers == ("7",)


def test_an_estimate_leaves_out_what_further_candidates_cost(params: synthesize.Params) -> None:
    assert synthesize.besides(params.model_copy(update={"candidates": None})) == ""
    more = synthesize.besides(params.model_copy(update={"candidates": 3}))
    assert more == "more for replies that are not acceptable"
