"""Whatever stands in params or in the environment: it is understood, or one clear line says that it is not. Never a bug."""

import copy
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from rich.console import Console

from builders import paths, tasks, terminal
from builders.errors import BuildError
from builders.ledger import shelf
from builders.params import flags, loading
from builders.publishing import places
from builders.sources import reading
from builders.sources.entries import HubFiles, Template
from builders.teachers import budget, server
from builders.teachers.pace import MOST
from tests.harness import FAMILY, Workspace

NASTY: list[Any] = [
    *(None, True, 0, -1, 10**18, 10**30, 10**4000, 0.5, -0.0, float("nan"), float("inf"), 1e308, "", " ", "\0", "\x1b[2J"),
    *("x" * 5000, "\N{FULLWIDTH DIGIT ONE}", "{{ " + "(" * 3000, "../../etc", "a--b/c", ".git/x", "http://a..b", [], {}, [[]]),
    *(
        {"hub": "a--b/c..d", "revision": None, "paths": ["../x"]},
        {"template": "{{ " + "(" * 3000 + ")" * 3000 + " }}"},
        {"": {}},
    ),
    *({"rows": 10**30, "over": "x", "seed": 10**30}, {"by": "", "columns": {}}, {"generator": "x" * 99, "rows": 1}),
]
DEEP = "[" * 3000 + "]" * 3000
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
    st.sampled_from(
        ["9" * 5000, "http://a..b", "http://", "http://[::1", "http://[zz]", "http://a:99999", "//", "hf://datasets/a--b", DEEP]
    ),
    st.sampled_from(
        [
            "file:////",
            "file:///\N{SNOWMAN}",
            "hf://datasets/..",
            "inf",
            "nan",
            "1e400",
            "-1",
            "0",
            "12h",
            "1" * 400 + "h",
            "/",
            ".",
            "\N{SUPERSCRIPT TWO}",
            "socks5://a",
            '{"a": 1}',
        ]
    ),
)


def measured() -> Console:
    """Return a console of rich, as a command has it."""
    terminal.measure()
    return Console()


READ: dict[str, Callable[[], object]] = {
    "BUILDERS_CONCURRENCY": lambda: server.concurrency(MOST),
    "BUILDERS_TEACHER_URL": lambda: server.Server.all_of("teacher"),
    "BUILDERS_TEACHER_API_KEY": lambda: server.Server.all_of("teacher"),
    "BUILDERS_TEACHER_HEADERS": lambda: server.Server.all_of("teacher"),
    "BUILDERS_BUDGET": lambda: budget._read(os.environ["BUILDERS_BUDGET"]),  # noqa: SLF001
    "BUILDERS_VLLM_ARGS": lambda: flags.of_speed("teacher"),
    "BUILDERS_DESTINATION": places.named,
    "BUILDERS_LEDGER": shelf.own,
    "BUILDERS_LEDGER_SHARED": shelf.shared,
    "http_proxy": lambda: [one.proxy() for one in server.Server.all_of("teacher")],
    "no_proxy": lambda: [one.proxy() for one in server.Server.all_of("teacher")],
    "COLUMNS": lambda: measured().width,
    "LINES": lambda: measured().height,
    "BUILDERS_WORKERS": tasks.workers,
    "BUILDERS_EXECUTOR": tasks.executor,
}


def leaves(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where each value of params stands."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from leaves(item, (*path, key))


def is_one_line(error: BuildError) -> bool:
    return len(str(error).splitlines()) == 1 and len(str(error)) < 20_000


@pytest.mark.parametrize("variable", READ)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=TEXTS)
def test_whatever_a_variable_holds_is_read_or_one_line(variable: str, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_TEACHER_URL", "http://127.0.0.1:9/v1")
        patch.setenv(variable, text)
        try:
            READ[variable]()
        except BuildError as error:
            assert is_one_line(error)  # noqa: PT017  (none at all is as good)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_params_hold_is_loaded_or_one_line(here: Workspace, data: st.DataObject) -> None:
    """Any value of the family's params replaced by any other; what is loaded is read, too."""
    file = here.root / paths.params(FAMILY)
    before = file.read_text()
    value = yaml.safe_load(before)
    *path, last = data.draw(st.sampled_from([found for found in leaves(value) if found[0] == "sample"]))
    changed = place = copy.deepcopy(value)
    for key in path:
        place = place[key]
    place[last] = data.draw(st.sampled_from(NASTY))
    try:
        file.write_text(yaml.safe_dump(changed, allow_unicode=True))
        loaded = loading.load(FAMILY)
        for source in loaded.collect.sources:
            if isinstance(source.file, str):
                for row in reading.rows(FAMILY, source):
                    [reading.value(column, row.values) for column in source.columns.values()]
    except BuildError as error:
        assert is_one_line(error)  # noqa: PT017
    finally:
        file.write_text(before)


@pytest.mark.parametrize(
    "text", [DEEP, f"a: {DEEP}", "&a [*a]", "a: !!bool x", "a: !!timestamp x", "a: !!int ''", "a: 0x" + "f" * 9999]
)
def test_params_that_stand_for_too_much_are_one_line(text: str, here: Workspace) -> None:
    for name in ("params.yaml", paths.params(FAMILY)):
        path = Path(here.root / name)
        before = path.read_text()
        path.write_text(text)
        with pytest.raises(BuildError) as caught:
            loading.load(FAMILY)
        assert is_one_line(caught.value)
        path.write_text(before)


@pytest.mark.parametrize(
    ("value", "what"),
    [(10**30, "a number of more than 64 bits"), (2**63, "a number of more than 64 bits"), (DEEP[:50] + DEEP[-50:], "too deep")],
)
def test_what_no_machine_counts_with_and_no_key_needs_is_refused_wherever_it_stands(
    value: object, what: str, here: Workspace
) -> None:
    with here.params() as params:
        [first, *_] = params["sample"]["collect"]["sources"]
        first["limit"] = yaml.safe_load(value) if isinstance(value, str) else value
    with pytest.raises(BuildError, match=what):
        loading.load(FAMILY)


@pytest.mark.parametrize("hub", ["a--b/c", "a/b..c", "a/b.git", "-a/b", "a/.b", "a/" + "b" * 96])
def test_the_name_of_a_repository_is_one_that_the_hub_allows(hub: str) -> None:
    with pytest.raises(ValidationError, match="not the name of a repository as the Hub allows it"):
        HubFiles(hub=hub, revision=None, paths=["x.csv"])


def test_a_template_that_is_too_deep_is_none() -> None:
    with pytest.raises(ValidationError, match="no Jinja template: too deep"):
        Template(template="{{ " + "(" * 3000 + "x" + ")" * 3000 + " }}")
