"""Which model a server lists, for a role whose params name none.

Changes no byte of a row.
"""

from builders import terminal
from builders.errors import BuildError
from builders.teachers import pages
from builders.teachers.connection import Connection
from builders.teachers.replicas import Replicas
from builders.teachers.server import address

_SHOWN = 20


async def only_model(name: str, connection: Connection | Replicas) -> str:
    """Return the only model of a role's server, or of all its servers that are there.

    Raises:
        BuildError: there is none, or more than one, or a server lists another than the next.
    """
    await connection.meet()
    present = [member for member in connection.members if not member.presence.gone] or connection.members
    found = {await _listed(name, member): address(member.server.url) for member in present}
    if len(found) > 1:
        what = f"the servers of {name} list different models: {_named(list(found))}"
        raise BuildError(what, where=", ".join(found.values()), fix=f"name {name}'s model in params")
    return next(iter(found))


async def _listed(name: str, connection: Connection) -> str:
    """Return the only model that a server lists."""
    where = f"{address(connection.server.url)}/models"
    try:
        status, page = await connection.get("models")
        models = pages.models(page)
    except OSError as error:
        raise connection.absent(error) from None
    except ValueError:
        what = f"the server lists no models (HTTP {status})"
        raise BuildError(what, where=where, fix=f"name {name}'s model in params") from None
    if len(models) != 1:
        what = f"the server lists {len(models)} models"
        raise BuildError(what, where=where, fix=f"name {name}'s model in params: {_named(models)}")
    return models[0]


def _named(models: list[str]) -> str:
    others = f" and {len(models) - _SHOWN} more" if len(models) > _SHOWN else ""
    return ", ".join(map(terminal.name, models[:_SHOWN])) + others
