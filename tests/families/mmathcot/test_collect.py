"""Seeds: put in order, told apart by text, choices and figure, rejected for what they lack."""

import shutil
from typing import Any

import pytest
from pydantic import ValidationError

from builders.errors import BuildError
from builders.families.mmathcot import collect
from builders.families.mmathcot.collect import Params
from builders.params import loading
from builders.provenance import Provenance
from builders.records import Record
from builders.sources import choices
from builders.stages.running import run
from tests.harness import Workspace


def seed(subset: str = "rewrite", **data: Any) -> Record:  # noqa: ANN401
    columns = {"question": "How many boxes?", "options": None, "answer": "5", "solution": "It is 5.", **data}
    return Record("mmathcot:0", subset, None, Provenance("sample_rewrite", "MIT", None), columns)


@pytest.fixture
def params(here: Workspace) -> Params:
    del here
    loaded = loading.load("mmathcot").collect
    assert isinstance(loaded, Params)
    return loaded


def completed(record: Record, params: Params) -> Record:
    return collect.completed(record, params)


def test_question_choices_answer_and_solution_are_put_in_order(params: Params) -> None:
    row = completed(
        seed(question="<image>\nHow many? ", options=["A)21", "B)22"], answer=21, solution="5*4=<<5*4=20>>20"), params
    )
    assert row.data == {
        "question": "How many?",
        "options": ["21", "22"],
        "answer": "21",
        "solution": "5*4=20",
        "picture": None,
    }


def test_a_row_that_filter_would_keep_for_its_letter_has_its_choices_or_is_rejected(params: Params) -> None:
    rules = collect.rules(params)
    rows = {
        form: completed(seed(options=form, answer="b"), params) for form in ("a ) 38 , b ) 27", "A. 38; B. 27", "nowhere", None)
    }
    found = {form: next((rejection.reason for rule in rules if (rejection := rule(row))), None) for form, row in rows.items()}
    assert found == {"a ) 38 , b ) 27": None, "A. 38; B. 27": None, "nowhere": "unread_choices", None: "unread_choices"}
    assert all(row.data["options"] == ["38", "27"] for form, row in rows.items() if found[form] is None)


def test_an_answer_that_no_column_has_is_read_from_the_last_box(params: Params) -> None:
    solution = r"First \boxed{1}, then $\boxed{\frac{3}{4}}$."
    assert completed(seed(answer=None, solution=solution), params).data["answer"] == r"\frac{3}{4}"
    assert completed(seed(answer="0.75", solution=solution), params).data["answer"] == "0.75"


@pytest.mark.parametrize("solution", ["", "no box", r"\boxed{1", r"\boxed{"])
def test_a_solution_without_a_whole_box_has_no_answer(solution: str) -> None:
    assert collect.boxed(solution) == ""


@pytest.mark.parametrize(
    ("rule", "data", "subset", "reason"),
    [
        (collect.empty_question, {"question": "<image>"}, "distill", "empty_question"),
        (collect.no_answer, {"answer": "  "}, "distill", "no_answer"),
        (collect.no_answer, {"answer": None, "solution": None}, "distill", "no_answer"),
        (collect.no_answer, {"answer": ["5"], "solution": ""}, "distill", "no_answer"),
        (collect.no_solution, {"solution": ""}, "rewrite", "no_solution"),
        (collect.no_solution, {"solution": None}, "unify", "no_solution"),
        (collect.no_solution, {"solution": None}, "distill", None),
        (choices.unread_choices, {"options": "see the figure", "answer": "B"}, "rewrite", "unread_choices"),
        (choices.unread_choices, {"options": "see the figure", "answer": "5"}, "rewrite", "unread_choices"),
        (choices.unread_choices, {"options": None, "answer": "B"}, "rewrite", "unread_choices"),
        (choices.unread_choices, {"options": "a ) 5 , b ) 6", "answer": "a"}, "rewrite", None),
        (choices.unread_choices, {"question": "How many?\nChoices:\n(A) 5\n(B) 6", "answer": "B"}, "rewrite", None),
        (collect.no_such_option, {"options": "a ) 5 , b ) 6", "answer": "c"}, "rewrite", "no_such_option"),
        (collect.no_such_option, {"options": ["3", "4"], "answer": "5"}, "rewrite", "no_such_option"),
        (collect.no_such_option, {"options": ["3", "4"], "answer": "C"}, "rewrite", "no_such_option"),
        (collect.no_such_option, {"options": ["3", "4"], "answer": "B"}, "rewrite", None),
        (collect.no_such_option, {"options": ["1/2", "1/4"], "answer": "0.25"}, "rewrite", None),
        (collect.no_such_option, {"options": [], "answer": "5"}, "rewrite", None),
    ],
)
def test_what_a_seed_lacks_is_its_reason(
    rule: Any,  # noqa: ANN401
    data: dict[str, Any],
    subset: str,
    reason: str | None,
    params: Params,
) -> None:
    rejection = rule(completed(seed(subset, **data), params))
    assert (rejection.reason if rejection else None) == reason


def test_rows_of_one_text_differ_by_their_choices_and_figures(params: Params) -> None:
    look = {"look": ["0" * 64, "0" * 64]}
    near, far = {"look": ["0" * 63 + "3", "5" * 64]}, {"look": ["f" * 64, "a" * 64]}
    rows = [seed(options=options, picture=picture) for options in ([], ["3", "4"]) for picture in (None, look, near, far)]
    agree = collect.agreeing(params)
    besides = [collect.beside(row) for row in rows]
    assert len(set(besides)) == len(besides)
    alike = {(one, other) for one in range(8) for other in range(one) if agree(besides[one], besides[other])}
    assert alike == {(2, 1), (6, 5)}


def test_figures_are_the_same_up_to_so_many_bits_and_one_that_was_not_seen_is_no_other(params: Params) -> None:
    first, second = (
        collect.beside(seed(options=[], picture={"look": [part, "5" * 64]})) for part in ("0" * 64, "0" * 63 + "3")
    )
    second = second.replace("5" * 64, "a" * 64)
    unseen = collect.beside(seed(options=[], picture={"path": None, "fault": ["no_image", {}]}))
    assert unseen == collect.beside(seed(options=[], picture=None))
    for bits, alike in ((1, False), (2, True)):
        images = params.images.model_copy(update={"same_look_bits": bits})
        agree = collect.agreeing(params.model_copy(update={"images": images}))
        assert agree(first, second) is alike
        assert not agree(unseen, second)
        assert not agree(first, unseen)


def test_a_problem_that_was_made_says_more_than_its_answer() -> None:
    assert collect.answered(seed(answer="5")) == "5"
    assert collect.answered(seed(answer=None)) == ""
    assert collect.answered(seed(answer="5", made={"facts": {}})) == ""


def test_choices_in_another_order_or_case_are_the_same_choices() -> None:
    assert collect.beside(seed(options=["Red", "blue"])) == collect.beside(seed(options=["blue", "red"]))


def test_figures_of_the_engine_are_one_if_they_show_the_same() -> None:
    facts = {"facts": {"a": 1}, "told": {}, "style": 1}
    assert collect.beside(seed(options=[], made=facts)) == collect.beside(seed(options=[], made={**facts, "style": 2}))
    assert collect.beside(seed(options=[], made=facts)) != collect.beside(seed(options=[], made={**facts, "facts": {"a": 2}}))


@pytest.mark.parametrize(("name", "subset"), [("made_unify", "distill"), ("sample_unify", "made")])
def test_rows_of_the_engine_and_no_others_belong_to_a_subset_of_their_own(params: Params, name: str, subset: str) -> None:
    changed = params.model_dump()
    source = next(source for source in changed["sources"] if source["id"] == name)
    source["subset"] = subset
    with pytest.raises(ValidationError, match=f"source {name}: rows of the engine, and no others, belong to the subset made"):
        Params.model_validate(changed)


def test_a_source_whose_images_are_not_there_is_one_line_and_the_other_subsets_are_built(here: Workspace) -> None:
    shutil.rmtree(here.root / "raw/mmathcot/sources/sample_images/drawings")
    with here.params("mmathcot") as changed:
        changed["sample"]["collect"]["sources"][0]["images"]["folder"] = "elsewhere"
    with pytest.raises(BuildError, match="the images of source sample_distill are not there"):
        run("collect", "mmathcot/distill")
    run("collect", "mmathcot/unify")


def test_the_sample_rejects_a_row_for_each_reason_and_keeps_the_others(sample: Workspace) -> None:
    reasons = {
        line["row"]["provenance"]["source_key"]: line["rejection"]["reason"]
        for pool in ("distill", "rewrite", "unify", "made")
        for line in sample.rejected("collect", pool, "mmathcot")
    }
    assert reasons == {
        "blank-question": "bad_prompt",
        "only-a-mark": "empty_question",
        "no-reference": "no_answer",
        "option-missing": "no_such_option",
        "image-not-named": "no_image",
        "image-not-there": "image_missing",
        "image-broken": "image_unreadable",
        "image-tiny": "image_too_small",
        "image-white": "image_blank",
        "in-evaluation": "contaminated",
        "image-in-evaluation": "contaminated",
        "garden-perimeter": "duplicate_id",
        "tiles-again": "exact_duplicate",
        "garden-again": "near_duplicate",
        "spanish": "language",
        "short": "prompt_too_short",
        "nothing-to-rewrite": "no_solution",
        "no-box": "no_answer",
    }


def test_one_text_with_two_figures_and_one_with_other_numbers_are_kept(sample: Workspace) -> None:
    kept = {
        row["provenance"]["source_key"] for pool in ("distill", "rewrite") for row in sample.rows("collect", pool, "mmathcot")
    }
    assert {"outline-stairs", "outline-tiles", "pencils", "pencils-more"} <= kept
