"""The laws for a stage of many rounds: nothing is lost, nothing is paid twice, a row depends on nothing but itself."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
import yaml
from PIL import Image

from builders.families.dualmath import FAMILY as FACTS
from builders.families.dualmath import collect, programs, solver, synthesize, wording
from builders.families.dualmath.programs import Problem
from builders.families.dualmath.solver import Habits
from builders.ledger.ledger import GROUP_REPLIES
from builders.params import loading
from builders.provenance import Provenance
from builders.records import SPLITS, Record, text_digest
from tests.doubles.teacher import Answer, Received, serving
from tests.families.dualmath.solving import FAMILY, prepared, script
from tests.harness import Workspace, jsonl, lines
from tests.sources.test_released import write as release
from tests.test_image_files import written

CONCURRENCY = 4


def rows(workspace: Workspace, stage: str) -> list[dict[str, Any]]:
    return workspace.rows(stage, "bel", FAMILY)


def reasons(workspace: Workspace, stage: str) -> list[str]:
    return workspace.reasons(stage, "bel", FAMILY)


def labels(workspace: Workspace) -> dict[str, tuple[Any, ...]]:
    return {row["id"]: (row["data"]["counts"], row["data"]["verdict"]) for row in rows(workspace, "judge")}


def test_a_problem_is_spent_and_its_solutions_take_its_place(sample: Workspace) -> None:
    collected, solutions = rows(sample, "collect"), rows(sample, "synthesize")
    fates = reasons(sample, "synthesize")
    assert fates.count("spent") + fates.count("pilot") == len(collected)
    assert {row["parent"] for row in solutions} <= {row["id"] for row in collected}
    assert len({row["id"] for row in solutions}) == len(solutions) <= 500
    assert len(rows(sample, "filter")) == len(solutions)


def test_the_sample_is_as_right_as_it_says(sample: Workspace) -> None:
    found = [row["data"] for row in rows(sample, "validate")]
    wrong = [row for row in found if not row["right"]]
    kept = [row for row in wrong if row["kept"]]
    stated = sum(row["steps"][row["first_error"] - 1]["probability"] for row in kept) / len(kept)
    right = sum(row["first_error"] == row["truth"]["first_error"] for row in kept) / len(kept)
    assert abs(stated - right) < 0.05
    assert all(row["checked"] == "outcome" and not row["kept"] and not row["counts"] for row in found if row["right"])


def test_every_label_is_a_function_of_its_row(sample: Workspace, tmp_path: Path) -> None:
    """Another threshold, then another rule, on the same counts: filter alone runs again, and asks nobody."""
    again = sample.copied(tmp_path / "again")
    with again.params(FAMILY) as params:
        params["sample"]["filter"]["locating"] |= {"keep": 0.97}
    again.quick("filter", family=FAMILY)
    strict = sum(row["data"]["kept"] for row in rows(again, "filter"))
    assert strict < sum(row["data"]["kept"] for row in rows(sample, "filter"))
    with again.params(FAMILY) as params:
        params["sample"]["filter"]["locating"] |= {"way": "early", "rollouts": 2}
    again.quick("filter", family=FAMILY)
    assert {row["data"]["way"] for row in rows(again, "filter")} == {"early"}


def test_derived_rows_are_what_the_published_set_has(sample: Workspace) -> None:
    import pyarrow.parquet as pq

    folder = sample.root / "processed" / FAMILY / "release"
    published = pq.read_table(folder / "published").to_pylist()
    everything = {row["id"]: row for row in pq.read_table(folder / "all").to_pylist()}
    inserted = {row["id"] for row in pq.read_table(folder / "mie").to_pylist()}
    assert len(everything) == len(rows(sample, "validate"))
    for row in published:
        tags = [line.rpartition(" ")[2] for line in row["output"].splitlines()[:-1]]
        if row["parent"] in inserted:
            continue
        parent = everything[row["parent"]]
        first = parent["first_error"] or len(tags) + 1
        assert tags == ["<pos>"] * (first - 1) + ["<neg>"] * (len(tags) - first + 1)
        assert parent["kept"] or parent["checked"] == "outcome"


def test_all_solutions_of_a_problem_are_in_one_split_of_every_config(sample: Workspace) -> None:
    import pyarrow.parquet as pq

    folder, splits = sample.root / "processed" / FAMILY / "release", dict[str, str]()
    problems = {row["id"]: row["data"]["prompt_family"] for row in rows(sample, "collect")}
    for config in [FACTS.subsets[0], *FACTS.derived]:
        for split in SPLITS:
            for row in pq.read_table(folder / config / f"{split}-00000-of-00001.parquet").to_pylist():
                assert splits.setdefault(row["prompt_family"], split) == split
                if config == "bel":
                    assert row["prompt_family"] == problems[row["provenance"]["parent"]]
    assert set(splits.values()) == set(SPLITS)


def test_a_problem_of_the_engine_is_in_the_split_that_it_has_in_mmathcot(samples: Callable[[str], Workspace]) -> None:
    workspace = samples("mmathcot")
    families = {row["id"]: row["data"]["prompt_family"] for row in workspace.rows("validate", "made", "mmathcot")}
    compared = 0
    for row in workspace.rows("judge", "made", "mmathcot"):
        seed = Record(
            "id", "bel", None, Provenance("s", "MIT", None), {"question": "How long?", "program": row["data"]["made"]}
        )
        data = collect.completed(seed, cast(Any, None)).data
        if row["id"] in families and data["program"]:
            assert data["prompt_family"] == families[row["id"]]
            compared += 1
    assert compared > 10


@pytest.mark.parametrize("judge", [False, True])
def test_a_row_depends_on_neither_limit_nor_concurrency(
    judge: bool,  # noqa: FBT001
    problems: list[Problem],
    habits: Habits,
    tmp_path: Path,
) -> None:
    some = prepared(Workspace.make(tmp_path / "some"), problems=4, judge=judge)
    more = prepared(Workspace.make(tmp_path / "more"), problems=7, judge=judge)
    for workspace, concurrency in ((some, "1"), (more, "32")):
        with serving(script(problems, habits)) as server:
            url = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_CONCURRENCY": concurrency}
            workspace.quick("collect", "synthesize", "judge", family=FAMILY, **url)
            assert server.resent() == 0
    few, many = labels(some), labels(more)
    assert len(few) > 4
    assert few.items() <= many.items()
    assert any(counts for counts, _ in few.values())
    assert all((verdict is not None) == judge for _, verdict in few.values())


def test_an_image_goes_with_every_request_about_its_problem(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace.root)
    Image.new("RGB", (40, 40), "white").save(workspace.root / "raw" / FAMILY / "sources" / "figure.png")
    loaded = loading.load(FAMILY)
    data: dict[str, Any] = {
        "question": "How long is AB?",
        "answer": "4",
        "options": [],
        "kind": None,
        "program": None,
        "solution": "",
    }
    assert isinstance(loaded.synthesize, synthesize.Params)
    params = loaded.synthesize.model_copy(update={"pilot": 0.0})
    for image, parts in (("figure.png", ["image_url", "text"]), (None, None)):
        record = Record("dualmath:0", "bel", None, Provenance("s", "MIT", "1"), {**data, "image": image})
        for request in (*synthesize.requests(record, params), synthesize.request(record, "policy", ["AB is 3."], 0, params)):
            content = request.body["messages"][0]["content"]
            assert (None if isinstance(content, str) else [part["type"] for part in content]) == parts
            assert len(request.images) == (image is not None)
            assert "How long is AB?" in wording.prompt(request)
    assert wording.begun(wording.prompt(request)) == ["AB is 3."]


def test_no_rollout_is_paid_twice_by_another_way(problems: list[Problem], habits: Habits, tmp_path: Path) -> None:
    workspace = prepared(Workspace.make(tmp_path / "ways"), problems=5, way="bisection")
    with serving(script(problems, habits)) as server:
        workspace.quick("collect", "synthesize", family=FAMILY, BUILDERS_TEACHER_URL=server.url)
        dear = len(server.asked)
        prepared(workspace, problems=5, way="early")
        workspace.quick("synthesize", "judge", "filter", family=FAMILY, BUILDERS_TEACHER_URL=server.url)
        assert len(server.asked) == dear  # early stopping asks for a part of what bisection did
        prepared(workspace, problems=5, way="posterior")
        workspace.quick("synthesize", family=FAMILY, BUILDERS_TEACHER_URL=server.url)
        assert server.resent() == 0
        assert dear <= len(server.asked)


def test_killed_in_the_middle_it_resends_what_was_in_flight(problems: list[Problem], habits: Habits, tmp_path: Path) -> None:
    calm = prepared(Workspace.make(tmp_path / "calm"), problems=6)
    killed = prepared(Workspace.make(tmp_path / "killed"), problems=6)
    answer = script(problems, habits)
    with serving(answer) as server:
        calm.quick("collect", "synthesize", family=FAMILY, BUILDERS_TEACHER_URL=server.url)
        whole = len(server.asked)
    after = whole * 2 // 3

    def holding(request: Received) -> Answer:
        reply = answer(request)
        return reply if len(server.asked) < after else Answer(reply.text, held=True)

    killed.quick("collect", family=FAMILY)
    with serving(holding) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_CONCURRENCY": str(CONCURRENCY)}
        with killed.started("synthesize", FAMILY, **environment) as stage:
            server.wait_for(after)
            stage.send_signal(signal.SIGKILL)
            stage.communicate(timeout=30)
        assert stage.returncode == -signal.SIGKILL
        server.script = answer
        server.release()
        killed.quick("synthesize", family=FAMILY, **environment)
        assert server.resent() <= CONCURRENCY + GROUP_REPLIES
        assert len(server.asked) == whole + server.resent()
    for part in ("rows", "rejected"):
        path = Path("processed") / FAMILY / "synthesize" / part / "bel"
        assert lines(killed.root / path) == lines(calm.root / path)


def test_its_replies_replay_byte_for_byte_with_no_server(problems: list[Problem], habits: Habits, tmp_path: Path) -> None:
    workspace = prepared(Workspace.make(tmp_path / "live"), problems=5, judge=True)
    with serving(script(problems, habits)) as server:
        workspace.quick("collect", "synthesize", "judge", "filter", family=FAMILY, BUILDERS_TEACHER_URL=server.url)
    before = {stage: rows(workspace, stage) for stage in ("synthesize", "judge", "filter")}
    workspace.project(teacher="ledger")
    workspace.quick("synthesize", "judge", "filter", family=FAMILY)  # the server has gone
    assert {stage: rows(workspace, stage) for stage in before} == before


def test_a_judge_is_asked_first_and_its_verdict_is_noted(problems: list[Problem], habits: Habits, tmp_path: Path) -> None:
    workspace = prepared(Workspace.make(tmp_path / "judged"), problems=4, judge=True)
    with serving(script(problems, habits)) as server:
        workspace.quick("collect", "synthesize", family=FAMILY, BUILDERS_TEACHER_URL=server.url)
        asked = len(server.asked)
        workspace.quick("judge", "filter", family=FAMILY, BUILDERS_TEACHER_URL=server.url)
        assert len(server.asked) == asked
    found = [row["data"] for row in rows(workspace, "filter")]
    assert all(row["verdict"]["first_error"] is not None for row in found)
    assert {row["checked"] for row in found} <= {"fused", "judge"}


def test_a_reply_that_does_not_come_rejects_the_solution_alone(problems: list[Problem], habits: Habits, tmp_path: Path) -> None:
    workspace = prepared(Workspace.make(tmp_path / "refused"), problems=4)
    answer = script(problems, habits)

    def refusing(request: Received) -> Answer:
        return Answer(status=400) if "<BEGIN SOLUTION>" in request.text and request.body["seed"] % 5 == 0 else answer(request)

    with serving(refusing) as server:
        workspace.quick("collect", "synthesize", family=FAMILY, BUILDERS_TEACHER_URL=server.url)
    assert "no_reply" in reasons(workspace, "synthesize")
    assert rows(workspace, "synthesize")


def test_another_calibration_than_synthesize_had_is_one_line(sample: Workspace, tmp_path: Path) -> None:
    again = sample.copied(tmp_path / "again")
    file = again.root / "raw" / FAMILY / "calibration.json"
    file.write_text(file.read_text().replace('"rollouts": ', '"rollouts": 1'))
    done = again.run("filter", FAMILY)
    assert done.returncode == 2
    assert "the calibration has changed since synthesize ran" in done.stderr


def test_calibrating_again_writes_the_same_file(sample: Workspace, tmp_path: Path) -> None:
    again = sample.copied(tmp_path / "again")
    file = again.root / "raw" / FAMILY / "calibration.json"
    before = file.read_bytes()
    file.unlink()
    done = again.run("calibrate", FAMILY)
    assert done.returncode == 0, done.stderr
    assert file.read_bytes() == before
    assert "judge: not measured" in done.stdout


def test_without_a_calibration_nothing_is_located(workspace: Workspace) -> None:
    (workspace.root / "raw" / FAMILY / "calibration.json").unlink()
    workspace.quick("collect", family=FAMILY)
    done = workspace.run("synthesize", FAMILY)
    assert done.returncode == 2
    assert "run python -m builders calibrate dualmath" in done.stderr


def test_a_judge_is_measured_on_rows_with_known_errors(problems: list[Problem], habits: Habits, tmp_path: Path) -> None:
    workspace = prepared(Workspace.make(tmp_path / "known"), problems=3, judge=True)
    with workspace.params(FAMILY) as params:
        params["sample"]["synthesize"]["pilot"] = 1.0
    workspace.quick("collect", family=FAMILY)
    unshown = [problem for problem in problems if not any(given.seen == "figure" for given in problem.givens)]
    known = [_known(problem, number, habits) for problem in unshown for number in range(4)]
    file = tmp_path / "known.jsonl"
    file.write_text(jsonl(*known))
    with serving(script(problems, habits)) as server:
        done = workspace.run("calibrate", FAMILY, str(file), BUILDERS_TEACHER_URL=server.url)
    assert done.returncode == 0, done.stderr
    found = orjson.loads((workspace.root / "raw" / FAMILY / "calibration.json").read_bytes())
    judge = found["beliefs"]["judge"]
    assert judge["rows"] == len(known) > 10
    assert judge["place"] >= 0.8
    assert judge["alarms"] < 0.3
    assert found["kinds"]["own"]["asked"] > 0
    assert found["kinds"]["altered"]["asked"] > 0


def _known(problem: Problem, number: int, habits: Habits) -> dict[str, Any]:
    found = solver.run(problem, [], solver.prefix(problem, []), number, habits).stated
    steps = solver.texts(problem, found, 0)
    first = programs.first_error(problem, programs.taken(problem, steps))
    return {"question": problem.question, "answer": problem.answer, "steps": steps, "first_error": first}


def test_problems_of_a_release_of_mmathcot_are_asked_with_their_images(workspace: Workspace) -> None:
    """The profile `full` reads them; two problems of one wording are two where their images differ."""
    made = [written("PNG", plain=True), written("BMP", plain=True)]
    rows = [
        {
            "id": f"mmathcot:{number}",
            "question": "How long is the fence around the garden in the plan?",
            "options": ["26 m", "13 m"],
            "answer": "A",
            "kind": "perimeter",
            "image": {"bytes": picture, "path": "plan.png"},
            "license": "CC-BY-4.0",
            "prompt_family": ("0123456789abcdef", "a name of its own")[number],
            "output": "Step 1: Both pairs of sides are 2 * 8 + 2 * 5 = 26 m long.\n†Answer: A",
        }
        for number, picture in enumerate(made)
    ]
    configs = ("distill", "rewrite", "unify", "made")
    files = {
        f"{config}/train-00000-of-00001": rows if config == "distill" else [{**rows[0], "id": config}] for config in configs
    }
    release(workspace.root / "processed" / "mmathcot" / "release", files)
    workspace.project(profile="full")
    done = workspace.run("collect", FAMILY)
    assert done.returncode == 2
    assert "write after: processed/mmathcot/release for dualmath there" in done.stderr
    listing = workspace.root / "dvc.yaml"
    wanted = yaml.safe_load(listing.read_text())
    wanted["vars"][0]["families"][FAMILY]["after"] = "processed/mmathcot/release"
    listing.write_text(yaml.safe_dump(wanted, sort_keys=False))
    with workspace.params(FAMILY) as params:
        params["full"]["collect"]["decontamination"] = {"ngram_words": 13, "sets": []}
    workspace.quick("collect", family=FAMILY)
    kept = workspace.rows("collect", "bel", FAMILY)
    assert [row["provenance"]["source_key"] for row in kept] == ["mmathcot:0", "mmathcot:1"]
    assert workspace.reasons("collect", "bel", FAMILY) == ["exact_duplicate"] * 3
    assert [(row["data"]["answer"], row["data"]["options"]) for row in kept] == [("26 m", [])] * 2
    assert [row["data"]["prompt_family"] for row in kept] == ["0123456789abcdef", text_digest("a name of its own")[:16]]
    solved = workspace.rows("collect", "mie", FAMILY)
    assert [row["provenance"]["source_key"] for row in solved] == ["rewrite", "mmathcot:1"]
    assert workspace.reasons("collect", "mie", FAMILY) == ["exact_duplicate"] * 2
    with workspace.inside():
        seen = [wording.picture(row["data"]) for row in kept]
        assert [file.read_bytes() for file in seen if file] == made
