"""How well equivalent answers are told from near misses, beside plain math-verify, on real reference answers.

    TRACEWRIGHT_DATA=<folder> python -m benchmarks.answers [--alone] [--show] [set ...]

Reference answers of GSM8K, MATH and AQuA are written otherwise and spoilt by code that knows nothing of the checker
(`rewritings`, `near_misses`); every rewriting should be accepted and every near miss rejected. Multiple-choice questions are
asked by letter and by value, and the checker is given the options; math-verify, which has no notion of options, gets the
option's value wherever a letter stands. Few real answers have units, so every integer is tried with one of them, too. Of each
kind at most `PER_KIND` pairs of a set are judged by both, drawn evenly; `--alone` leaves math-verify out and takes all.

SVAMP, MAWPS, MMLU-STEM, MATH-V and MathVerse were first run when nothing was left wrong on the other three, on 22,365 pairs.
False rejects and accepts were then: SVAMP and MAWPS none of 10,304; MMLU-STEM 12 of 3,348 and 6 of 1,496; MATH-V 11 of 3,510
and 11 of 1,885; MathVerse 4 of 1,181 and 0 of 641. Ten of these 44 were rewritings wrong in themselves. The checker was then
changed for what these showed: tiny numbers, hyphenated orders such as 2-1-3, capital AND, variables named as units are.
No weight is fitted, so leaving a set out leaves every other set's verdicts as they are: a set's row is its left-out figure.
A kind is worse than math-verify's if of the pairs that only one of the two judges right, math-verify's are more than chance
would have (two-sided binomial, 5 %); the last table counts such kinds among those of `FEWEST` pairs and more.

Intervals are Wilson's, 95 %. Printed are counts and, with `--show`, pairs that were misjudged.
"""

import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson
from scipy.stats import binomtest  # type: ignore[import-not-found,import-untyped,unused-ignore]

from benchmarks.near_misses import NEAR_MISSES
from benchmarks.rewritings import INTEGER, REWRITINGS, SPELLED
from builders.answers import equivalence

LETTERS = "ABCDEFGHIJ"
ROWS = {"GSM8K": 400, "MATH": 4500, "AQuA": 254, "SVAMP": 300, "MAWPS": 400, "MMLU-STEM": 300, "MATH-V": 420, "MathVerse": 788}
"""Set → rows at most, drawn evenly."""
PER_KIND = 60
FEWEST = 50
"""Pairs a kind has before it is compared with math-verify's."""
_LABEL = re.compile(r"\s*\(?[A-J]\s*[).:]\s*")


class Row(NamedTuple):
    """A reference answer, and the options it was chosen from, if any."""

    reference: str
    options: tuple[str, ...] = ()


class Pair(NamedTuple):
    """An answer to check, and whether it is right."""

    name: str
    kind: str
    given: str
    reference: str
    options: tuple[str, ...]
    right: bool


def lines(path: Path) -> Iterator[dict[str, object]]:
    """Yield the objects of a file of JSON lines."""
    for line in path.read_bytes().splitlines():
        yield orjson.loads(line)


def gsm8k(data: Path) -> Iterator[Row]:
    """Yield GSM8K's numbers."""
    for line in lines(data / "math/gsm8k/train.jsonl"):
        yield Row(str(line["answer"]).rsplit("####", 1)[1].strip())


def boxed(data: Path) -> Iterator[Row]:
    """Yield what MATH's solutions put into their last box, each once."""
    seen = set()
    for line in lines(data / "math/MATH/test_minus_math500.jsonl"):
        found = _last_box(str(line["solution"]))
        if found and found not in seen:
            seen.add(found)
            yield Row(found)


def _last_box(solution: str) -> str | None:
    _, box, rest = solution.rpartition("\\boxed{")
    depth = 1
    for place, character in enumerate(rest):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if not depth:
            return rest[:place].strip() if box else None
    return None


def aqua(data: Path) -> Iterator[Row]:
    """Yield AQuA's letters."""
    for line in lines(data / "math/aqua/dev.json"):
        yield Row(str(line["correct"]), tuple(map(str, line["options"])))  # type: ignore[call-overload]


def svamp(data: Path) -> Iterator[Row]:
    """Yield SVAMP's numbers."""
    for line in orjson.loads((data / "math/svamp/SVAMP.json").read_bytes()):
        yield Row(_number(line["Answer"]))


def mawps(data: Path) -> Iterator[Row]:
    """Yield MAWPS's numbers."""
    for line in lines(data / "math/mawps/test.jsonl"):
        yield Row(_number(line["target"]))


def _number(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def mmlu(data: Path) -> Iterator[Row]:
    """Yield the letters of MMLU's mathematics and physics, whose options are numbers and expressions."""
    for line in lines(data / "math/mmlu_stem/test.jsonl"):
        if re.search("math|algebra|physics|statistics", str(line["type"])):
            yield Row(LETTERS[int(str(line["answer"]))], tuple(map(str, line["choices"])))  # type: ignore[call-overload]


def math_vision(data: Path) -> Iterator[Row]:
    """Yield MATH-V's letters and values."""
    for line in lines(data / "multimodal/math_vision/data.jsonl"):
        yield Row(str(line["answer"]), tuple(map(str, line["options"])))  # type: ignore[call-overload]


def mathverse(data: Path) -> Iterator[Row]:
    """Yield MathVerse's free answers, each once, and its letters without options."""
    for answer in dict.fromkeys(
        str(line["answer"])
        for line in orjson.loads((data / "multimodal/mathverse_text_only/testmini_text_only.json").read_bytes())
    ):
        if answer not in LETTERS:
            yield Row(answer)


SETS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "GSM8K": gsm8k, "MATH": boxed, "AQuA": aqua, "SVAMP": svamp, "MAWPS": mawps, "MMLU-STEM": mmlu, "MATH-V": math_vision,
    "MathVerse": mathverse,
}  # fmt: skip


def pairs(name: str, rows: Sequence[Row]) -> Iterator[Pair]:
    """Yield what to check of a set: every rewriting and near miss that applies."""
    spelled = list(SPELLED)
    for number, row in enumerate(rows):
        if row.options and row.reference in LETTERS:
            yield from _of_options(name, row)
            continue
        yield from _rewritten(name, row)
        if INTEGER.fullmatch(row.reference):
            measured = Row(f"{row.reference} {spelled[number % len(spelled)]}", row.options)
            yield from (pair for pair in _rewritten(name, measured) if "unit" in pair.kind)
        other = rows[(number + 1) % len(rows)].reference
        if re.sub(r"\W|text", "", other).casefold() != re.sub(r"\W|text", "", row.reference).casefold() and re.search(
            "[a-z]{3}", row.reference
        ):
            yield Pair(name, "another row's answer", other, row.reference, row.options, right=False)


def _rewritten(name: str, row: Row) -> Iterator[Pair]:
    for right, makers in ((True, REWRITINGS), (False, NEAR_MISSES)):
        for kind, make in makers.items():
            given = make(row.reference)
            if given is not None and (right or given.strip() != row.reference):
                yield Pair(name, kind, given, row.reference, row.options, right)


def _of_options(name: str, row: Row) -> Iterator[Pair]:
    place = LETTERS.index(row.reference)
    values = [_LABEL.sub("", option, count=1) if name == "AQuA" else option for option in row.options]
    if place >= len(values):
        return
    value, letter = values[place], row.reference
    for kind, given in {"(B)": f"({letter})", "B.": f"{letter}.", "option B": f"Option {letter}", "b": letter.lower()}.items():
        yield Pair(name, kind, given, letter, row.options, right=True)
    yield Pair(name, "another letter", LETTERS[(place + 1) % len(values)], letter, row.options, right=False)
    if value in LETTERS:
        return
    yield Pair(name, "B: value", f"{letter}: {value}", letter, row.options, right=True)
    yield Pair(name, "(B) value", f"({letter}) {value}", letter, row.options, right=True)
    yield Pair(name, "value for a letter", value, letter, row.options, right=True)
    yield Pair(name, "letter for a value", letter, value, row.options, right=True)
    for kind, make in REWRITINGS.items():
        rewritten = None if kind in ("unit added", "noun added", "dollars added", "dozens") else make(value)
        if rewritten is not None and re.sub(r"\s", "", rewritten) not in {re.sub(r"\s", "", other) for other in values}:
            yield Pair(name, f"{kind}, of the value", rewritten, letter, row.options, right=True)
    others = [other for other in values if re.sub(r"\s", "", other).casefold() != re.sub(r"\s", "", value).casefold()]
    for other in others:
        yield Pair(name, "another option's value", other, letter, row.options, right=False)
    if others:
        yield Pair(name, "letter with another's value", f"{letter}: {others[0]}", letter, row.options, right=False)


def plain_math_verify(pair: Pair) -> bool:
    """Return math-verify's verdict, each side as LaTeX if it has any; a letter with options becomes its value."""
    from math_verify import parse, verify  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415 - sympy is heavy, and only this needs it

    def normalised(text: str) -> str:
        letter = text.strip("(). ").removeprefix("Option ").upper()
        if pair.options and len(letter) == 1 and LETTERS.find(letter) in range(len(pair.options)):
            text = _LABEL.sub("", pair.options[LETTERS.index(letter)], count=1)
        return f"${text}$" if re.search(r"[\\^_{]", text) and "$" not in text else text

    try:
        return bool(verify(parse(normalised(pair.reference)), parse(normalised(pair.given))))
    except Exception:  # noqa: BLE001 - whatever it raises is no acceptance
        return False


def ours(pair: Pair) -> bool:
    """Return the checker's verdict."""
    return equivalence.compared(pair.given, pair.reference, pair.options).equivalent


def rows_of(name: str, data: Path) -> list[Row]:
    """Return the rows of a set, drawn evenly."""
    rows = list(SETS[name](data))
    step = max(1, len(rows) // ROWS[name])
    return rows[::step][: ROWS[name]]


def rate(wrong: int, total: int) -> str:
    """Return a share in per cent with its interval."""
    if not total:
        return "-"
    interval = binomtest(wrong, total).proportion_ci(method="wilson")
    return f"{100 * wrong / total:.2f} % ({100 * interval.low:.2f}-{100 * interval.high:.2f})"


def report(judged: Sequence[tuple[Pair, bool, bool | None]], by: Callable[[Pair], tuple[str, ...]]) -> None:
    """Print wrong verdicts by some key: the checker's, then math-verify's."""
    counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for pair, mine, theirs in judged:
        judges = {"ours": mine != pair.right, "asked": theirs is not None, "theirs": theirs is (not pair.right)}
        counts[by(pair)].update({"pairs": 1, **{name: int(holds) for name, holds in judges.items()}})
    for key, count in counts.items():
        cells = [*key, count["pairs"], count["ours"], rate(count["ours"], count["pairs"])]
        print("|", " | ".join(map(str, [*cells, count["theirs"], rate(count["theirs"], count["asked"])])), "|")


def worse(judged: Sequence[tuple[Pair, bool, bool | None]]) -> None:
    """Print the kinds in which math-verify alone is right more often than chance would have it."""
    apart: dict[tuple[bool, str], Counter[str]] = defaultdict(Counter)
    for pair, mine, theirs in judged:
        right = (mine == pair.right, theirs == pair.right)
        apart[pair.right, pair.kind].update(
            {"pairs": 1, "ours": int(right == (True, False)), "theirs": int(right == (False, True))}
        )
    kinds = {key: count for key, count in apart.items() if count["pairs"] >= FEWEST}
    print(f"\nkinds of {FEWEST} pairs and more: {len(kinds)}")
    found = 0
    for (is_rewriting, kind), count in kinds.items():
        alone, others = count["ours"], count["theirs"]
        if others:
            bound = binomtest(others, alone + others).pvalue
            found += others > alone and bound < 0.05  # noqa: PLR2004
            title = f"{'rewriting' if is_rewriting else 'near miss'} {kind}"
            print(f"  {title}: right alone ours {alone}, math-verify {others}, p {bound:.2g}")
    print(f"  worse than math-verify: {found}")


def drawn(every: Sequence[Pair]) -> list[Pair]:
    """Return at most `PER_KIND` pairs of each set and kind, drawn evenly."""
    groups: dict[tuple[str, str, bool], list[Pair]] = defaultdict(list)
    for pair in every:
        groups[pair.name, pair.kind, pair.right].append(pair)
    return [pair for group in groups.values() for pair in group[:: -(-len(group) // PER_KIND)]]


def main() -> None:
    """Check all pairs with both, print the tables."""
    data = Path(os.environ["TRACEWRIGHT_DATA"])
    flags = {word for word in sys.argv[1:] if word.startswith("--")}
    names = [name for name in sys.argv[1:] if name not in flags] or list(SETS)
    every = [pair for name in names for pair in pairs(name, rows_of(name, data))]
    every = every if "--alone" in flags else drawn(every)
    mine, seconds = timed(ours, every)
    print(f"{len(every)} pairs, {len(every) / seconds:,.0f} a second", end="")
    theirs: Sequence[bool | None] = [None] * len(every)
    if "--alone" not in flags:
        theirs, seconds = timed(plain_math_verify, every)
        print(f"; math-verify {len(every) / seconds:,.0f} a second")
    judged = list(zip(every, mine, theirs, strict=True))
    for title, by in (
        ("set", lambda pair: (pair.name, "false rejects" if pair.right else "false accepts")),
        ("kind", lambda pair: ("rewriting" if pair.right else "near miss", pair.kind)),
    ):
        print(f"\n| {title} | | pairs | wrong | rate (95 %) | math-verify wrong | rate (95 %) |\n|---|---|---|---|---|---|---|")
        report(judged, by)
    if "--alone" not in flags:
        worse(judged)
    if "--show" in flags:
        for pair, verdict, _ in judged:
            if verdict != pair.right:
                print(
                    pair.name, pair.kind, repr(pair.given), repr(pair.reference), pair.options, equivalence.compared(*pair[2:5])
                )


def timed(judge: Callable[[Pair], bool], every: Sequence[Pair]) -> tuple[list[bool], float]:
    """Return a judge's verdicts and the seconds they took."""
    start = time.perf_counter()
    verdicts = [judge(pair) for pair in every]
    return verdicts, time.perf_counter() - start


if __name__ == "__main__":
    main()
