"""The tokens of each task, by id: small closed vocabularies, as in the paper's code (CoT2, arXiv 2505.23648).

    mnns       <PAD> <BOS> <EOS> -> + -, digits D0 … D9 (further where the setting has larger ones), partial sums S-36 … S36
    graphs     <PAD> <BOS> <EOS> ->, the words of a statement, True False, and 52 symbols A … Z, AA … AZ

The first setting, four digits from 1 to 9, has 89 tokens. The second, five digits from 5 to 13, has 151: D0 to D13 and S-65 to
S65. With D5 to D13 alone it would have 146; the digits from 0 on are kept, as the code keeps D0 in the first.
"""

from collections.abc import Iterable
from functools import cache

PAD, BOS, EOS, ARROW = "<PAD>", "<BOS>", "<EOS>", "->"
SIGNS = ("+", "-")
WORDS = ("in", "not", "or", ".", "?", "True", "False")
LETTERS, SYMBOLS = 26, 52
"""How many symbols have one letter, and how many there are: no graph has more nodes."""

_LEAST_DIGITS = 10


@cache
def of_sums(most: int, length: int) -> tuple[str, ...]:
    """Return the tokens of a setting of `mnns`.

    Args:
        most: its largest digit.
        length: how many digits a sequence has.
    """
    digits = (f"D{digit}" for digit in range(max(_LEAST_DIGITS, most + 1)))
    sums = (f"S{value}" for value in range(-most * length, most * length + 1))
    return (PAD, BOS, EOS, ARROW, *SIGNS, *digits, *sums)


@cache
def of_graphs() -> tuple[str, ...]:
    """Return the tokens of `prontoqa` and `prosqa`."""
    return (PAD, BOS, EOS, ARROW, *WORDS, *symbols(SYMBOLS))


def symbols(count: int) -> tuple[str, ...]:
    """Return so many symbols for nodes: one letter each, then two.

    Raises:
        ValueError: more than there are.
    """
    if count > SYMBOLS:
        message = f"{count} nodes, but {SYMBOLS} symbols"
        raise ValueError(message)
    letters = [chr(ord("A") + place) for place in range(LETTERS)]
    return tuple([*letters, *(f"A{letter}" for letter in letters)][:count])


def named(name: str) -> tuple[str, ...]:
    """Return the tokens of the vocabulary that a row names: `graphs`, or `mnns_<largest digit>_<digits>`."""
    if name == "graphs":
        return of_graphs()
    _, most, length = name.split("_")
    return of_sums(int(most), int(length))


@cache
def _places(tokens: tuple[str, ...]) -> dict[str, int]:
    return {token: place for place, token in enumerate(tokens)}


def ids(tokens: tuple[str, ...], line: Iterable[str]) -> list[int]:
    """Return the ids of a line's tokens.

    Args:
        tokens: the vocabulary.
        line: tokens, all of it.
    """
    places = _places(tokens)
    return [places[token] for token in line]
