"""Rates as Inspect metrics: all numbers in a log's header, and few of them as long as samples run."""

from pathlib import Path
from typing import Any

from builders.evaluation import judging, measures
from tests.doubles.teacher import Answer, Received
from tests.evaluation import running

GROUPED = {"kind": "sum"}


def say(request: Received) -> Answer:
    return Answer("yes" if "2" in request.text else "no")


class Ends:
    """Notes what the metric comes to where Inspect sums up for its display: as a sample has just ended."""

    def __init__(self) -> None:
        """Start with nothing noted."""
        self.scores: list[Any] = []
        self.seen: list[Any] = []
        self.brief: dict[str, float] = {}

    async def start_task(self, task: Any, samples: list[Any], epochs: int) -> str:  # noqa: ANN401  (of Inspect's)
        del task, samples, epochs
        return "ends"

    async def schedule_sample(self, id: str | int, epoch: int) -> None:  # noqa: A002  (Inspect's word)
        del id, epoch

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, Any]) -> None:  # noqa: A002
        del id, epoch
        self.scores += scores.values()
        self.seen.append(measures.rates("said", ["yes"], ["yes", "no"], ["kind"])(self.scores))
        self.brief = measures.for_now({"a": 1.0, "a_low": 0.5, "a_n": 2.0, "kind:sum/a": 1.0, "kind:sum/a_n": 2.0})

    async def complete_task(self) -> dict[str, Any]:
        return {}


def test_a_log_has_every_number_and_a_run_that_goes_on_each_with_its_denominator(tmp_path: Path) -> None:
    from inspect_ai import Task, task
    from inspect_ai.dataset import Sample
    from inspect_ai.scorer import Score, Scorer, scorer

    @scorer(metrics=[measures.rates("said", ["yes"], ["yes", "no"], ["kind"])])
    def words() -> Scorer:
        async def score(state: Any, target: Any) -> Score:  # noqa: ANN401  (of Inspect's)
            del target
            return Score(value=judging.seen(state.output).answer)

        return score

    ends = Ends()

    @task
    def asked() -> Task:
        samples = [Sample(input=f"How much is 1 + {number}?", id=number, metadata=GROUPED) for number in (1, 2)]
        return Task(dataset=samples, scorer=words(), early_stopping=ends)

    with running.endpoint(tmp_path, say) as at:
        [log] = at.run(asked, max_samples=1)
    assert ends.seen == [{"said": 0.0, "said_n": 1}, {"said": 0.5, "said_n": 2}]
    assert ends.brief == {"a": 1.0, "a_n": 2.0}
    names = {"said", "said_low", "said_high", "said_n", "said_asked"}
    assert set(running.measured(log)["words"]) == names | {f"kind:sum/{name}" for name in names}


def test_what_stands_beside_a_number_is_told_from_the_number() -> None:
    beside = ("dtr_low", "kind:a/dtr_n", "dtr_excluded_no_reasoning", "missing_truncated", "side:harmful/missing_blank")
    assert [name for name in (*beside, "dtr", "missing/dtr", "macro_f1") if not measures.beside(name)] == [
        "dtr",
        "missing/dtr",
        "macro_f1",
    ]


def scored(value: str, metadata: dict[str, Any] | None = None, **about: Any) -> Any:  # noqa: ANN401  (a SampleScore)
    from inspect_ai.scorer import SampleScore, Score

    return SampleScore(score=Score(value=value, metadata=metadata), sample_id="a", sample_metadata=about or None)


def test_a_mean_is_of_the_answers_that_have_the_number() -> None:
    measured: Any = measures.means(["tokens", "words"])
    found = measured([scored("yes", {"tokens": 4}), scored("yes", {"tokens": 0}), scored("no"), scored("no", {"tokens": None})])
    assert found == {"tokens_n": 2, "tokens": 2.0, "words_n": 0}


def test_a_judge_is_kin_where_one_verdict_is_of_one() -> None:
    measured: Any = measures.kin()
    assert measured([scored("yes"), scored("no", {"judge_akin": False})]) == {"judge_akin": 0.0}
    assert measured([scored("yes", {"judge_akin": True}), scored("no")]) == {"judge_akin": 1.0}


def test_an_answer_counts_for_its_question_and_for_the_groups_that_it_has() -> None:
    found = measures.answered([scored("yes", question="q", kind=1), scored("no")], ["kind", "topic"])
    assert [tuple(one) for one in found] == [("yes", "q", {"kind": "1"}), ("no", "a", {})]
