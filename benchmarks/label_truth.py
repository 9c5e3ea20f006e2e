"""Does the interval of a review's error rate cover the truth? Planted judge errors, simulated reviewers of known accuracy.

    python -m benchmarks.label_truth

Each repetition makes 4,000 rows that a filter kept, in three bands of margin with 12 %, 4 % and 1 % of wrong rows, draws a
round of 400 of them as `review-push` does, and has them reviewed by simulated people who are right with a given probability.
Every figure is exact with its seed.
"""

import random
from collections import Counter, defaultdict

from builders.params.reviewing import Rounds
from builders.reviewing import strata
from builders.reviewing.estimates import Estimate, estimate

REPETITIONS = 500
ROWS = 4_000
SIZE = 400
SEED = 20
BANDS = {"kept, margin below 5": (0.2, 0.12), "kept, margin from 5 to 15": (0.3, 0.04), "kept, margin from 15": (0.5, 0.01)}
"""Stratum → its share of the rows, and the share of its rows that are wrong."""
SETTINGS = ((1, 1.0), (2, 0.95), (2, 0.9), (3, 0.95), (3, 0.85))
"""Reviewers of each row, and how often one is right."""
ROUNDS = Rounds(
    size=SIZE,
    rejected_share=0,
    least=40,
    strata=["margin"],
    margins=[5, 15],
    overlap=2,
    verdicts="hidden",
    seed=SEED,
)


def main() -> None:
    """Print the coverage for each setting."""
    print(f"{ROWS} rows, {SIZE} reviewed, {REPETITIONS} repetitions, seed {SEED}")
    print("| reviewers | accuracy | covered | mean width | mean error |")
    print("|---:|---:|---:|---:|---:|")
    for overlap, accuracy in SETTINGS:
        found = [repetition(turn, overlap, accuracy) for turn in range(REPETITIONS)]
        covered = sum(one.low <= truth <= one.high for one, truth in found)
        width = sum(one.high - one.low for one, _ in found) / REPETITIONS
        error = sum(one.share - truth for one, truth in found) / REPETITIONS
        print(f"| {overlap} | {accuracy:.2f} | {100 * covered / REPETITIONS:.1f} % | {100 * width:.2f} | {100 * error:+.2f} |")


def repetition(turn: int, overlap: int, accuracy: float) -> tuple[Estimate, float]:
    """Return one estimate, and the true share of wrong rows."""
    chance = random.Random(f"{SEED} {turn} {overlap} {accuracy}")  # noqa: S311  (a simulation)
    rows: dict[str, list[str]] = defaultdict(list)
    wrong: dict[str, bool] = {}
    for number in range(ROWS):
        band = chance.choices(list(BANDS), [share for share, _ in BANDS.values()])[0]
        rows[band].append(f"{turn}:{number}")
        wrong[f"{turn}:{number}"] = chance.random() < BANDS[band][1]
    stratum = {identity: band for band, ids in rows.items() for identity in ids}
    votes: dict[str, list[list[bool]]] = defaultdict(list)
    for identity in strata.sampled(rows, SIZE, ROUNDS, 1):
        votes[stratum[identity]].append([wrong[identity] == (chance.random() < accuracy) for _ in range(overlap)])
    found = estimate(votes, Counter(stratum.values()))
    if found is None:
        raise AssertionError
    return found, sum(wrong.values()) / ROWS


if __name__ == "__main__":
    main()
