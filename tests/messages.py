"""What our errors say, module by module, as it stands in the code: to be read whole where one of them changes.

    python -m tests.messages      # where a text was meant to change

What is wrong and what to do about it is worded where it is raised, or a few lines above (`what`, `fix`). A test of a rule
looks for the words that tell one error from another; whether the rest was meant is seen in the difference of this file.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.harness import PROJECT

FILE = PROJECT / "tests" / "data" / "messages.txt"
_NAMES = {"what", "fix", "why", "message"}


def worded(root: Path) -> list[str]:
    """Return a line for each place in the code below a folder that words an error: its module and its texts."""
    return sorted(line for path in root.rglob("*.py") for line in _of(path, path.relative_to(root).as_posix()))


def _of(path: Path, name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if texts := [text for part in _worded(node) for text in _texts(part)]:
            yield f"{name}: {' | '.join(texts)}"


def _worded(node: ast.AST) -> list[ast.expr]:
    """Return the expressions in which a node words an error; none where it does not."""
    if isinstance(node, ast.Call):
        name = (
            node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        )
        return [*node.args, *(word.value for word in node.keywords)] if name.endswith(("Error", "_Fault")) else []
    if isinstance(node, ast.Assign):
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        return [node.value] if names & _NAMES else []
    return []


def _texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts of an expression, with what is filled in by its name."""
    if isinstance(node, ast.JoinedStr):
        parts = (str(part.value) if isinstance(part, ast.Constant) else ast.unparse(part.value) for part in node.values)  # type: ignore[attr-defined]
        marks = (isinstance(part, ast.Constant) for part in node.values)
        yield " ".join("".join(part if plain else f"{{{part}}}" for part, plain in zip(parts, marks, strict=True)).split())
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield " ".join(node.value.split())
    else:
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)


def main() -> None:
    """Write the file anew."""
    FILE.write_text("\n".join(worded(PROJECT / "builders")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
