"""Croissant metadata (JSON-LD, http://mlcommons.org/croissant/1.1) of a release: its files, and the fields of its rows.

Field types derive from the family's schema, as the Hub features do; what is responsible use (`rai:`) and where it all comes
from (`prov:`) is written from the manifest. What only a publish knows (where the dataset lies, its
version, when the commit that built it was made) is added then.
"""

import mimetypes
import re
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from builders import family as families
from builders import paths, records, schema
from builders.errors import BuildError
from builders.releases import card_parts, lineage, responsible
from builders.releases.manifest import Manifest

FILE = "croissant.json"
CONFORMS_TO = ("http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0")
REQUIRED = ("@context", "@type", "conformsTo", "name", "description", "license", "creator", "url", "distribution", "recordSet")
"""What the specification wants of every dataset and a release can say."""
STATED = tuple(f"{responsible.PREFIX}{name}" for name in responsible.FIELDS)
"""What a conference wants to be told about responsible use."""
WHEN_PUBLISHED = ("url", "version", "datePublished")

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "prov": "http://www.w3.org/ns/prov#",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {"string": "sc:Text", "int64": "cr:Int64", "float64": "cr:Float64", "bool": "sc:Boolean", "image": "sc:ImageObject"}
_PUBLISH_CHANGES = (FILE, "README.md")
_LINK = re.compile(r"\]\((https?://[^)\s]+)\)")
_PARQUET = "application/x-parquet"


class About(NamedTuple):
    """What a dataset says of itself beside its files and fields.

    Args:
        description: a paragraph of plain text.
        licence: an SPDX identifier, or words.
        citation: BibTeX.
        page: the address of a page about it.
    """

    description: str
    licence: str
    citation: str
    page: str


def about(what: str, card: str, licence: str) -> About:
    """Return what is said of a dataset: what it is, the card's BibTeX, and the paper that the card links to first."""
    page = _LINK.search(card)
    plain_text = " ".join(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", what).replace("*", "").replace("`", "").split())
    return About(plain_text, licence, card_parts.citation(card), page[1] if page else "")


def write(family: str, folder: Path, facts: Manifest, about: About) -> None:
    """Write the metadata of the release that is in a folder.

    Args:
        family: its name.
        folder: the release, its Parquet files included.
        facts: its manifest.
        about: what it says of itself.

    Raises:
        BuildError: a required field is empty, or the manifest has nothing for it.
    """
    where = f"the manifest of {family}"
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": list(CONFORMS_TO),
        "name": family,
        "alternateName": families.facts(family).title,
        "description": about.description,
        "license": about.licence,
        "creator": {"@type": "sc:Organization", "name": "The Tracewright authors"},
        "citeAs": about.citation,
        "url": about.page,
        "keywords": list(families.facts(family).tags),
        "inLanguage": list(families.facts(family).languages),
        "isAccessibleForFree": True,
        "isLiveDataset": False,
        **_terms(family),
        **responsible.metadata(facts.responsible, where),
        **lineage.metadata(facts.facts(), where),
        "distribution": _files(folder),
        "recordSet": [_records(family, config) for config in families.configs(family) if (folder / config).is_dir()],
    }
    check(document, paths.card(family))
    (folder / FILE).write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")


def _terms(family: str) -> dict[str, Any]:
    """Return the terms under which a hazard family's rows may be used."""
    gate = families.facts(family).gate
    return {"usageInfo": {"@type": "sc:CreativeWork", "name": "Terms of use", "text": gate}} if gate else {}


def check(document: dict[str, Any], where: Path | str) -> None:
    """See that every field says something: those of the specification, of responsible use, and of provenance.

    Raises:
        BuildError: one does not.
    """
    if missing := [name for name in (*REQUIRED, *STATED, *lineage.FIELDS) if not document.get(name)]:
        raise BuildError(f"the Croissant metadata would have no {missing[0]}", where=where, fix="let the card say it")


def published(text: bytes, url: str, version: str, date: str) -> bytes:
    """Return the metadata of a version.

    Args:
        text: the release's.
        url: where the dataset lies.
        version: without the `v`.
        date: when the commit that built it was made, an ISO 8601 date.
    """
    document = {**orjson.loads(text), **dict(zip(WHEN_PUBLISHED, (url, version, date), strict=True))}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


def plain(text: bytes) -> dict[str, Any] | None:
    """Return metadata without what only a publish knows, to be compared; None where it is none."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(document, dict):
        return None
    return {name: value for name, value in document.items() if name not in WHEN_PUBLISHED}


def _files(folder: Path) -> list[dict[str, Any]]:
    """Describe each file that a publish leaves as it is, and the shards of each config together."""
    found: list[dict[str, Any]] = []
    configs: dict[str, set[str]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in _PUBLISH_CHANGES):
        name = path.relative_to(folder).as_posix()
        kind = _PARQUET if path.suffix == ".parquet" else mimetypes.guess_type(name)[0] or "text/plain"
        file = {"@type": "cr:FileObject", "@id": name, "name": path.name, "contentUrl": name, "encodingFormat": kind}
        found.append({**file, "contentSize": f"{path.stat().st_size} B", "sha256": records.file_digest(path)})
        if kind == _PARQUET:
            configs.setdefault(path.parent.name, set()).add(path.name.partition("-")[0])
    for config, splits in sorted(configs.items()):
        whole = {"@type": "cr:FileSet", "@id": f"shards-of-{config}", "name": f"shards of {config}"}
        shards = f"{max(splits)}-*" if len(splits) == 1 else "*"
        found.append({**whole, "encodingFormat": _PARQUET, "includes": f"{config}/{shards}.parquet"})
    return found


def _records(family: str, config: str) -> dict[str, Any]:
    """Describe the rows of a config: one field a column, nested ones with their parts."""
    tree: dict[str, Any] = {}
    for column in schema.columns(family, config):
        parts = column.name.split(".")
        level = tree
        for part in parts[:-1]:
            level = level.setdefault(part.removesuffix("[]"), {"column": None, "parts": {}})["parts"]
        level[parts[-1]] = {"column": column, "parts": {}}
    whole = {"@type": "cr:RecordSet", "@id": config, "name": config, "key": {"@id": f"{config}/id"}}
    description = schema.config(family, config)["$defs"][config].get("description", "")
    fields = [_field(config, [name], node) for name, node in tree.items()]
    return {**whole, **({"description": description} if description else {}), "field": fields}


def _field(config: str, path: list[str], node: dict[str, Any]) -> dict[str, Any]:
    column = node["column"]
    kind = column.type.rstrip("?")
    field: dict[str, Any] = {"@type": "cr:Field", "@id": "/".join([config, *path]), "name": "/".join([config, *path])}
    if column.description:
        field["description"] = column.description
    if kind.startswith("list<"):
        field["repeated"] = True
    if node["parts"]:
        field["subField"] = [_field(config, [*path, name], part) for name, part in node["parts"].items()]
    else:
        field["dataType"] = _TYPES[kind.rpartition("list<")[2].rstrip(">")]
    where: dict[str, Any] = {"fileSet": {"@id": f"shards-of-{config}"}, "extract": {"column": path[0]}}
    inside = [*path[1:], *(["bytes"] if kind.endswith("image") else [])]  # how `datasets` lays an image into Parquet
    if inside:
        where["transform"] = {"jsonPath": ".".join(inside)}
    field["source"] = where
    return field
