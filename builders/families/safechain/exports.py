"""What a row is as an exchange of messages, and which of its columns go with it."""

from builders.abilities import Exporting
from builders.contracts import Row
from builders.texts.messages import Exchange


def exchange(row: Row) -> Exchange:
    """Return the request, and the picked reply in its parts."""
    return Exchange(row["instruction"], row["reasoning"], row["answer"])


STAGE = Exporting(exchange=exchange, columns=("label",))
