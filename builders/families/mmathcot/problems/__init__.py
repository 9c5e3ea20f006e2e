"""The problem engine: mathematical problems with figures, any number of them, each checked, from nothing but a seed.

    made = problem("parallel_lines", depth=3, seed=7, form="choice")
    made.text, made.answer, made.steps, figure(made)

A problem carries its text, what its figure shows as data, its solution as a program of steps, and its answer. Before it is
emitted, sympy evaluates each step, a second route (coordinates, counting, another theorem) must lead to the answer, and no
label may touch a line or another label. Numbers that make no good problem are drawn again; all is a function of the seed.

A kind is three functions and a line in its module's `KINDS`: `make` drafts a problem from chance, `draw` draws its facts to
scale, `solve` finds the answer by the second route (see `problem.Kind`). `kinds.py` joins the modules.
"""

from builders.families.mmathcot.problems.engine import drawing, figure, problem
from builders.families.mmathcot.problems.kinds import DOMAINS, KINDS
from builders.families.mmathcot.problems.problem import Draft, Form, Kind, Option, Problem, Slip, data
from builders.families.mmathcot.problems.sheet import sheet
from builders.problems.quantities import Unfit, quantity
from builders.problems.steps import Given, Rule, Step

__all__ = [
    "DOMAINS",
    "KINDS",
    "Draft",
    "Form",
    "Given",
    "Kind",
    "Option",
    "Problem",
    "Rule",
    "Slip",
    "Step",
    "Unfit",
    "data",
    "drawing",
    "figure",
    "problem",
    "quantity",
    "sheet",
]
