"""Bisection: solutions in steps, and which step is the first that cannot be recovered from (no paper, so no arXiv id).

Licence: each row carries its source's. Hazard: none. Example row: {"prompt": "What is 3 times 4?", "steps": ["…"], "wrong": 1}
"""

from builders.family import Family

FAMILY = Family(
    title="Bisection", subsets=("default",), reviewed=("prompt",), texts=("prompt",), tasks=("text-generation",), tags=("toy",)
)
