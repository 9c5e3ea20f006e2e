"""Is a server there at all? Asked once when a task begins, so that a wrong address is one line and not a trace after retries.

Only addresses that a model was given are tried, by opening a connection and closing it: no request is sent. Behind a proxy
nobody can tell, and nothing is tried. Changes no byte of a row.
"""

import socket
import urllib.request
from urllib.parse import urlsplit

from inspect_ai.model import Model, get_model, model_roles

from builders.errors import BuildError

SECONDS = 5.0
_PORTS = {"http": 80, "https": 443}


def check() -> None:
    """Stop where the evaluated model or a role has an address at which nobody listens; outside a run there are none.

    Raises:
        BuildError: nobody does.
    """
    try:
        evaluated = get_model()
    except ValueError:
        return
    models = [evaluated]
    for role in model_roles().values():
        models += role if isinstance(role, list) else [role]
    for address, model in {model.api.base_url: model for model in models if model.api.base_url}.items():
        _listens(address, model)


def _listens(address: str, model: Model) -> None:
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError as error:
        fix = "give the server's address" + _named(str(model))
        raise BuildError(f"the address for {model} is none: {error}", where=address, fix=fix) from None
    if not parts.hostname or port is None or _proxied(parts.scheme, parts.hostname):
        return
    try:
        socket.create_connection((parts.hostname, port), SECONDS).close()
    except OSError as error:
        why = error.strerror or str(error) or type(error).__name__
        fix = "start the server, or give its address" + _named(str(model))
        raise BuildError(f"nobody answers for {model}: {why}", where=address, fix=fix) from None


def _proxied(scheme: str, host: str) -> bool:
    return scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(host)


def _named(model: str) -> str:
    """Return the variable that holds the address of a server of one's own."""
    provider, _, rest = model.partition("/")
    return f" in {rest.partition('/')[0].upper().replace('-', '_')}_BASE_URL" if provider == "openai-api" else ""
