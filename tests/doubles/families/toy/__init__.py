"""Toy: sentences and how many words they have, for tests of what all families share (no paper, so no arXiv id).

Licence: each row carries its source's. Hazard: none. Example row: {"prompt": "Tea is hot.", "words": 3, "label": null}
"""

from builders.family import Family

FAMILY = Family(
    title="Toy",
    subsets=("default", "long"),
    pools=("default",),
    reviewed=("prompt", "words"),
    texts=("prompt",),
    tasks=("text-generation",),
    tags=("toy",),
)
