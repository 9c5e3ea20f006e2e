r"""DualMath: solutions of mathematical problems with the first wrong step located, at a cost and an error that are measured.

Rebuilds stage II of "Unlocking Multimodal Mathematical Reasoning via Process Reward Model", the URSA paper (Luo et al., arXiv
2501.04686, section 3.2), whose pipeline was not published. Subset `bel`, binary error locating: a policy solves each problem
several times; of each distinct solution the first wrong step is located by continuing it from its prefixes, and by a judge. The
paper halves with sixteen continuations a probe; here each continuation is chosen by what it tells, from a posterior that is
stored with the row. What is believed of policy and judge is measured first (`calibration`).

Licence: each row carries its source's; our own problems and solutions are CC-BY-4.0. Hazard: none.

Example row (shortened):

    {"id": "dualmath:1c0e…", "question": "Find ∠ACB. …", "answer": "61°", "given": "71°", "right": false, "first_error": 2,
     "steps": [{"number": 1, "text": "… So ∠ABC = 52°.", "right": 3, "asked": 4, "probability": 0.02, "label": "right"},
               {"number": 2, "text": "… So ∠ACB = 180° - 109° = 71°.", "right": 0, "asked": 5, "probability": 0.96, …}, …],
     "kept": true, "checked": "rollouts", "rollouts": 9, "pass_rate": {"right": 9, "samples": 16}, "verdict": null, …}
"""

from builders.family import Family

FAMILY = Family(
    title="DualMath, rebuilt",
    subsets=("bel", "mie"),
    derived=("all", "published", "stepwise", "processbench", "soft", "fover", "fover_balanced"),
    reviewed=("question", "solution", "first_error"),
    texts=("question", "solution"),
    shown=("source", "kind", "question", "solution", "first_error", "kept"),
    counted=("source", "kind", "checked"),
    languages=("en",),
    tasks=("text-classification", "token-classification"),
    tags=("mathematics", "process-reward-model", "process-supervision", "reasoning", "synthetic", "tracewright"),
)
