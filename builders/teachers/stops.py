"""The one line that stops a build when a server does not want us: what it said, where, and what to do about it.

Changes no byte of a row.
"""

import re
from collections.abc import Sequence

from builders.errors import BuildError
from builders.teachers.faults import Fault
from builders.teachers.pages import why
from builders.teachers.reading import WEB_PAGE
from builders.teachers.server import Server, address, is_address
from builders.teachers.trust import UntrustedError

_KEPT = "every reply so far is in the ledger"
_PARAMETERS = {
    "max_tokens": "set token_limit: max_completion_tokens under the role",
    "max_completion_tokens": "set token_limit: max_tokens under the role",
    "temperature": "leave temperature out of the role's sampling, or top_p, or set temperature to what the server takes",
    "top_p": "leave top_p out of the role's sampling",
    "seed": "set seed: omit in the role's sampling",
    "response_format": "set structured: object, or prompt, under the role",
    "output_config": "set structured: prompt under the role",
}
"""A key of the body that a server does not take → what to change in params."""


def of_all(name: str, server: Server, fault: Fault, *, answered: bool) -> BuildError | None:
    """Return the error of what holds for every request; None where it holds for one.

    Args:
        name: the role.
        server: who refuses.
        fault: what it says.
        answered: whether it has answered a request in this run: then a parameter that it refuses is one of this request.
    """
    if fault.kind == "key":
        return key(name, server, fault)
    if fault.kind == "money":
        what = f"the credit at the server of {name} is used up: {fault}"
        return BuildError(what, where=address(server.url), fix=f"top it up and run the same command again; {_KEPT}")
    if fault.kind == "model":
        return BuildError(f"the server of {name} answers {fault}", where=address(server.url), fix=_where_to_look(server))
    if fault.kind == "parameter" and not answered:
        param = (fault.param or "").partition(".")[0]
        fix = _PARAMETERS.get(param, "leave it out of the role's extra or sampling; python -m builders try shows what is sent")
        return BuildError(f"the server of {name} refuses a parameter: {fault}", where=address(server.url), fix=fix)
    return None


def key(name: str, server: Server, fault: Fault) -> BuildError:
    """Return the error of a server that does not know our key."""
    fix = "check the role's _API_KEY and _HEADERS variables"
    return BuildError(f"the server of {name} answers {fault}", where=address(server.url), fix=fix)


def _where_to_look(server: Server) -> str:
    version = re.search(r"/v\d|/openai|/api", server.url)
    path = "" if version else " (the base URL of most servers ends in /v1)"
    return f"check the URL{path} and the model's name in params.yaml"


def absent(name: str, server: Server, error: Exception) -> BuildError:
    """Return the error of a server that is not there, or may be another than it says."""
    if isinstance(error, UntrustedError):
        return BuildError(f"the server of {name} cannot be asked: {error.why}", where=address(server.url), fix=error.fix)
    fix = f"start the server or correct the URL; {_KEPT}"
    return BuildError(f"the server of {name} is not there ({why(error)})", where=address(server.url), fix=fix)


def without_label(name: str, first: Server) -> BuildError:
    """Return the error of several servers whose replies would be told apart by which of them answered."""
    what = f"{name} has several servers, and no name that stands for all of them in the ledger"
    fix = f"set server: under {name} in the family's params.yaml, to {address(first.url)} if that has answered before"
    return BuildError(what, where=f"BUILDERS_{(Server.named(name) or (name,))[0].upper()}_URL", fix=fix)


def none_there(name: str, servers: Sequence[Server]) -> BuildError:
    """Return the error of several servers none of which is there."""
    where = ", ".join(address(server.url) for server in servers)
    what = f"none of the {len(servers)} servers of {name} is there"
    return BuildError(what, where=where, fix=f"start one or correct the URLs; {_KEPT}")


def silent_to_all(name: str, server: Server, last: BaseException | None) -> BuildError:
    """Return the error of a server that answers no request any more."""
    look = _where_to_look(server) if str(last) == WEB_PAGE else "look at the server"
    what = f"the server of {name} answers no request any more ({last})"
    return BuildError(what, where=address(server.url), fix=f"{look} and run again; {_KEPT}")


def silent(name: str, server: Server, seconds: float) -> BuildError:
    """Return the error of a server that takes requests and answers none."""
    what = f"the server of {name} has taken requests and answered none for {seconds:.0f} s"
    return BuildError(what, where=address(server.url), fix=f"look at the server and run again; {_KEPT}")


def busy(name: str, server: Server, fault: Fault, seconds: float) -> BuildError:
    """Return the error of a server that has no room for anybody."""
    what = f"the server of {name} has answered nothing but {fault} for {seconds:.0f} s"
    return BuildError(what, where=address(server.url), fix=f"look at its limits and run again; {_KEPT}")


def elsewhere(name: str, server: Server, status: int, location: str) -> BuildError:
    """Return the error of a server that sends us elsewhere, where neither token nor rows go unless the user says so."""
    there = f" to {address(location)}" if is_address(location) else ""
    fix = "if that is right, set the URL to where it leads"
    return BuildError(f"the server of {name} redirects{there} (HTTP {status})", where=address(server.url), fix=fix)
