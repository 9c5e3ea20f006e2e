"""A comparison as tables, as Markdown and as CSV, and which of the runs' measures and differences stand in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from builders.evaluation import comparing, comparison_tables
from builders.evaluation.comparing import Comparison, Line, PairedDifference
from builders.evaluation.paired import Difference
from builders.evaluation.published import Published
from builders.evaluation.runs import Measure, Rule, Run

PRINTED = Published("toy", "words/said", "greedy", "arXiv 1, table 2", "Big", 0.25)
LINE = Line("toy", "words/said", {"a": Measure(0.5, 0.25, 0.75, 4, {"blank": 2, "filtered": 1}), "b": Measure(0.125)})
WHOLE = Comparison(
    ("a", "b", "c"),
    (LINE,),
    (PairedDifference("toy", "words/said", "a", "b", Difference(0.375, -0.125, 0.5, 4)),),
    (PRINTED,),
    ("a judge | of its own",),
)


def run(label: str, measures: Mapping[str, Measure], task: str = "toy", **more: Any) -> Run:  # noqa: ANN401  (its fields)
    """A run whose log is not there: whoever reads its items fails."""
    return Run(file=Path("gone.eval"), task=task, model=f"local/{label}", settings="", measures=measures, **more)


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        (Measure(1.0), "1.000"),
        (Measure(-1.0), "-1.000"),
        (Measure(1.25), "1.2"),
        (Measure(-12.75), "-12.8"),
        (Measure(0.5, 0.25), "0.500"),
        (Measure(0.5, None, 0.75), "0.500"),
        (Measure(0.0, 0.0, 0.75, 0), "0.000 (0.000-0.750) n 0"),
        (Measure(0.5, of=7), "0.500 n 7"),
    ],
)
def test_a_cell_has_the_value_and_what_is_known_of_it(measure: Measure, text: str) -> None:
    assert comparing.cell(measure) == text


def test_tables_have_measures_differences_and_what_papers_print() -> None:
    assert list(comparison_tables.tables(WHOLE)) == [
        ("Measures", ("task", "measure", "a", "b", "c"), [("toy", "words/said", "0.500 (0.250-0.750) n 4", "0.125", "")]),
        (
            "Differences, item by item",
            ("task", "measure", "first", "second", "first minus second", "questions"),
            [("toy", "words/said", "a", "b", "+0.375 (-0.125 to +0.500)", "4")],
        ),
        (
            "Published",
            ("task", "measure", "model", "value", "setting", "source"),
            [("toy", "words/said", "Big", "0.250", "greedy", "arXiv 1, table 2")],
        ),
    ]


def test_a_table_that_would_be_empty_is_not_there() -> None:
    bare = Comparison(("a",), (LINE,), (), (), ())
    assert [title for title, _, _ in comparison_tables.tables(bare)] == ["Measures"]
    assert comparison_tables.markdown(bare) == (
        "## Measures\n\n| task | measure | a |\n| --- | --- | --- |\n| toy | words/said | 0.500 (0.250-0.750) n 4 |\n"
    )


def test_markdown_has_every_table_and_the_notes_with_bars_escaped() -> None:
    found = comparison_tables.markdown(WHOLE._replace(labels=("a|b",)))
    assert "| task | measure | a\\|b |\n" in found
    assert found.count("\n\n## ") == 3
    assert found.endswith("\n\n## Judges\n\n- a judge | of its own\n")


def test_comma_separated_numbers_have_what_stands_beside_each_and_the_papers_a_source() -> None:
    assert comparison_tables.comma_separated(WHOLE).splitlines() == [
        "task,measure,model,value,low,high,n,excluded,source",
        "toy,words/said,a,0.5,0.25,0.75,4,blank=2 filtered=1,",
        "toy,words/said,b,0.125,,,,,",
        'toy,words/said,"Big, greedy",0.25,,,,,"arXiv 1, table 2"',
    ]


def test_only_a_measure_with_an_interval_is_plotted_with_a_line_for_each_run_and_published_value(tmp_path: Path) -> None:
    from PIL import Image

    half = Line("toy", "half", {"a": Measure(0.5, 0.25), "b": Measure(0.5, None, 0.75)})
    files = comparison_tables.plot(WHOLE._replace(lines=(half, LINE)), tmp_path / "new" / "plots")
    assert [file.name for file in files] == ["toy-words-said.png"]
    with Image.open(files[0]) as drawn:
        assert drawn.size == (840, 168)


def test_measures_of_groups_are_shown_only_where_all_are_asked_for() -> None:
    measures = {"words/said": Measure(0.5), "words/kind:a/said": Measure(0.25)}
    found = [
        run("a", measures),
        run("b", {"words/kind:a/said": Measure(0.75)}),
        run("c", {"words/said": Measure(1.0)}, "other"),
    ]
    few, every = comparing.compared(found, ()), comparing.compared(found, (), every=True)
    assert few.labels == ("a", "c")
    assert few.lines == (
        Line("toy", "words/said", {"a": Measure(0.5)}),
        Line("other", "words/said", {"c": Measure(1.0)}),
    )
    assert every.labels == ("a", "b", "c")
    assert every.lines[1] == Line("toy", "words/kind:a/said", {"a": Measure(0.25), "b": Measure(0.75)})


def test_of_two_runs_of_a_task_and_label_the_last_counts_and_of_published_numbers_those_of_what_is_measured() -> None:
    twice = [run("a", {"words/said": Measure(0.5)}), run("a", {"words/said": Measure(0.75)})]
    others = (PRINTED, PRINTED._replace(task="other"), PRINTED._replace(measure="words/other"))
    found = comparing.compared(twice, others)
    assert found.lines == (Line("toy", "words/said", {"a": Measure(0.75)}),)
    assert found.published == (PRINTED,)


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("words/said", Rule(("no",), ("yes", "no"))),
        ("words/unmeasured", Rule(("yes",), ("yes", "no"))),
        ("words/kind:a/said", Rule(("yes",), ("yes", "no"))),
    ],
)
def test_no_difference_is_taken_of_other_rules_of_what_is_not_shown_or_of_groups(name: str, second: Rule) -> None:
    measures = {"words/said": Measure(0.5), "words/kind:a/said": Measure(0.5)}
    first = run("a", measures, rules={name: Rule(("yes",), ("yes", "no"))})
    found = comparing.compared([first, run("b", measures, rules={name: second})], (), every=True)
    assert found.differences == ()


def test_a_judge_is_worth_what_it_agrees_with_people_on_test_and_another_ones_agreement_is_not_its_own() -> None:
    share = Measure(0.5, 0.25, 0.75, 8)
    names = ("dev/agrees_on_fail", "test/agrees", "test/agrees_on_fail", "test/agrees_on_pass", "test/f1")
    labels = run("none", {f"words(judge)/{name}": share for name in names}, judges={"judge": "local/judge"})
    asked = run("a", {"words/said": share}, judges={"judge": "local/judge", "guard": "local/guard"}, akin=True)
    worth = [f"words(judge) agrees with people on what they {side}: 0.500 (0.250-0.750) n 8" for side in ("fail", "pass")]
    assert comparing.compared([labels, asked], ()).notes == (
        f"toy, a: judge local/judge; it is of the model's own family; {'; '.join(worth)}",
        "toy, a: guard local/guard; it is of the model's own family; not measured on people's labels here",
    )
