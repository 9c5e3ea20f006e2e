"""What a row is as an exchange of messages, and which of its columns go with it."""

from typing import Any

from builders.commands.exports import Exchange

COLUMNS = ("label",)


def exchange(row: dict[str, Any]) -> Exchange:
    """Return the request, and the picked reply in its parts."""
    return Exchange(row["instruction"], row["reasoning"], row["answer"])
