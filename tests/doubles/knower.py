"""A model that knows a number of questions about a topic: how many of them can it be made to tell?"""

import json
import random
import re
from collections.abc import Iterable
from typing import Any

from builders.teachers.api import Reply, Request
from builders.work import Answer

KNOWN, PER_REQUEST = 180, 20


class Knower:
    """A model that knows so many questions about a topic, some of which come to its mind far more often than others.

    Of those that a request names it says one again once in twenty times.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311
        self.asked: list[str] = []

    async def __call__(self, request: Request) -> Answer:
        text = request.body["messages"][0]["content"]
        self.asked.append(text)
        had = set(map(int, re.findall(r"^- Question number (\d+)", text, re.MULTILINE)))
        wanted = PER_REQUEST
        numbers: list[int] = []
        for _ in range(40 * wanted):
            number = min(int(KNOWN * self.chance.random() ** 1.5), KNOWN - 1)
            again = number in had and self.chance.random() > 0.05
            if number not in numbers and not again:
                numbers.append(number)
            if len(numbers) == wanted:
                break
        value: dict[str, Any] = {"questions": [f"Question number {number} about renting?" for number in numbers]}
        if request.schema and "subtopics" in request.schema["properties"]:
            value["subtopics"] = ["the deposit", "the heating", "moving out"]
        return Reply(json.dumps(value), "stop", f"{request.index:064x}", value)

    async def all(self, requests: Iterable[Request]) -> list[Answer]:
        return [await self(request) for request in requests]

    def sampled(self, stage: str, role: str, candidates: int, accepted: int) -> None:
        """Nobody counts here."""
