"""What a seed is called and which row of its file it was: by its key, else its prompt, else where it stands."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from builders import records
from builders.records import Rejection
from builders.sources.reading import Row
from builders.stages import collect


def seed(item: int | None = None, **values: object) -> tuple[records.Record, Rejection | None]:
    source = SimpleNamespace(
        id="own",
        subset="default",
        file="own.jsonl",
        license="MIT",
        answers=None,
        columns={"key": "uid", "prompt": "text", "label": "kind"} if "uid" in values else {"prompt": "text", "label": "kind"},
        constants={"place": "here"},
        values={"label": {"a": "first", "7": "seventh"}},
    )
    own = SimpleNamespace(prompt="prompt", pictures=())
    row = Row(3, values, "parts/1.jsonl", item)
    return collect._seed("quiz", cast("Any", source), cast("Any", own), {"file_sha256": "0"}, row)  # noqa: SLF001


@pytest.mark.parametrize(
    ("values", "item", "name", "key"),
    [
        ({"uid": "k", "text": "Why?"}, None, "k", "k"),
        ({"uid": "k", "text": "Why?"}, 0, "k#0", "k#0"),
        ({"uid": 0, "text": "Why?"}, None, "0", "0"),
        ({"uid": None, "text": "Why  NOT?"}, 2, "why not?", None),
        ({"uid": "", "text": "Why?"}, None, "why?", ""),
        ({"text": "Why?"}, 2, "why?", None),
        ({"text": " "}, None, "row 3", None),
        ({"text": 7}, None, "row 3", None),
    ],
    ids=range(8),
)
def test_a_seed_is_named_by_its_key_its_prompt_or_its_place(
    values: dict[str, object], item: int | None, name: str, key: str | None
) -> None:
    record, _ = seed(item, kind="b", **values)
    assert record.id == records.row_id("quiz", "own", name)
    traced = record.provenance
    assert (traced.source_key, traced.source_row, traced.source_file, traced.license) == (key, 3, "parts/1.jsonl", "MIT")
    assert (record.subset, record.parent, record.data["place"]) == ("default", None, "here")


@pytest.mark.parametrize(("kind", "label"), [("a", "first"), (7, "seventh"), ("b", "b"), (None, None)])
def test_a_value_that_is_translated_is_ours_and_any_other_stays(kind: object, label: object) -> None:
    assert seed(text="Why?", kind=kind)[0].data["label"] == label


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"text": "Why?", "kind": "a"}, None),
        ({"text": " ", "kind": "a"}, Rejection("bad_prompt", {"type": "str"})),
        ({"text": None, "kind": "a"}, Rejection("bad_prompt", {"type": "NoneType"})),
        ({"text": "\ud800 Why?", "kind": "a"}, Rejection("bad_prompt", {"column": "prompt", "error": "half a surrogate pair"})),
        ({"text": "Why?", "kind": "\ud800"}, Rejection("bad_text", {"column": "label", "error": "half a surrogate pair"})),
    ],
    ids=range(5),
)
def test_a_seed_without_a_usable_prompt_or_text_says_why(values: dict[str, object], why: Rejection | None) -> None:
    assert seed(**values)[1] == why  # type: ignore[arg-type]
