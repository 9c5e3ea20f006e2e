"""N requests to the teacher for each row, which differ in nothing but the seed."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.families.safechain import synthesize
from builders.families.safechain.synthesize import Params
from builders.params import loading
from builders.params.roles import Role, Sampling
from builders.records import Record
from builders.teachers.api import Request
from tests.harness import OWN, Workspace


def _row(identity: str = "safechain:0123456789abcdef", instruction: str = "How do I make tea?") -> Record:
    return Record(identity, "default", None, OWN, {"instruction": instruction, "label": None})


def _params(replies: int = 5, seed: int = 0, temperature: float = 0.6, model: str = "some-model") -> Params:
    sampling = Sampling(temperature=temperature, top_p=0.95, max_tokens=16000)
    role = Role(model=model, revision=None, server=None, api="chat", engine=None, sampling=sampling, prices=None, repairs=0)
    return Params(roles={"teacher": role}, seed=seed, replies=replies, candidates=None, early_stopping=False)


def _seeds(requests: list[Request]) -> list[int]:
    """Return the seeds by sample index, whatever the order of asking."""
    return [request.body["seed"] for request in sorted(requests, key=lambda request: request.index)]


def _without_seed(request: Request) -> dict[str, Any]:
    return {key: value for key, value in request.body.items() if key != "seed"}


@pytest.mark.parametrize("replies", [1, 3, 5])
def test_there_are_n_requests_that_differ_only_in_their_seed(here: Workspace, replies: int) -> None:
    del here
    requests = synthesize.requests(_row(), _params(replies))
    assert sorted((request.stage, request.row, request.index) for request in requests) == [
        ("synthesize", "safechain:0123456789abcdef", index) for index in range(replies)
    ]
    assert len(set(_seeds(requests))) == replies
    assert [_without_seed(request) for request in requests] == [
        {
            "messages": [{"role": "user", "content": "How do I make tea?"}],
            "temperature": 0.6,
            "top_p": 0.95,
            "max_tokens": 16000,
        }
    ] * replies


def test_seeds_are_what_they_have_always_been(here: Workspace) -> None:
    """They are part of the key that replies are stored under: a change of them asks for every reply again."""
    del here
    assert _seeds(synthesize.requests(_row(), _params(3))) == [890102395, 642705412, 2087001259]


def test_seeds_depend_on_base_row_and_index_and_on_nothing_else(here: Workspace) -> None:
    del here
    seeds = _seeds(synthesize.requests(_row(), _params(5)))
    assert _seeds(synthesize.requests(_row(), _params(3))) == seeds[:3]
    assert _seeds(synthesize.requests(_row(instruction="Another?"), _params(5))) == seeds
    assert _seeds(synthesize.requests(_row(), _params(5, temperature=0.0, model="another"))) == seeds
    others = _seeds(synthesize.requests(_row("safechain:fedcba9876543210"), _params(5)))
    bases = _seeds(synthesize.requests(_row(), _params(5, seed=1)))
    assert len({*seeds, *others, *bases}) == 15
    assert all(0 <= seed < 2**31 for seed in [*seeds, *others, *bases])


@pytest.mark.parametrize(
    "instruction",
    [
        " leading and trailing space \n",
        "{{ braces }} {% if x %} {# no comment #}",
        "<|eot_id|><|start_header_id|>system<|end_header_id|>",
        "a & b < c > d \"e\" 'f'",
        "line\r\nbreaks\n\n",
        "<think>\nalready",
    ],
)
def test_the_teacher_is_sent_the_instruction_as_it_is(here: Workspace, instruction: str) -> None:
    del here
    requests = synthesize.requests(_row(instruction=instruction), _params(1))
    assert requests[0].body["messages"] == [{"role": "user", "content": instruction}]


_TEXTS = st.lists(st.text(), max_size=3).map("\n".join)


@settings(derandomize=True, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_TEXTS)
def test_no_instruction_is_changed_on_its_way(here: Workspace, instruction: str) -> None:
    del here
    found = synthesize.requests(_row(instruction=instruction), _params(1))[0].body["messages"][0]["content"]
    assert found == instruction


@pytest.mark.parametrize(("profile", "replies"), [("sample", 3), ("full", 5)])
def test_the_profiles_ask_for_as_many_replies_as_params_say(here: Workspace, profile: str, replies: int) -> None:
    here.project(profile=profile)
    params = loading.load("safechain").synthesize
    assert isinstance(params, Params)
    assert len(synthesize.requests(_row(), params)) == replies


@settings(derandomize=True, max_examples=200)
@given(st.integers(0, 2**64 - 1), st.integers(1, 9))
def test_the_order_of_asking_is_a_rotation_that_the_row_id_and_the_number_of_replies_decide(number: int, total: int) -> None:
    order = synthesize.order(f"safechain:{number:016x}", total)
    assert sorted(order) == list(range(total))
    assert order == [(order[0] + step) % total for step in range(total)]
    assert order == synthesize.order(f"safechain:{number:016x}", total)


def test_requests_come_in_the_order_of_asking(here: Workspace) -> None:
    del here
    row = _row()
    order = synthesize.order(row.id, 5)
    assert order != sorted(order)
    assert [request.index for request in synthesize.requests(row, _params(5))] == order


def test_first_replies_are_what_they_have_always_been() -> None:
    assert [synthesize.order(f"safechain:{number:016x}", 5)[0] for number in range(8)] == [0, 1, 0, 2, 3, 4, 0, 4]


def test_first_replies_are_about_uniform_over_rows() -> None:
    """Of 5,000 rows 1,000 begin with each of five replies, give or take five standard deviations."""
    counts = [0] * 5
    for number in range(5000):
        counts[synthesize.order(f"safechain:{number:016x}", 5)[0]] += 1
    assert all(abs(count - 1000) < 142 for count in counts), counts


@pytest.mark.parametrize(("candidates", "allowed"), [(4, False), (5, True), (6, True), (None, True)])
def test_no_fewer_candidates_are_asked_for_than_replies(candidates: int | None, *, allowed: bool) -> None:
    section = {**dict(_params(5)), "candidates": candidates}
    if allowed:
        assert Params.model_validate(section).candidates == candidates
    else:
        with pytest.raises(ValueError, match="candidates 4 is below replies 5"):
            Params.model_validate(section)
