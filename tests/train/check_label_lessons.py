"""Run by the interpreter that has torch: `python tests/train/check_label_lessons.py` prints what held."""

import statistics

import torch

from benchmarks.label_lessons_train import Example, best, f1, scored, seen, trained, without_scores

SHOWN = ["∠A = 40°", "∠B = 60°"]
RIGHT = (
    "The figure shows: ∠A = 40°, ∠B = 60°. The angles add up to 180°. So ∠C = 180 \N{MINUS SIGN} 40 \N{MINUS SIGN} 60 = 80°.",
    "Half of it. So x = 80 ÷ 2 = 40°.",
)


def main() -> None:
    """Check one thing after the other."""
    torch.set_num_threads(1)
    check_what_is_seen()
    check_figures()
    check_learning()


def check_what_is_seen() -> None:
    """A misreading, a slip and a number from nowhere each show in the step that has them, and in no other."""
    clean = seen("Find x.", SHOWN, RIGHT).checks
    misread = seen("Find x.", SHOWN, (RIGHT[0].replace("∠B = 60°", "∠B = 65°"), RIGHT[1])).checks
    slip = seen("Find x.", SHOWN, (RIGHT[0], RIGHT[1].replace("= 40°", "= 42°"))).checks
    strange = seen("Find x.", SHOWN, (RIGHT[0], "Half of it. So x = 86 ÷ 2 = 43°.")).checks
    assert [step[:2] for step in clean] == [[0, 0], [0, 0]]
    assert [step[0] for step in misread] == [1, 0]
    assert [step[1] for step in slip] == [0, 1]
    assert [step[3] for step in strange] == [0, 1]
    print("seen")  # noqa: T201


def check_figures() -> None:
    """F1 counts wrong steps; best-of-n takes the best score; the majority is by answer."""
    assert f1([[0.9, 0.1, 0.1]], [2]) == 1
    assert f1([[0.9, 0.9, 0.1]], [2]) == 2 / 3
    rows = [{"problem": "p", "given": given, "right": given == "1"} for given in ("1", "2", "2")]
    assert best(rows, [[0.9, 0.8], [0.9, 0.1], [0.5, 0.5]], min) == 1
    assert best(rows, [[0.1, 0.1], [0.9, 0.9], [0.5, 0.5]], statistics.mean) == 0
    assert without_scores(rows) == {"random": 1 / 3, "self-consistency": 0, "any of 8": 1}
    print("figures")  # noqa: T201


def check_learning() -> None:
    """Trained on right solutions and slips, a head tells slips in numbers that it has not seen."""
    examples = []
    for number in range(40, 140, 2):
        for slip in (0, 2):
            step = f"Half of it. So x = {number} ÷ 2 = {number // 2 + slip}°."
            examples.append(
                Example(seen("Find x.", [f"y = {number}°"], [f"So y = {number} + 0 = {number}°.", step]), 2 if slip else 0)
            )
    head = trained(examples[:80], 0)
    held = examples[80:]
    assert f1(scored(head, [one.steps for one in held]), [one.first for one in held]) > 0.9
    print("learning")  # noqa: T201


if __name__ == "__main__":
    main()
