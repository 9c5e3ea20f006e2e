"""The decisions that make a problem: what tells it from others by its number, how it looks by chance.

A kind asks a lot for numbers and cases. The answers are the digits of the problem's number, each to the base of as many
answers as there are, so two numbers never answer alike and every combination of answers has a number. What makes no other
problem, such as names of points, units and how far a figure is turned, is drawn from `looks` and does not use the number up.
"""

import math
from collections.abc import Iterable, Sequence
from random import Random
from typing import TypeVar

from builders.problems.quantities import Unfit

Item = TypeVar("Item")


class Lot:
    """Decisions for one problem.

    Args:
        number: which problem of its space.
        looks: chance for what makes no other problem, or what it is seeded with where it is first needed: most numbers make
            no problem, and few of those need it.
    """

    def __init__(self, number: int, looks: Random | str) -> None:
        """Start with all of the number left."""
        self._left, self._looks = number, looks
        self.size = 1
        self.looked = False

    def settle(self) -> None:
        """End the decisions.

        Raises:
            Unfit: they did not use the number up, so it is not a problem's.
        """
        if self._left:
            raise Unfit("a number beyond the space")

    def leave(self, depth: int, depths: Sequence[int], number: int) -> None:
        """Leave a question that is the same in several depths to one of them, by a number in it.

        Raises:
            Unfit: this is another one of them.
        """
        if depth in depths and depths[number % len(depths)] != depth:
            raise Unfit("a question of another depth")

    def choice(self, among: Sequence[Item]) -> Item:
        """Decide for one of several different things."""
        return among[self._digit(len(among))]

    def coin(self) -> bool:
        """Decide whether."""
        return self._digit(2) == 1

    def randint(self, least: int, most: int) -> int:
        """Decide for a whole number, both bounds included."""
        return self.randrange(least, most + 1)

    def randrange(self, start: int, stop: int, step: int = 1) -> int:
        """Decide for a number of a range."""
        numbers = range(start, stop, step)
        if not numbers:
            raise Unfit("nothing to choose from")
        return numbers[self._digit(len(numbers))]

    def sample(self, among: Iterable[Item], count: int) -> list[Item]:
        """Decide for several different things and their order."""
        left = list(among)
        if count > len(left):
            raise Unfit("too few to choose from")
        return [left.pop(self._digit(len(left))) for _ in range(count)]

    def subset(self, among: Sequence[Item], count: int) -> list[Item]:
        """Decide for several different things; they keep their order."""
        if count > len(among):
            raise Unfit("too few to choose from")
        rank = self._digit(math.comb(len(among), count))
        found: list[Item] = []
        for place, item in enumerate(among):
            rest = math.comb(len(among) - place - 1, count - len(found) - 1) if count > len(found) else 0
            if rank < rest:
                found.append(item)
            else:
                rank -= rest
        return found

    def multiset(self, among: Sequence[Item], count: int) -> list[Item]:
        """Decide for several things, which may be alike; they keep their order."""
        places = self.subset(range(len(among) + count - 1), count)
        return [among[place - k] for k, place in enumerate(places)]

    @property
    def looks(self) -> Random:
        """Chance for what makes no other problem."""
        self.looked = True
        return self.chance

    @property
    def chance(self) -> Random:
        """The same, for what is drawn when the problem is made."""
        if isinstance(self._looks, str):
            self._looks = Random(self._looks)  # noqa: S311 — chance, not secrets
        return self._looks

    def look(self, among: Sequence[Item]) -> Item:
        """Draw one of several things that make no other problem."""
        return self.looks.choice(among)

    def uniform(self, least: float, most: float) -> float:
        """Draw a size or a direction that makes no other problem."""
        return self.looks.uniform(least, most)

    def _digit(self, base: int) -> int:
        if base < 1:
            raise Unfit("nothing to choose from")
        self.size *= base
        self._left, digit = divmod(self._left, base)
        return digit
