"""The verbs: which there are, and what is typed wrongly is one line."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from builders import family as families
from builders import paths
from tests.harness import FAMILY, PROJECT, Workspace, one_line

REVIEW = [f"review-{verb}" for verb in ("push", "pull", "status", "export", "import", "server")]
_PLAIN = "code calibrate validate-tasks compare explain funnel sources params try plan retry export publish serve"
VERBS = [*_PLAIN.split(), *REVIEW, "ledger"]


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ([], "the following arguments are required: verb"),
        (["colect", FAMILY], "invalid choice: 'colect' (choose from "),
        (["collect"], "the following arguments are required: family[/subset]"),
        (["collect", FAMILY, "more"], "unrecognized arguments: more"),
        (["collect", "quizz"], f"quizz: no such family; did you mean {FAMILY}?"),
        (["collect", f"{FAMILY}/hard"], f"{FAMILY}/hard: decided by filter, not collected by itself; run {FAMILY}/default"),
        (["explain", "quizz:0123456789abcdef"], f"quizz: no such family; did you mean {FAMILY}?"),
        (["export", FAMILY, "--to", "rows.jsonl"], "the following arguments are required: --think"),
        (["export", FAMILY, "--format", "text"], "invalid choice: 'text' (choose from "),
        (["funnel", "xyzzy"], f"xyzzy: no such family; choose one of {', '.join(sorted([*families.names(), FAMILY]))}"),
    ],
)
def test_an_unknown_word_is_one_line(workspace: Workspace, arguments: list[str], what: str) -> None:
    assert what in one_line(workspace.python("-m", "builders", *arguments))


def test_help_lists_every_verb_and_imports_nothing_heavy(tmp_path: Path) -> None:
    code = """
import sys
from builders.__main__ import main
try:
    main(["--help"])
except SystemExit as end:
    assert not end.code
print("imported", *sys.modules)
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=600, check=True)
    text, _, names = done.stdout.partition("imported ")
    listed = re.findall(r"^    ([a-z][\w-]*)", text, re.MULTILINE)
    assert listed == [*paths.STAGES, *VERBS]
    imported = {name.partition(".")[0] for name in names.split()}
    assert {"argparse", "builders"} <= imported
    assert not imported & {"datasets", "datatrove", "pyarrow", "pydantic", "aiohttp", "rich", "jinja2", "yaml", "orjson"}
    assert not list(tmp_path.iterdir())
