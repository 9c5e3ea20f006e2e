"""Read what changes bytes: `params.yaml` and each family's `params.yaml`, checked against the types in `sections`.

A key that is missing, misspelt or of the wrong type is one clear line.

Changes no byte of a row.
"""

import difflib
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from builders import family as families
from builders import paths
from builders.errors import BuildError
from builders.family import Part
from builders.params.sections import Asking, Collect, Filter, Release, Review, Validate
from builders.sources import tables
from builders.sources.section import Section
from builders.texts import files

_LONGEST_KEY = 30
OWN = "own"
"""The profile of the rows that somebody brings, and the folder where their files are."""
_TAGS = {tables.PLAIN, tables.MADE, tables.MAPPING, tables.TOKENS}
_MOST_DEEP, _MOST_BITS = 32, 63


class Project(Section):
    """The project-wide choices: which profile is built and who answers."""

    profile: Literal["sample", "own", "full"]
    teacher: Literal["recorded", "endpoint", "vllm", "ledger"]


class Params(NamedTuple):
    """Everything the stages of one family are told: its profile's section for each stage, by the stage's name."""

    project: Project
    collect: Collect
    synthesize: Asking
    judge: Asking
    filter: Filter
    review: Review
    validate: Validate
    release: Release


Model = TypeVar("Model", bound=Section)


_SECTIONS: dict[str, type[Section]] = {
    "collect": Collect,
    "synthesize": Asking,
    "judge": Asking,
    "filter": Filter,
    "review": Review,
    "validate": Validate,
    "release": Release,
}
"""Stage → its section, where the family says nothing else."""


def load(family: str) -> Params:
    """Read `params.yaml` and the active profile of the family's, checking every section.

    Raises:
        BuildError: a file is missing, unreadable, or says something we do not understand.
    """
    project_file, family_file = paths.root() / "params.yaml", paths.params(family)
    project = _checked(Project, _mapping(project_file), project_file, "")
    profile = _profile(family_file, project.profile)
    loaded: dict[str, Any] = {
        stage: _section(families.part(family, stage, Part), profile, stage, f"{project.profile}.{stage}", family_file)
        for stage in paths.STAGES
    }
    params = Params(project, **loaded)
    _check_subsets(family, params, family_file)
    return params


def _section(own: Part[Any] | None, profile: dict[str, Any], stage: str, key: str, file: Path) -> Section:
    """Return a stage's section of a profile, with the roles that the family's own part of the stage asks."""
    model: type[Section] = own.params if own else _SECTIONS[stage]
    if stage not in profile and any(field.is_required() for field in model.model_fields.values()):
        raise BuildError(f"{key} is missing", where=file, fix="add the section")
    section: Any = _checked(model, profile.get(stage) or {}, file, f"{key}.")
    for role in own.roles if own else ():
        if role not in section.roles:
            raise BuildError(f"{key}.roles.{role} is missing", where=file, fix="add or rename it")
    return section  # type: ignore[no-any-return]


def _profile(path: Path, name: str) -> dict[str, Any]:
    """Return a profile of a family's params, having checked that it has sections of stages and nothing else."""
    profiles = _mapping(path)
    if name not in profiles:
        fix = f"add it or choose another of {', '.join(map(str, profiles))}"
        raise BuildError(f"no profile {name!r}", where=path, fix=fix)
    profile = profiles[name]
    if not isinstance(profile, dict):
        raise BuildError(f"{name} is not a mapping", where=path, fix="give it one key per stage")
    if unknown := [stage for stage in profile if stage not in paths.STAGES]:
        raise BuildError(_unknown_key(f"{name}.{unknown[0]}", paths.STAGES), where=path, fix="rename it")
    return _brought(profile) if name == OWN else profile


def _brought(profile: dict[str, Any]) -> dict[str, Any]:
    """Return the profile of somebody's own rows, whose files are in a folder of their own unless it says otherwise."""
    collect = profile.get("collect")
    if not isinstance(collect, dict):
        return profile
    sets = collect.get("decontamination")
    if isinstance(sets, dict):
        sets = {**sets, "sets": _in_own(sets.get("sets"))}
    return {**profile, "collect": {**collect, "sources": _in_own(collect.get("sources")), "decontamination": sets}}


def _in_own(entries: Any) -> Any:  # noqa: ANN401  (whatever is in the file)
    if not isinstance(entries, list):
        return entries
    return [
        {"folder": OWN, **entry} if isinstance(entry, dict) and isinstance(entry.get("file"), str) else entry
        for entry in entries
    ]


def line(model: type[Model], value: object, where: str) -> Model:
    """Return the model of one line of a file that people write.

    Raises:
        BuildError: a key is missing, unknown or of the wrong type.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        keys = _keys(first["loc"])
        if keys and len(keys[0]) > _LONGEST_KEY:
            keys[0] = f"(a key of {len(keys[0])} characters)"  # it may be text of a row: nothing has checked the line yet
        raise BuildError(f"{'.'.join(keys)}: {first['msg']}", where=where, fix="fix that line") from None


def _check_subsets(family: str, params: Params, where: Path) -> None:
    pools = families.pools(family)
    for source in params.collect.sources:
        if source.subset not in pools:
            raise BuildError(
                f"source {source.id} has the unknown subset {source.subset!r}",
                where=where,
                fix=f"choose one of {', '.join(pools)}",
            )


def _mapping(path: Path) -> dict[str, Any]:
    try:
        value = files.parsed_yaml(path.read_bytes(), path)
    except FileNotFoundError:
        raise BuildError("the file is missing", where=path, fix="restore it from git") from None
    if found := _beyond(value):
        raise BuildError(found, where=path, fix="fix this value")
    if not isinstance(value, dict):
        raise BuildError("not a mapping", where=path, fix="give it keys and values")
    return value


def _beyond(value: object, depth: int = 0) -> str:
    """Say what no key of params may hold, if a value does: what neither JSON nor a machine can count with."""
    if depth > _MOST_DEEP:
        return "values too deep inside each other"
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return "a number of more than 64 bits"
    if isinstance(value, str) and not _is_whole(value):
        return "a text with half a character"
    below = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((found for part in below if (found := _beyond(part, depth + 1))), "")


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _checked(model: type[Model], value: object, where: Path, prefix: str) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False)
        first = next((fault for fault in found if fault["type"] == "extra_forbidden"), found[0])  # a typo is missing too
        key = prefix + ".".join(_keys(first["loc"]))
        if first["type"] == "extra_forbidden":
            what = _unknown_key(key, _siblings(model, first["loc"]))
        elif first["type"] == "missing":
            what = f"{key} is missing"
        else:
            what = f"{key.rstrip('.')}: {first['msg'].removeprefix('Value error, ')}"
        raise BuildError(what, where=where, fix="fix this key") from None


def _keys(location: tuple[int | str, ...]) -> list[str]:
    """Return the keys that lead to a fault, without pydantic's note of which member of a union was meant."""
    return [str(part) for part in location if part not in _TAGS]


def _unknown_key(key: str, keys: tuple[str, ...] | list[str]) -> str:
    name = key.rpartition(".")[2]
    close = difflib.get_close_matches(name, keys, n=1, cutoff=0.5)
    return f"unknown key {key}" + (f", did you mean {close[0]}?" if close else f", known are {', '.join(keys)}")


def _siblings(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Return the keys allowed where an unknown one was found, by walking the models down to it."""
    current: Any = model
    for part in location[:-1]:
        annotation = current.model_fields[part].annotation if _is_model(current) else _item(current)
        current = annotation
    return list(current.model_fields) if _is_model(current) else []


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _item(annotation: Any) -> Any:  # noqa: ANN401  (a type annotation of any shape)
    item = get_args(annotation)[-1]
    return get_args(item)[0] if get_origin(item) is Annotated else item
