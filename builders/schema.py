"""The family's JSON Schema is the contract of a row; Hub features and the card's column table derive from it.

A schema has one definition per config under `$defs`, and further definitions that those refer to.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, cast

import orjson

from builders import paths
from builders.errors import BuildError

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_IMAGE = "image/"
_WORD = re.compile(r"\^[\w:()|?-]*(?:\[[\w-]+\](?:\{[\d,]+\})?)*\$")
"""A pattern that a word or a hash fits, and no sentence."""
_SCALARS = {"string": "string", "integer": "int64", "number": "float64", "boolean": "bool"}


class Column(NamedTuple):
    """One line of the card's column table.

    Args:
        name: dotted path; `[]` marks the items of a list.
        type: what `datasets` calls it; a `?` marks a column that may be null.
        description: the schema's.
    """

    name: str
    type: str
    description: str


@cache
def load(family: str) -> dict[str, Any]:
    """Read the family's schema and check that it is one.

    Raises:
        BuildError: the file is missing, is not JSON Schema of draft 2020-12, or lacks a definition.
    """
    path = paths.schema(family)
    try:
        document = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise BuildError("the schema is missing", where=path, fix="restore it from git") from None
    except orjson.JSONDecodeError as error:
        raise BuildError(f"broken JSON: {error.msg}", where=f"{path}:{error.lineno}", fix="fix that line") from None
    if not _draft().is_valid(document):
        _refuse(document, path)
    if missing := [key for key in ("$schema", "$defs") if not isinstance(document, dict) or key not in document]:
        raise BuildError(f"no {missing[0]}", where=path, fix="add it")
    return cast("dict[str, Any]", document)


@cache
def _draft() -> Any:  # noqa: ANN401  (a validator of jsonschema_rs, which has no types)
    """Return what tells a schema of draft 2020-12 from anything else, in a hundredth of the time that jsonschema takes."""
    import jsonschema_rs  # noqa: PLC0415

    return jsonschema_rs.Draft202012Validator({"$ref": _DRAFT}, validate_formats=True)


def _refuse(document: Any, path: Path) -> None:  # noqa: ANN401  (whatever is in the file)
    """Say what is wrong with a schema: jsonschema names the place, and it decides."""
    import jsonschema  # noqa: PLC0415

    try:
        jsonschema.Draft202012Validator.check_schema(document)
    except jsonschema.SchemaError as error:
        raise BuildError(f"no JSON Schema: {error.message}", where=path, fix=f"fix {error.json_path}") from None


def config(family: str, name: str) -> dict[str, Any]:
    """Return a schema that validates the rows of one config by itself.

    Raises:
        BuildError: the schema has no such definition.
    """
    document = load(family)
    if name not in document["$defs"]:
        raise BuildError(f"no $defs/{name}", where=paths.schema(family), fix="add the config's definition")
    return {"$schema": document["$schema"], "$ref": f"#/$defs/{name}", "$defs": document["$defs"]}


def canary(family: str, name: str) -> str:
    """Return the mark that every row of the config carries."""
    try:
        return str(resolved(load(family), config(family, name)["$defs"][name])["properties"]["canary"]["const"])
    except KeyError:
        raise BuildError("no canary with a const", where=paths.schema(family), fix="give every config one") from None


def hazard(family: str, name: str | None) -> str:
    """Return the hazard that the schema pins, of one config or, for None, of the family; `none` where nothing is said."""
    document = load(family) if paths.schema(family).is_file() else {"$defs": {}}
    own = document["$defs"].get(name, {}) if name else {}
    return str(own.get("hazard", document.get("hazard", "none")))


def features(family: str, name: str) -> dict[str, Any]:
    """Return the config's columns as the mapping that `datasets.Features` takes."""
    document = load(family)
    properties = resolved(document, config(family, name)["$defs"][name])["properties"]
    return {key: _feature(document, value) for key, value in properties.items()}


def columns(family: str, name: str) -> list[Column]:
    """Return the config's columns, nested ones included, for the card."""
    document = load(family)
    return list(_columns(document, resolved(document, config(family, name)["$defs"][name]), ""))


def restricted(family: str) -> frozenset[str]:
    """Return the names of text columns, nested ones included, that can only hold words the schema names."""
    return frozenset(_restricted(load(family)))


def _restricted(schema: Any) -> Iterator[str]:  # noqa: ANN401  (any part of a schema)
    if isinstance(schema, list):
        yield from chain.from_iterable(map(_restricted, schema))
    elif isinstance(schema, dict):
        for name, value in schema.get("properties", {}).items():
            if isinstance(value, dict) and _is_restricted({**value.get("items", {}), **value}):
                yield name
        yield from chain.from_iterable(map(_restricted, schema.values()))


def _is_restricted(schema: dict[str, Any]) -> bool:
    return "enum" in schema or "const" in schema or _WORD.fullmatch(schema.get("pattern", "")) is not None


def _columns(document: dict[str, Any], schema: dict[str, Any], prefix: str) -> Iterator[Column]:
    for key, value in schema.get("properties", {}).items():
        own = resolved(document, value)
        name = prefix + key
        nullable = "null" in _types(own)
        inner, path, shown = own, name, "{}"
        while _types(inner)[0] == "array":
            inner, path, shown = resolved(document, inner["items"]), f"{path}[]", shown.format("list<{}>")
        shown = shown.format("image" if inner.get("contentMediaType", "").startswith(_IMAGE) else _name(_types(inner)[0]))
        yield Column(name, shown + "?" * nullable, own.get("description", ""))
        yield from _columns(document, inner, f"{path}.")


def _feature(document: dict[str, Any], schema: dict[str, Any]) -> Any:  # noqa: ANN401  (a datasets feature of any kind)
    from datasets import Image, List, Value  # noqa: PLC0415

    own = resolved(document, schema)
    kind = _types(own)[0]
    if own.get("contentMediaType", "").startswith(_IMAGE):
        return Image()
    if kind == "array":
        return List(_feature(document, own["items"]))
    if kind == "object":
        return {key: _feature(document, value) for key, value in own["properties"].items()}
    return Value(_SCALARS[kind])


def _types(schema: dict[str, Any]) -> list[str]:
    """Return the schema's types, the one that is not null first."""
    if "const" in schema:
        return ["string" if isinstance(schema["const"], str) else "integer"]
    declared = schema["type"]
    types = [declared] if isinstance(declared, str) else list(declared)
    return sorted(types, key=lambda name: name == "null")


def _name(kind: str) -> str:
    return _SCALARS.get(kind, "struct" if kind == "object" else kind)


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference into `$defs`; what stands beside it wins."""
    if "$ref" not in schema:
        return schema
    target = re.sub(r"^#/\$defs/", "", schema["$ref"])
    return {**resolved(document, document["$defs"][target]), **{key: value for key, value in schema.items() if key != "$ref"}}
