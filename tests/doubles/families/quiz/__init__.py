"""Quiz: questions, a teacher's replies to each, and a judge's word about every reply; guarded as if they were harmful."""

from builders.family import Family

FAMILY = Family(
    title="Quiz",
    subsets=("default", "hard"),
    pools=("default",),
    reviewed=("instruction", "label", "response"),
    texts=("instruction", "response"),
    hazard="harmful-requests",
    gate="Whoever reads these questions agrees to be kind.",
    tasks=("text-generation",),
    tags=("toy",),
)
