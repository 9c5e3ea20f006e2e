r"""CoT2: what every step of a continuous chain of thought should be, computed from definitions.

Rebuilds the data of "Continuous Chain of Thought Enables Parallel Exploration and Reasoning" (Gozeten et al., arXiv
2505.23648): sums of digits with chosen signs (`mnns`), statements that are true or false (`prontoqa`), and two nodes of a graph
one of which can be reached (`prosqa`). A row has its question, discrete traces, and at each step the distribution over tokens
that a model is supervised with. No model is asked: everything follows from the row.

Licence: each row carries its source's; what is generated here is CC-BY-4.0. Hazard: none.

Example row (shortened):

    {"id": "cot2:4be1…", "question": "D1 D1 D1 D6", "answer": 0, "digits": [1, 1, 1, 6], "group": "1 1 1 6", "split": "train",
     "trace_product": {"signs": [1, 1, -1, -1], …}, "trace_sorted": {…}, "vocabulary": "mnns_9_4", "lines": {…},
     "targets": [{"name": "min_abs_4", "n_traces": 4, "token_ids": [[43, 61], …], "probabilities": [[0.75, 0.25], …]}, …]}
"""

from builders.family import Family

FAMILY = Family(
    title="CoT2, rebuilt: targets for continuous chains of thought",
    subsets=("mnns", "prontoqa", "prosqa"),
    derived=("vocabulary",),
    reviewed=("question", "answer"),
    texts=("question",),
    counted=("vocabulary", "split"),
    tasks=("text-generation", "question-answering"),
    tags=("chain-of-thought", "continuous-chain-of-thought", "reasoning", "synthetic", "tracewright"),
)
