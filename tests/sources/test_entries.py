"""What params may say of files, templates and tables."""

from typing import Any

import pytest
from pydantic import ValidationError

from builders.sources import tables
from builders.sources.entries import HubFiles, Template


@pytest.mark.parametrize("path", ["x.csv", "a/b.csv", "a..b/c", "x/", "x y"])
def test_a_path_lies_in_a_repository(path: str) -> None:
    assert HubFiles(hub="a/b", revision=None, paths=["first", path]).paths == ["first", path]


@pytest.mark.parametrize("path", ["../x", "a/../b", "/x", " ", "", "a\nb", "\x7f"])
def test_a_path_that_leads_out_or_is_none_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match=r"is not a file of a repository"):
        HubFiles(hub="a/b", revision=None, paths=["first", path])


@pytest.mark.parametrize("hub", ["a/" + "b" * 94, "a/b.c", "a_b/c-d", "a/b.gitx"])
def test_a_repository_has_a_name_of_at_most_ninety_six_characters(hub: str) -> None:
    assert HubFiles(hub=hub, revision="0" * 40, paths=["x"]).hub == hub


@pytest.mark.parametrize("hub", ["a/" + "b" * 95, "a--b/c", "a/b.git", "a/.b", "-a/b", "a-/b", "a/b-", "a/b..c"])
def test_a_name_that_the_hub_has_for_no_repository_is_refused(hub: str) -> None:
    with pytest.raises(ValidationError, match="is not the name of a repository as the Hub allows it"):
        HubFiles(hub=hub, revision="0" * 40, paths=["x"])


def test_a_template_names_the_columns_that_stand_in_it() -> None:
    assert Template(template="{{ b.c }} {{ a }} {{ range(3) }} {% for x in d %}{{ x }}{% endfor %}").names == ["a", "b", "d"]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{", "no Jinja template: unexpected 'end of template'"),
        ("{% x %}", "no Jinja template: Encountered unknown tag 'x'"),
        ("{{ " + "(" * 3000, "no Jinja template: too deep"),
        ("{{ " + "(" * 100 + "a" + ")" * 100 + " }}", "no Jinja template: "),
        ("{{ " + "-" * 5000 + "1 }}", "no Jinja template: too deep"),
    ],
    ids=["open", "tag", "brackets", "closed", "signs"],
)
def test_a_template_that_is_none_says_why(template: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Template(template=template)


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("a.jsonl", ".jsonl"),
        ("a.jsonl.gz", ".jsonl"),
        ("a.csv.zip", ".csv"),
        ("a.tar.gz", ".tar"),
        ("a.json.bz2", ".json"),
        ("a.b.xz", ".b"),
        ("a.c.zst", ".c"),
        ("A.TAB", ".tab"),
        ("a.GZ", ""),
        ("a", ""),
    ],
)
def test_a_name_ends_as_what_is_packed_does(name: str, end: str) -> None:
    assert tables.ending(name) == end


def table(**more: Any) -> tables.EvaluationSet:  # noqa: ANN401
    return tables.EvaluationSet.model_validate({"name": "x", "file": "a.csv", "columns": {"prompt": "p"}, **more})


def test_a_table_reads_every_column_that_it_speaks_of() -> None:
    columns = {"prompt": {"template": "{{ t }}"}, "key": {"by": "w", "columns": {"1": "k1", "2": "k2"}}}
    assert table(each="e", only={"o": ["1"]}, columns=columns).read == ["e", "o", "t", "w", "k1", "k2"]
    assert table().read == ["p"]


@pytest.mark.parametrize("more", [{"file": "..a/b.csv"}, {"file": "x" * 236 + ".csv"}, {"file": "a.zzz", "format": "csv"}])
def test_a_file_has_a_name_below_the_folder(more: dict[str, Any]) -> None:
    assert table(**more).format == "csv"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"file": "x" * 237 + ".csv"}, "at most 240 characters"),
        ({"file": "a/../b.csv"}, "name a file, a folder or a pattern"),
        ({"file": "a.zzz"}, "format\n  Field required"),
        ({"format": "generated"}, "format: generated goes with a file that names a generator"),
        ({"delimiter": ""}, "at least 1 character"),
        ({"delimiter": ";;"}, "at most 1 character"),
        ({"header": []}, "at least 1 item"),
        ({"only": {}}, "at least 1 item"),
        ({"columns": {"key": "k"}}, "map prompt, and key if there is one, and nothing else"),
        ({"columns": {"prompt": "p", "n": "n"}}, "map prompt, and key if there is one, and nothing else"),
    ],
)
def test_a_table_that_says_too_much_or_too_little_is_refused(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        table(**more)
