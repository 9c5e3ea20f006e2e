"""The driver of mutants, on a small package of its own: what is changed, which tests run, what is said of what became of it."""

import re
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import mutants
from benchmarks.covering import Coverage
from benchmarks.mutating import drawn
from benchmarks.mutating import mutants as every
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
    "builders/room/alone.py": "X = 1\n",
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
    "tests/room/test_doubled.py": "from builders.room import doubled\n\ndef test_no():\n    assert not doubled\n",
    "tests/room/test_alone.py": "from builders.room.alone import X\n\ndef test_it_is_one():\n    assert X == 1\n",
    "tests/services/test_sums.py": "from builders.sums import number\n",
    "benchmarks/equivalent_mutants.yaml": """
- module: builders/sums.py
  before: "if other > one:"
  after: "if other >= one:"
  reason: of two that are equal either is the larger one
""",
}

ENDED = """3 drawn, 1 equivalent, 1 killed, 1 survived (0 of them before all their tests had run): 50.0%
of strings: 0 of 0
survivor: builders/sums.py:12 SURVIVED 2 of 2 files, 7 s
    except (ValueError, TypeError):
    except (ValueError,):
equivalent: builders/sums.py:4 if other >= one:: of two that are equal either is the larger one
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in PACKAGE.items():
        path = tmp_path / "package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path / "package", check=True)  # noqa: S607
    return tmp_path / "package"


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
    assert len(found) == len(set(found)) == 8


def test_the_tests_of_a_module_are_its_mirror_then_those_that_import_it_then_those_behind(project: Path) -> None:
    coverage = Coverage(project, "builders", {"tests/test_numbers.py": "builders/room/alone.py"})
    assert coverage.tests("builders/sums.py") == ["tests/test_sums.py", "tests/test_numbers.py", "tests/room/test_doubled.py"]
    assert coverage.tests("builders/room/alone.py") == [
        "tests/room/test_alone.py",
        "tests/test_numbers.py",
        "tests/room/test_doubled.py",
    ]


def test_survivors_are_listed_and_what_fails_anyway_kills_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # it starts six times
    assert mutants.main(["--seed", "2", "--count", "3", "--only", "builders/sums.py"], project) == 1
    output = re.sub(r"\d+ s$", "7 s", capsys.readouterr().out, flags=re.MULTILINE)
    assert "tests/room/test_doubled.py::test_no fails without a mutant, too: its file is left out" in output
    assert "1/3 builders/sums.py:4 killed by tests/test_sums.py::test_the_larger_one_is_found, 7 s" in output
    assert output[output.index("3 drawn") :] == ENDED
    assert (project / "builders" / "sums.py").read_text() == SUMS


def test_a_test_that_hangs_once_kills_nothing(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    code = "import signal\nfrom pathlib import Path\n\ndef test_sums():\n    seen = Path(__file__).parent / 'seen'\n"
    code += "    if '>=' in Path('builders/sums.py').read_text() and not seen.exists():\n"
    code += "        seen.touch()\n        signal.pause()\n"
    (project / "tests" / "test_sums.py").write_text(code)
    [mutant] = [mutant for mutant in every("builders/sums.py", SUMS) if mutant.after == "if other >= one:"]
    copy = mutants.Copy(project, tmp_path / "copy")
    assert mutants.tried(copy, mutant, ["tests/test_sums.py"], 8).killer == ""
    assert (copy.root / "tests" / "seen").exists()


def test_an_equivalent_mutant_is_one_of_lines_that_there_are_and_has_a_reason() -> None:
    for (module, before, after), reason in mutants.equivalents(PROJECT / mutants.EQUIVALENT).items():
        lines = " ".join(line.strip() for line in (PROJECT / module).read_text(encoding="utf-8").splitlines())
        assert before in lines, f"{module}: {before} is gone; take it off {mutants.EQUIVALENT}"
        assert after not in lines
        assert len(reason) > 10
