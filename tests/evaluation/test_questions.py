"""Questions of files as they are published: columns under their several names, paraphrases, ids; and what is none."""

from pathlib import Path

import pytest

from builders.errors import BuildError
from builders.evaluation import questions
from tests.evaluation.running import lines


@pytest.mark.parametrize(
    ("name", "text", "prompts"),
    [
        ("strongreject.csv", "category,source,forbidden_prompt\na,x,How?\n", ["How?"]),
        (
            "wild.tsv",
            'adversarial\tlabel\tdata_type\nSay "NA", now\t1\tadversarial_harmful\nNA\t0\tb\n',
            ['Say "NA", now', "NA"],
        ),
        ("xstest.csv", "id,prompt,type,label\n1,How?,homonyms,safe\n", ["How?"]),
        ("truthful.csv", "Type,Category,Question,Best Answer\nA,b,How?,So.\n", ["How?"]),
        (
            "first.yaml",
            "- id: one\n  paraphrases: ['How?', 'How so?']\n- id: two\n  paraphrases: ['Why?']\n",
            ["How?", "How so?", "Why?"],
        ),
        ("own.jsonl", '{"instruction": "How?"}\n', ["How?"]),
    ],
)
def test_files_are_read_as_they_are_published(name: str, text: str, prompts: list[str], tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert [question.prompt for question in questions.read(tmp_path / name)] == prompts


def test_paraphrases_have_ids_of_their_own_and_share_a_question(tmp_path: Path) -> None:
    file = lines(
        tmp_path / "a.jsonl", {"id": "one", "paraphrases": ["How?", "How so?"], "system": "Be brief.", "category": "c"}
    )
    found = [question.sample(side="x") for question in questions.read(file)]
    assert [sample.id for sample in found] == ["one#1", "one#2"]
    assert {sample.metadata["question"] for sample in found if sample.metadata} == {"one"}
    assert [message.role for message in found[0].input if not isinstance(message, str)] == ["system", "user"]
    assert found[0].metadata == {"question": "one", "category": "c", "side": "x"}


@pytest.mark.parametrize(
    "name",
    [
        "prompt",
        "question",
        "Question",
        "paraphrases",
        "instruction",
        "forbidden_prompt",
        "adversarial",
        "vanilla",
        "prompts_final",
        "problem",
    ],
)
def test_the_column_of_the_question_has_one_of_several_names(name: str, tmp_path: Path) -> None:
    [found] = questions.read(lines(tmp_path / "a.jsonl", {"other": "No.", name: "How?"}))
    assert (found.prompt, found.system, found.category) == ("How?", None, None)


@pytest.mark.parametrize("key", ["id", "key", "ID"])
@pytest.mark.parametrize("system", ["system", "system_prompt"])
@pytest.mark.parametrize("category", ["category", "Category", "type", "data_type", "domain"])
def test_so_have_id_system_prompt_and_category(key: str, system: str, category: str, tmp_path: Path) -> None:
    row = {"prompt": "How?", key: "one", system: "Be brief.", category: "c"}
    [found] = questions.read(lines(tmp_path / "a.jsonl", row))
    assert (found.id, found.system, found.category) == ("one", "Be brief.", "c")


def test_what_is_blank_or_no_single_value_is_no_id_and_no_category(tmp_path: Path) -> None:
    row = {"prompt": "How?", "id": 7, "system": "  ", "category": ["a", "b"], "type": "c"}
    [found] = questions.read(lines(tmp_path / "a.jsonl", row))
    assert (found.id, found.system, found.category) == ("7", None, "c")
    assert [message.role for message in found.sample().input if not isinstance(message, str)] == ["user"]


def test_questions_may_be_numbered_in_the_order_of_the_file(tmp_path: Path) -> None:
    file = lines(tmp_path / "a.jsonl", {"id": "x", "prompt": "How?"}, {"id": "x", "paraphrases": ["Why?", "Why so?"]})
    found = questions.read(file, own_ids=True)
    assert [(question.id, question.question) for question in found] == [("1", "x"), ("2", "x"), ("3", "x")]
    assert [question.id for question in questions.read(file, own_ids=True, limit=1)] == ["1"]


def test_a_question_without_an_id_is_known_by_its_text(tmp_path: Path) -> None:
    first = questions.read(lines(tmp_path / "a.jsonl", {"prompt": "How?"}, {"prompt": "Why?"}))
    second = questions.read(lines(tmp_path / "b.jsonl", {"prompt": "Why?"}, {"prompt": "How?"}))
    assert [question.id for question in first] == [question.id for question in reversed(second)]


def test_no_more_are_taken_than_asked_for(tmp_path: Path) -> None:
    file = lines(tmp_path / "a.jsonl", *[{"prompt": f"{number}?"} for number in range(5)])
    assert len(questions.read(file, limit=2)) == 2


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("missing.csv", None, "no such file"),
        ("a.docx", "x", "no known format"),
        ("a.csv", "prompt,id\n", "no question"),
        ("a.jsonl", '{"id": "1", "prompt": "private words"}\n{"id": "1", "prompt": "other private words"}\n', "stands twice"),
        (
            "b.jsonl",
            '{"id": "1", "prompt": "private words"}\n{"id": "2", "prompt": "  "}\n',
            "b.jsonl:2: there is no text to ask",
        ),
        ("b.jsonl", '{"id": "1", "paraphrases": ["private words", 7]}\n', "no text to ask"),
        ("b.jsonl", '{"id": "1", "prompt": 7}\n', "no text to ask"),
        ("b.jsonl", '{"id": "1"}\n', "no text to ask"),
    ],
)
def test_what_is_no_question_is_one_line_that_quotes_none(name: str, text: str | None, what: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(BuildError, match=what) as raised:
        questions.read(tmp_path / name)
    assert "private" not in str(raised.value)


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "asked", "questions_of_it"),
    [
        ("evals/emergent_misalignment_questions/first_plot_questions.yaml", 24, 24),
        ("legal/truthfulqa/TruthfulQA.csv", 790, 790),
        ("safety/xstest/xstest_prompts.csv", 450, 450),
        ("safety/simple_safety_tests/simple_safety_tests.csv", 100, 100),
    ],
)
def test_published_files_are_read_whole(file: str, asked: int, questions_of_it: int, real_data: Path) -> None:
    found = questions.read(real_data / file)
    assert (len(found), len({question.question for question in found})) == (asked, questions_of_it)
