"""Law 4: one schema is the contract, and what `datasets` is told derives from it."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from datasets import Dataset, Features, Image, List, Value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import family as families
from builders import paths, records, schema
from builders.errors import BuildError
from builders.schema import Column
from tests.harness import FAMILY, Workspace

_CONFIGS = [(family, subset) for family in families.names() for subset in families.subsets(family)]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=8),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
}
_KEYS = st.text("abcdefgh_", min_size=1, max_size=4)
_OWN: dict[str, Any] = {
    "$schema": _DIALECT,
    "$defs": {
        "default": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "description": "A name."},
                "note": {"type": ["string", "null"], "description": "A note."},
                "count": {"type": ["null", "integer"], "description": "A count."},
                "share": {"type": "number", "description": "A share."},
                "done": {"type": "boolean", "description": "Whether it is done."},
                "tags": {"type": "array", "items": {"type": "string"}, "description": "Tags."},
                "steps": {"type": ["array", "null"], "items": {"$ref": "#/$defs/step"}, "description": "Steps."},
                "origin": {
                    "type": "object",
                    "description": "Where it is from.",
                    "properties": {
                        "by": {"$ref": "#/$defs/step", "description": "Who did it."},
                        "seen": {
                            "type": ["object", "null"],
                            "description": "Who saw it.",
                            "properties": {"times": {"type": "integer", "description": "How often."}},
                        },
                    },
                },
                "canary": {"const": "own:canary", "description": "A mark."},
                "version": {"const": 1, "description": "A version."},
            },
        },
        "step": {
            "type": "object",
            "description": "A step.",
            "properties": {"word": {"type": ["string", "null"], "description": "A word."}},
        },
        "bare": {"type": "object", "properties": {"name": {"type": "string", "description": "A name."}}},
        "open": {"type": "object", "properties": {"canary": {"type": "string", "description": "A mark."}}},
    },
}


def _family(workspace: Workspace, document: object) -> str:
    """Write a schema and return the family it is of, named by its content: schemas are kept by family."""
    content = document if isinstance(document, str) else json.dumps(document)
    name = f"own{records.text_digest(content)[:12]}"
    (workspace.root / paths.schema(name)).write_text(content)
    return name


def _shown(feature: object) -> str:
    if isinstance(feature, List):
        return f"list<{_shown(feature.feature)}>"
    if isinstance(feature, Image):
        return "image"
    return "struct" if isinstance(feature, dict) else str(feature.dtype)  # type: ignore[attr-defined]


def _flat(features: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, feature in features.items():
        yield prefix + name, _shown(feature)
        path, inner = prefix + name, feature
        while isinstance(inner, List):
            path, inner = f"{path}[]", inner.feature
        if isinstance(inner, dict):
            yield from _flat(inner, f"{path}.")


@pytest.mark.parametrize(("family", "subset"), _CONFIGS)
def test_the_features_of_every_config_are_ones_and_agree_with_its_columns(here: Workspace, family: str, subset: str) -> None:
    assert here.root.is_dir()
    features = Features(schema.features(family, subset))
    assert features.arrow_schema.names == list(features)
    assert Features.from_dict(features.to_dict()) == features
    columns = schema.columns(family, subset)
    assert [(column.name, column.type.removesuffix("?")) for column in columns] == list(_flat(features))


@pytest.mark.parametrize(("family", "subset"), _CONFIGS)
def test_every_column_of_every_config_is_described(here: Workspace, family: str, subset: str) -> None:
    assert here.root.is_dir()
    assert [column.name for column in schema.columns(family, subset) if not column.description.strip()] == []
    document = schema.load(family)
    for definition in document["$defs"].values():
        assert all(value.get("description", value.get("$ref")) for value in definition.get("properties", {}).values())


@pytest.mark.parametrize(("family", "subset"), _CONFIGS)
def test_every_config_is_closed_requires_all_its_columns_and_has_a_canary(here: Workspace, family: str, subset: str) -> None:
    assert here.root.is_dir()
    document = schema.load(family)
    definition = schema.resolved(document, document["$defs"][subset])
    assert definition["additionalProperties"] is False
    assert sorted(definition["required"]) == sorted(definition["properties"])
    assert family in schema.canary(family, subset)


def test_columns_and_features_of_nullable_nested_and_listed_columns(here: Workspace) -> None:
    family = _family(here, _OWN)
    step = {"word": Value("string")}
    assert schema.features(family, "default") == {
        "name": Value("string"),
        "note": Value("string"),
        "count": Value("int64"),
        "share": Value("float64"),
        "done": Value("bool"),
        "tags": List(Value("string")),
        "steps": List(step),
        "origin": {"by": step, "seen": {"times": Value("int64")}},
        "canary": Value("string"),
        "version": Value("int64"),
    }
    assert schema.columns(family, "default") == [
        Column("name", "string", "A name."),
        Column("note", "string?", "A note."),
        Column("count", "int64?", "A count."),
        Column("share", "float64", "A share."),
        Column("done", "bool", "Whether it is done."),
        Column("tags", "list<string>", "Tags."),
        Column("steps", "list<struct>?", "Steps."),
        Column("steps[].word", "string?", "A word."),
        Column("origin", "struct", "Where it is from."),
        Column("origin.by", "struct", "Who did it."),
        Column("origin.by.word", "string?", "A word."),
        Column("origin.seen", "struct?", "Who saw it."),
        Column("origin.seen.times", "int64", "How often."),
        Column("canary", "string", "A mark."),
        Column("version", "int64", "A version."),
    ]


def test_columns_of_lists_in_lists_go_all_the_way_down(here: Workspace) -> None:
    row = {"type": "array", "items": {"type": "integer"}, "description": "Numbers."}
    walk = {"type": "array", "items": {"$ref": "#/$defs/step"}}
    properties = {
        "grid": {"type": "array", "items": row, "description": "Rows of numbers."},
        "walks": {"type": "array", "items": walk, "description": "Lists of steps."},
    }
    document = {"$schema": _DIALECT, "$defs": {**_OWN["$defs"], "default": {"type": "object", "properties": properties}}}
    family = _family(here, document)
    assert schema.features(family, "default") == {
        "grid": List(List(Value("int64"))),
        "walks": List(List({"word": Value("string")})),
    }
    assert schema.columns(family, "default") == [
        Column("grid", "list<list<int64>>", "Rows of numbers."),
        Column("walks", "list<list<struct>>", "Lists of steps."),
        Column("walks[][].word", "string?", "A word."),
    ]


def test_a_config_validates_rows_by_itself(here: Workspace) -> None:
    validator = jsonschema.Draft202012Validator(schema.config(_family(here, _OWN), "default"))
    assert validator.is_valid({"name": "a", "steps": [{"word": None}]})
    assert not validator.is_valid({"name": None})
    assert not validator.is_valid({"steps": [{"word": 1}]})


def test_the_canary_is_the_constant_of_the_schema(here: Workspace) -> None:
    assert schema.canary(_family(here, _OWN), "default") == "own:canary"


@pytest.mark.parametrize("config", ["bare", "open"])
def test_a_config_without_canary_is_a_build_error(here: Workspace, config: str) -> None:
    family = _family(here, _OWN)
    with pytest.raises(BuildError, match="no canary with a const") as caught:
        schema.canary(family, config)
    assert caught.value.where == str(paths.schema(family))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "broken JSON"),
        ('{"$defs": {\n"default": }}', "broken JSON"),
        ('{"type": 5}', "no JSON Schema: 5 is not valid"),
        (f'{{"$schema": "{_DIALECT}", "$defs": {{"default": {{"pattern": "("}}}}}}', "no JSON Schema: '(' is not a 'regex'"),
        ("[]", "no JSON Schema"),
        (f'{{"$schema": "{_DIALECT}", "$defs": {{}}}}', "no $defs/default"),
        (f'{{"$schema": "{_DIALECT}"}}', "$defs"),
        ('{"$defs": {"default": {"type": "object", "properties": {"a": {"type": "string"}}}}}', "$schema"),
        ("true", "$schema"),
    ],
)
def test_a_broken_schema_is_a_build_error_that_names_it(here: Workspace, content: str, what: str) -> None:
    family = _family(here, content)
    with pytest.raises(BuildError) as caught:
        schema.features(family, "default")
    assert what in str(caught.value)
    assert caught.value.where.startswith(str(paths.schema(family)))


@pytest.mark.parametrize("family", families.names())
def test_a_schema_that_is_one_is_known_soon(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonschema.Draft202012Validator, "check_schema", None)
    schema.load.cache_clear()
    assert set(schema.load(family)["$defs"]) >= set(families.configs(family))


def test_a_missing_schema_is_a_build_error_that_names_it(here: Workspace) -> None:
    assert here.root.is_dir()
    with pytest.raises(BuildError, match="the schema is missing") as caught:
        schema.load("absent")
    assert caught.value.where == str(paths.schema("absent"))


@st.composite
def _columns(draw: st.DrawFn, depth: int = 2) -> tuple[dict[str, Any], st.SearchStrategy[Any]]:
    """Draw the schema of a column and a strategy for its values."""
    kind = draw(st.sampled_from([*_VALUES, *(["array", "object"] if depth else [])]))
    own: dict[str, Any] = {"type": kind, "description": "A column."}
    if kind == "array":
        own["items"], items = draw(_columns(depth=depth - 1))
        values: st.SearchStrategy[Any] = st.lists(items, max_size=3)
    elif kind == "object":
        inner = draw(st.dictionaries(_KEYS, _columns(depth=depth - 1), min_size=1, max_size=3))
        own["properties"] = {name: column for name, (column, _) in inner.items()}
        values = st.fixed_dictionaries({name: strategy for name, (_, strategy) in inner.items()})
    else:
        values = _VALUES[kind]
    if draw(st.booleans()):
        own["type"] = draw(st.permutations([kind, "null"]))
        values = st.none() | values
    return own, values


@settings(derandomize=True, max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(_KEYS, _columns(), min_size=1, max_size=4), st.data())
def test_rows_of_any_schema_survive_datasets_unchanged(
    here: Workspace, columns: dict[str, tuple[dict[str, Any], st.SearchStrategy[Any]]], data: st.DataObject
) -> None:
    default = {"type": "object", "properties": {name: column for name, (column, _) in columns.items()}}
    family = _family(here, {"$schema": _DIALECT, "$defs": {"default": default}})
    rows = data.draw(st.lists(st.fixed_dictionaries({name: values for name, (_, values) in columns.items()}), min_size=1))
    validator = jsonschema.Draft202012Validator(schema.config(family, "default"))
    assert all(map(validator.is_valid, rows))
    features = Features(schema.features(family, "default"))
    found = Dataset.from_list(rows, features=features).to_list()
    assert found == rows
    assert records.canonical(found) == records.canonical(rows)
    shown = [(column.name, column.type.removesuffix("?")) for column in schema.columns(family, "default")]
    assert shown == list(_flat(features))


def test_the_schema_of_a_config_is_one_by_itself(here: Workspace) -> None:
    del here
    assert schema.config(FAMILY, "hard") == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/hard",
        "$defs": schema.load(FAMILY)["$defs"],
    }
