"""How a round is drawn: every stratum gets its share, no row twice, the same rows for the same seed."""

from hypothesis import given
from hypothesis import strategies as st

from builders.params.reviewing import Rounds
from builders.records import Record
from builders.reviewing import strata
from builders.reviewing.layout import Reviewing
from tests.harness import OWN


def rounds(**changes: object) -> Rounds:
    plain: dict[str, object] = {
        "size": 10,
        "rejected_share": 0.2,
        "least": 1,
        "strata": ["subset", "margin", "reason"],
        "margins": [5, 15],
        "overlap": 2,
        "verdicts": "hidden",
        "seed": 20,
    }
    return Rounds.model_validate({**plain, **changes})


sizes = st.dictionaries(st.sampled_from(("kept, a", "kept, b", "kept, c", "rejected, x", "rejected, y")), st.integers(0, 50))


@given(sizes, st.integers(1, 80), st.floats(0, 0.9), st.integers(0, 5))
def test_a_round_is_as_large_as_it_can_be_and_takes_no_row_twice(
    counts: dict[str, int], size: int, share: float, least: int
) -> None:
    given_out = strata.allocated(counts, size, rounds(rejected_share=share, least=least))
    assert all(0 <= given_out.get(name, 0) <= count for name, count in counts.items())
    rejected = sum(count for name, count in counts.items() if name.startswith("rejected"))
    kept = sum(counts.values()) - rejected
    wanted = min(rejected, round(size * share))
    assert sum(count for name, count in given_out.items() if name.startswith("rejected")) == wanted
    assert sum(given_out.values()) == wanted + min(kept, size - wanted)


def test_small_strata_get_their_least_and_the_rest_is_in_proportion() -> None:
    counts = {"kept, a": 900, "kept, b": 90, "kept, c": 3}
    assert strata.allocated(counts, 100, rounds(rejected_share=0, least=3)) == {"kept, a": 86, "kept, b": 11, "kept, c": 3}


def test_a_draw_depends_on_seed_and_round_alone() -> None:
    rows = {"kept": [f"row:{number}" for number in range(50)]}
    drawn = strata.sampled(rows, 10, rounds(), 1)
    assert drawn == strata.sampled({"kept": rows["kept"][::-1]}, 10, rounds(), 1)
    assert len(set(drawn)) == 10
    assert drawn != strata.sampled(rows, 10, rounds(), 2)
    assert drawn != strata.sampled(rows, 10, rounds(seed=21), 1)


def test_a_stratum_is_named_by_what_params_say() -> None:
    row = Record("toy:1", "medical", None, OWN, {"score": 12.0})
    what = Reviewing(guidelines="", panes=(), margin=lambda record: record.data["score"])
    named = rounds()
    assert strata.stratum(row, None, named, what) == "kept, medical, margin from 5 to 15"
    assert strata.stratum(row.having(score=4.0), None, named, what) == "kept, medical, margin below 5"
    assert strata.stratum(row.having(score=15.0), "overt", named, what) == "rejected, medical, margin from 15, overt"
    assert strata.stratum(row, "overt", rounds(strata=["reason"]), what) == "rejected, overt"
    assert strata.stratum(row, None, None, what) == "kept"
    assert strata.stratum(row, None, rounds(margins=[]), what) == "kept, medical, margin"
    assert strata.stratum(row.having(score=5.0), None, named, what) == "kept, medical, margin from 5 to 15"
    assert strata.stratum(row, None, named, Reviewing(guidelines="", panes=())) == "kept, medical"
