"""Rows of ProntoQA as Coconut trains on them (arXiv 2412.06769), read without loss: `question`, `steps` and `answer`.

Its preprocessing writes a statement's query behind the statements, and the lines of the reasoning two to a step: what is known,
and the statement that leads further. Its three files are the first 9,000, the next 200 and the rest of ten thousand examples.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_QUERY = "True or false: "
_IN_A_STEP = 2

Row = dict[str, Any]


def parted(row: Mapping[str, Any]) -> Row | None:
    """Return question, query and chain of thought of a row; None where they would not be the same row written again."""
    question, steps = row.get("question"), row.get("steps")
    if not isinstance(question, str) or not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
        return None
    premises, _, asked = question.partition(f" {_QUERY}")
    chain = [sentence if sentence.endswith(".") else f"{sentence}." for step in steps for sentence in step.split(". ")]
    found = {"question": premises, "query": f"{_QUERY}{asked}", "chain_of_thought": chain}
    return found if asked and joined(found) == {"question": question, "steps": steps} else None


def joined(row: Mapping[str, Any]) -> Row:
    """Return a row's question and steps as Coconut has them."""
    return {"question": f"{row['question']} {row['query']}", "steps": stepped(row["chain_of_thought"])}


def stepped(chain: Sequence[str]) -> list[str]:
    """Return the lines of a chain of thought two to a step."""
    return [" ".join(chain[start : start + _IN_A_STEP]) for start in range(0, len(chain), _IN_A_STEP)]
