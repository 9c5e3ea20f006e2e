"""The driver of mutants, on a small package of its own: what is changed, which tests run, what is said of what became of it."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import builders
from benchmarks import mutants, probing, reach, reached, trying
from benchmarks.choosing import Choice
from benchmarks.covering import Coverage
from benchmarks.mutating import Mutant, drawn
from benchmarks.mutating import mutants as every
from benchmarks.reach import Timed
from tests.harness import PROJECT

SUMS = """
def larger(one: "int | None", other: int) -> int:
    '''Return the larger one, if < is right.'''
    if other > one:
        return other
    return one


def number(text):
    try:
        return int(text)
    except (ValueError, TypeError):
        raise KeyError("it is not a number, and it is not told") from None
"""
PACKAGE = {
    "builders/__init__.py": "",
    "builders/sums.py": SUMS,
    "builders/room/__init__.py": "",
    "builders/room/doubled.py": "from builders.sums import larger\n",
    "builders/room/alone.py": "X = 1\n\n\ndef never():\n    return 1\n",
    "tests/__init__.py": "",
    "tests/cpu.py": "def used():\n    return 0.0\n",
    "tests/harness.py": "",
    "tests/test_sums.py": """
from builders import sums

def test_the_larger_one_is_found():
    assert sums.larger(1, 2) == 2
    assert sums.larger(2, 1) == 2
""",
    "tests/test_numbers.py": """
from builders.sums import number

def test_a_number_is_read():
    assert number("7") == 7
""",
    "tests/room/test_doubled.py": """
from builders.room import doubled

def test_never():
    assert doubled.larger(1, 2) != 2
""",
    "tests/room/test_alone.py": "from builders.room.alone import X\n\ndef test_it_is_one():\n    assert X == 1\n",
    "tests/services/test_sums.py": "from builders.sums import number\n",
    "benchmarks/__init__.py": "",
    **{
        f"benchmarks/{name}.py": (PROJECT / "benchmarks" / f"{name}.py").read_text()
        for name in ("forking", "reaching", "watching")
    },
    "benchmarks/equivalent_mutants.yaml": """
- module: builders/sums.py
  before: "if other > one:"
  after: "if other >= one:"
  reason: of two that are equal either is the larger one
""",
}

ENDED = """3 drawn, 1 equivalent, 1 killed, 1 survived (0 of them before all their tests had run): 50.0%
of strings: 0 of 0
survivor: builders/sums.py:12 SURVIVED 1 of 1 tests, 7 s
    except (ValueError, TypeError):
    except (ValueError,):
equivalent: builders/sums.py:4 if other >= one:: of two that are equal either is the larger one
"""

SHAPES = b'''"""Shapes of functions."""

from __future__ import annotations
from functools import cache
from typing import overload

def plain(one: Later) -> int:
    """Say it."""
    return one

def short(): return 1

def silent():
    """Do nothing."""

def yielding():
    yield from (1, 2)

async def waiting():
    return 3

class Later:
    @property
    def value(self):
        @cache
        def inner(one):
            return plain(one)

        return inner(4) + inner(4)

@overload
def several(one: int) -> int: ...
@overload
def several(one: str) -> str: ...
def several(one):
    for _ in ():
        pass
    return one

@cache
def remembered(one):
    return plain(one)

TWICE = [plain(2), lambda: 2]
'''

REACHING = """
import os, signal, subprocess, sys
import pytest
from builders.shapes import Later, plain, remembered, short, yielding
from builders import shapes

@pytest.fixture(scope="module")
def made():
    return list(yielding())

@pytest.fixture(scope="session")
def maker():
    found = {}
    def make(one):
        if one not in found:
            found[one] = shapes.several(one)
        return found[one]
    return make

def test_one(made, maker):
    assert made == [1, 2]
    assert maker(3) == 3

def test_other(made):
    assert remembered(4) == 4

@pytest.mark.parametrize("one", ["a b\\n::[é]"])
def test_again(request, one):
    assert request.getfixturevalue("maker")(3) == 3
    assert remembered(4) == 4

def test_forked():
    if not (child := os.fork()):
        short()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)

def test_run():
    subprocess.run([sys.executable, "-c", "from builders.shapes import Later; Later().value"], check=True)

def test_run_by_its_path():
    subprocess.run([sys.executable, "-P", shapes.__file__], check=True, cwd="/")

def test_fails():
    assert plain(0)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return laid(tmp_path / "package", PACKAGE)


def laid(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)  # noqa: S607
    return folder


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # it starts often


def recorded(project: Path, tmp_path: Path) -> reach.Reach:
    return reach.record(project, trying.Copy(project, tmp_path / "recorded" / "project").root)


def changes(code: str, *, prose: bool = False) -> set[tuple[str, str]]:
    return {(mutant.before, mutant.after) for mutant in every("a.py", code, prose=prose)}


def test_a_module_is_changed_in_one_place_each_time() -> None:
    assert changes(SUMS) == {
        ("if other > one:", "if other >= one:"),
        ("if other > one:", "if not (other > one):"),
        ("return other", "return None"),
        ("return one", "return None"),
        ("return int(text)", "return None"),
        ("except (ValueError, TypeError):", "except (TypeError,):"),
        ("except (ValueError, TypeError):", "except (ValueError,):"),
    }


def test_prose_is_changed_only_where_that_is_asked_for() -> None:
    more = {after[:18] for _, after in changes(SUMS, prose=True) - changes(SUMS)}
    assert more == {'raise KeyError("XX', 'raise KeyError("IT'}


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("except OSError:", "except ():"),
        ("x = a and b", "x = a or b"),
        ("x = not a", "x = a"),
        ("x = {'four': 4}", "x = {'four': 5}"),
        ("x = {'four': 4}", "x = {'FOUR': 4}"),
        ("x = [y for y in a if y]", "x = [y for y in a if not (y)]"),
        ("x = a if b in c else d", "x = a if b not in c else d"),
    ],
)
def test_kinds_of_changes(code: str, after: str) -> None:
    text = f"try:\n    a()\n{code}\n    b()\n" if code.startswith("except") else f"{code}\n"
    assert (code, after) in changes(text)


def test_types_imports_and_docstrings_stay() -> None:
    code = '"""A < b."""\nfrom a import b\nT = TypeVar("T")\nL = Literal["a", 1]\n@b(1)\ndef c(d: "e[1]") -> "f": ...\n'
    assert changes(code) == set()


def test_a_longer_draw_begins_like_a_shorter_one_and_ends_when_nothing_is_left(project: Path) -> None:
    def of(seed: int) -> Iterator[tuple[str, str]]:
        return ((mutant.path, mutant.code) for mutant in drawn(project, ["builders/sums.py", "builders/room/alone.py"], seed))

    assert list(islice(of(1), 3)) == list(islice(of(1), 5))[:3]
    assert list(islice(of(1), 5)) != list(islice(of(2), 5))
    found = list(of(1))
    assert len(found) == len(set(found)) == 10


def test_probes_change_nothing_but_what_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builders, "_reached", reached, raising=False)
    monkeypatch.setitem(sys.modules, "builders._reached", reached)
    names = [function.name for function in probing.functions(SHAPES)]
    assert names == [
        *("plain", "short", "silent", "yielding", "waiting", "Later.value", "Later.value.inner"),
        *("several", "several", "several", "remembered"),
    ]
    numbers = {f"a.py::{name}": number for number, name in enumerate(names)}
    code = probing.with_probes(SHAPES, "a.py", numbers)
    there: dict[str, Any] = {"__name__": "a"}
    exec(compile(code, "a.py", "exec"), there)  # noqa: S102
    assert there["__doc__"] == "Shapes of functions."
    assert there["plain"].__doc__ == "Say it."
    calls: dict[str, Callable[[], bool]] = {
        "plain": lambda: there["plain"](1) == 1,
        "short": lambda: there["short"]() == 1,
        "silent": lambda: there["silent"]() is None,
        "yielding": lambda: list(there["yielding"]()) == [1, 2],
        "waiting": lambda: asyncio.run(there["waiting"]()) == 3,
        "Later.value": lambda: there["Later"]().value == 8,
        "several": lambda: there["several"]("a") == "a",
        "remembered": lambda: there["remembered"](5) == 5,
    }
    more = {"Later.value": {"Later.value.inner", "plain"}, "remembered": {"plain"}}
    for name, call in calls.items():
        reached.begin()
        assert call(), name
        found = {other.removeprefix("a.py::") for other, number in numbers.items() if reached.seen[number]}
        assert found == {name, *more.get(name, ())} - {"silent"}


def test_what_a_test_reaches_counts_in_every_process_and_for_all_who_share_it(tmp_path: Path) -> None:
    files = {**PACKAGE, "builders/shapes.py": SHAPES.decode(), "tests/test_shapes.py": REACHING}
    found = recorded(laid(tmp_path / "package", files), tmp_path)

    def reaching(name: str) -> set[str]:
        tests = found.reaching([f"builders/shapes.py::{name}"])
        return {test.name.removeprefix("tests/test_shapes.py::test_").partition("[")[0] for test in tests}

    assert reaching("yielding") == {"one", "other"}
    assert reaching("several") == {"one", "again"}
    assert reaching("remembered") == {"other", "again"}
    assert reaching("plain") == {"other", "again", "run", "run_by_its_path", "fails"}
    assert reaching("short") == {"forked"}
    assert reaching("Later.value") == {"run"}
    assert reaching("waiting") == set()
    assert found.importing("builders/shapes.py::plain") == {"builders/shapes.py"}
    reach.write(tmp_path, found)
    assert reach.read(tmp_path) == found


def test_what_tests_of_services_reach_is_recorded_beside_the_rest(project: Path, tmp_path: Path) -> None:
    file = project / "tests" / "test_numbers.py"
    file.write_text(
        f"import pytest\n{file.read_text()}\n@pytest.mark.services\ndef test_served():\n    assert number('8') == 8\n"
    )

    def reaching(found: reach.Reach) -> set[str]:
        return {test.name.partition("::")[2] for test in found.reaching(["builders/sums.py::number"])}

    found = recorded(project, tmp_path)
    assert reaching(found) == {"test_a_number_is_read"}
    reach.write(project, found)
    served = reach.record(project, trying.Copy(project, tmp_path / "served" / "project").root, which=reach.SERVICES)
    assert reaching(served) == {"test_a_number_is_read", "test_served"}
    assert served.files == found.files


def test_the_tests_of_a_module_are_its_mirror_then_those_that_import_it_then_those_behind(project: Path) -> None:
    coverage = Coverage(project, "builders", {"tests/test_numbers.py": "builders/room/alone.py"})
    assert coverage.tests("builders/sums.py") == ["tests/test_sums.py", "tests/test_numbers.py", "tests/room/test_doubled.py"]
    assert coverage.tests("builders/room/alone.py") == [
        "tests/room/test_alone.py",
        "tests/test_numbers.py",
        "tests/room/test_doubled.py",
    ]


READ = {
    "builders/__init__.py": "",
    "builders/one.py": "LIMIT = 1\nTWICE = 2 * LIMIT\n\ndef own():\n    return TWICE\n\ndef none():\n    return 0\n",
    "builders/two.py": """
from builders.one import LIMIT as MOST

class Kept:
    most: int = MOST
    other: int = 2

def used():
    return Kept().other
""",
    "builders/three.py": "import importlib\n\ndef loaded(name):\n    return importlib.import_module(name).GIVEN\n",
    "builders/four.py": "GIVEN = 3\n",
    "tests/test_one.py": "from builders import one\n\ndef test_one():\n    assert one.LIMIT == 1\n",
}


def test_a_value_is_read_by_functions_and_tests_also_by_another_value(tmp_path: Path) -> None:
    coverage = Coverage(laid(tmp_path, READ), "builders", {})
    assert coverage.readers("builders/one.py", 1) == {"builders/one.py::own", "builders/two.py::used", "tests/test_one.py"}
    assert coverage.readers("builders/one.py", 2) == {"builders/one.py::own"}
    assert coverage.readers("builders/two.py", 6) == {"builders/two.py::used"}
    assert coverage.readers("builders/four.py", 1) == {"builders/three.py::loaded"}


def mutant(path: str, line: int, *, word: bool = False) -> Mutant:
    return Mutant(path, line, word=word, before="", after="", code="")


def test_the_quickest_come_first_the_mirror_sooner_and_what_has_changed_goes_by_imports(project: Path) -> None:
    larger, number = "builders/sums.py::larger", "builders/sums.py::number"
    tests = {
        "tests/room/test_doubled.py::test_never": (larger, (), 0.6),
        "tests/test_numbers.py::test_a_number_is_read": (larger, ("sample",), 0.2),
        "tests/test_sums.py::test_slow": (larger, (), 4.0),
        "tests/test_sums.py::test_another": (number, (), 0.1),
        "tests/test_gone.py::test_gone": (larger, (), 0.1),
    }
    noted = {name: reach.Noted(frozenset([one]), frozenset(uses), seconds) for name, (one, uses, seconds) in tests.items()}
    shared = {"sample": reach.Noted(frozenset([number]), frozenset(), 5.0)}
    found = reach.Reach({larger, number}, noted, shared, {}, reach.digests(project))

    def chosen(path: str, line: int) -> list[tuple[str, float]]:
        choice = Choice(project, found, Coverage(project, "builders", {}))
        return [(test.name.removeprefix("tests/"), round(test.alone, 1)) for test in choice.tests(mutant(path, line))]

    slow, never, read = ("test_sums.py::test_slow", 4.0), ("room/test_doubled.py::test_never", 0.6), "test_numbers.py"
    assert chosen("builders/sums.py", 4) == [slow, never, (f"{read}::test_a_number_is_read", 5.2)]
    assert chosen("builders/sums.py", 12) == [("test_sums.py::test_another", 0.1), (f"{read}::test_a_number_is_read", 5.2)]
    assert chosen("builders/room/alone.py", 5) == [("room/test_alone.py", 5.0), never]
    (project / "tests" / read).write_text("from builders import sums\n")
    assert chosen("builders/sums.py", 4) == [slow, never, (read, 5.0)]


def test_what_is_known_of_values_and_messages_is_looked_at_first(project: Path) -> None:
    """Whether or not a test of it reaches the function."""
    known, messages = (f"tests/test_{name}.py" for name in ("known", "messages"))
    for path in (known, messages):
        (project / path).touch()
    function = "builders/sums.py::larger"
    noted = {"tests/test_a.py::test_a": reach.Noted(frozenset([function]), frozenset(), 0.9)}
    (project / "tests/test_a.py").touch()
    choice = Choice(project, reach.Reach({function}, noted, {}, {}, reach.digests(project)), Coverage(project, "builders", {}))

    def chosen(line: int, *, word: bool) -> list[str]:
        return [test.name for test in choice.tests(mutant("builders/sums.py", line, word=word))]

    body, outside = 4, 1
    assert chosen(body, word=False) == ["tests/test_a.py::test_a"]
    assert chosen(body, word=True) == [messages, "tests/test_a.py::test_a"]
    assert chosen(outside, word=False)[0] == known


def test_a_few_tests_run_before_many_do() -> None:
    tests = [Timed(f"tests/test_a.py::{number}", 1.0, {"sample": 2.0} if number else {}) for number in range(90)]
    assert [len(batch) for batch in trying.batches(tests, 600)] == [3, 15, 60, 12]
    assert [len(batch) for batch in trying.batches(tests, 21)] == [3, 15, 1]


def test_survivors_are_listed_and_what_is_equivalent_is_not_counted(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mutants.main(["--record"], project) == 0
    assert mutants.main(["--seed", "2", "--count", "3", "--only", "builders/sums.py", "--jobs", "2"], project) == 1
    output = re.sub(r"\d+ s$", "7 s", capsys.readouterr().out, flags=re.MULTILINE)
    assert "builders/sums.py:4 killed by tests/test_sums.py::test_the_larger_one_is_found, 7 s" in output
    assert output[output.index("3 drawn") :] == ENDED
    assert (project / "builders" / "sums.py").read_text() == SUMS


def made(before: str, after: str) -> Mutant:
    [found] = [mutant for mutant in every("builders/sums.py", SUMS) if (mutant.before, mutant.after) == (before, after)]
    return found


def test_what_no_test_reaches_survives_at_once() -> None:
    fate = trying.Fate(made("return one", "return None"), "", 0, 0, 0.1)
    assert str(fate) == "builders/sums.py:6 SURVIVED: no test reaches it, 0 s\n    return one\n    return None"


def test_what_fails_anyway_kills_nothing(project: Path, tmp_path: Path) -> None:
    tests = [
        Timed("tests/room/test_doubled.py::test_never", 0.1, {}),
        Timed("tests/test_numbers.py::test_a_number_is_read", 0.1, {}),
        Timed("tests/test_sums.py", 5.0, {}),
        Timed("tests/test_gone.py::test_gone", 0.1, {}),
    ]
    with closing(trying.Copy(project, tmp_path / "copies" / "project")) as copy:
        fate = trying.tried(copy, made("return one", "return None"), tests, 20)
    assert (fate.killer, fate.ran) == ("tests/test_sums.py::test_the_larger_one_is_found", 1)
    assert copy.broken == {"tests/room/test_doubled.py::test_never"}


def test_a_test_that_hangs_once_kills_nothing(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "_QUIET", 4.0)
    code = "import signal\nfrom pathlib import Path\n\ndef test_sums():\n    seen = Path(__file__).parent / 'seen'\n"
    code += "    if '>=' in Path('builders/sums.py').read_text() and not seen.exists():\n"
    code += "        seen.touch()\n        signal.pause()\n"
    (project / "tests" / "test_sums.py").write_text(code)
    with closing(trying.Copy(project, tmp_path / "copies" / "project")) as copy:
        fate = trying.tried(copy, made("if other > one:", "if other >= one:"), [Timed("tests/test_sums.py", 0.1, {})], 8)
    assert (fate.killer, fate.ran) == ("", 1)
    assert (copy.root / "tests" / "seen").exists()


def test_an_equivalent_mutant_is_one_of_lines_that_there_are_and_has_a_reason() -> None:
    for (module, before, after), reason in mutants.equivalents(PROJECT / mutants.EQUIVALENT).items():
        lines = " ".join(line.strip() for line in (PROJECT / module).read_text(encoding="utf-8").splitlines())
        assert before in lines, f"{module}: {before} is gone; take it off {mutants.EQUIVALENT}"
        assert after not in lines
        assert len(reason) > 10
