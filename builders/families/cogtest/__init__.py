r"""CogTest: tasks that give a model an occasion for one of 16 habits of mind, and which habits its reasoning shows.

Rebuilds the tasks and the measure of "Towards Understanding the Cognitive Habits of Large Reasoning Models" (Dong et al.,
arXiv 2506.21571): 25 tasks for each habit, none of which names it (`default`), and reasoning of models on such tasks, in which
a judge quotes evidence for a habit before it says whether the habit is there (`traces`). The check that the paper's code lacks
is here: evidence that is not in the reasoning does not count.

Licence: each row carries its source's; the published tasks are MIT, our own sample rows are CC-BY-4.0. Hazard: none.

Example row of `default` (shortened):

    {"id": "cogtest:77b0…", "habit": "finding_humor", "kind": "scenario", "instruction": "You give a talk on punctuality to
     sixty guests, and you arrive twelve minutes late…", "unique": true, "construction": "written", …}
"""

from builders.family import Family

FAMILY = Family(
    title="CogTest, rebuilt",
    subsets=("default", "traces"),
    reviewed=("habit", "instruction", "reasoning", "answer"),
    texts=("instruction", "reasoning", "answer"),
    shown=("habit", "instruction", "model", "answer"),
    counted=("habit", "kind", "construction", "task_kind", "model"),
    benchmarks=("default", "traces"),
    tasks=("text-generation",),
    tags=("reasoning", "chain-of-thought", "cognitive-habits", "tracewright"),
)
