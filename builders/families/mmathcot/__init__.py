r"""MMathCoT: mathematical problems with figures and step-by-step solutions, from answers, from analyses, from formal solutions.

Rebuilds stage I of "Unlocking Multimodal Mathematical Reasoning via Process Reward Model", the URSA paper (Luo et al., arXiv
2501.04686, section 3.1 and figures 12 to 15), whose pipeline was not published. A model writes a solution to each problem:
`distill` from the answer alone, `rewrite` by another path than a given analysis, `unify` from a formal or symbolic solution;
what doubts or changes the answer is dropped. Beside the paper's sources stands one of ours, without a model: problems from an
engine whose figures, answers and steps are right by construction (`problems`), worded by rules (`symbolic`). They are a subset
of their own, `made`, so that the three others are what the paper has.

Licence: each row carries its source's; our own sample rows and all generated problems are CC-BY-4.0. Hazard: none.

Example row (shortened):

    {"id": "mmathcot:9c41…", "image_url": "made/parallel_lines/9c41….png", "image": <PNG>, "module": "distill",
     "instruction": "Look at the picture and solve the problem step by step. …\nQuestion: Find ∠ACB. …",
     "output": "Step 1: DE is parallel to FG, so ∠ABC = ∠DAB = 52°.\nStep 2: …\n†Answer: 61°", "answer": "61°",
     "kind": "parallel_lines", "depth": 3, "steps": [{"number": 1, "expression": "180 - 52 - 67", "value": "61", …}, …], …}
"""

from builders.family import Family

FAMILY = Family(
    title="MMathCoT, rebuilt",
    subsets=("distill", "rewrite", "unify", "made"),
    reviewed=("instruction", "output", "image_url"),
    texts=("instruction", "output"),
    shown=("image", "source", "kind", "instruction", "output"),
    counted=("module", "source", "kind", "form"),
    languages=("en",),
    tasks=("image-text-to-text", "visual-question-answering"),
    tags=("mathematics", "multimodal", "chain-of-thought", "reasoning", "synthetic", "tracewright"),
)
