"""Pages of a server that are looked at beside the requests: its models, its load; and what went wrong, in a few words.

Changes no byte of a row.
"""

import aiohttp
import orjson

from builders.teachers import bodies, trust
from builders.teachers.bodies import TooLargeError, UnknownEncodingError
from builders.teachers.faults import RetryError

LOOK_SECONDS = 5.0
MOST_NAME = 300
"""Characters of a model's name."""


async def page(session: aiohttp.ClientSession, url: str) -> tuple[int, bytes]:
    """Return status and body of a page.

    Raises:
        UntrustedError: nobody whom we trust answers at the address.
        ConnectionError: nothing does.
        OSError: something does, but not with a page.
    """
    timeout = aiohttp.ClientTimeout(total=LOOK_SECONDS, sock_connect=LOOK_SECONDS)
    try:
        async with session.get(url, timeout=timeout, allow_redirects=False) as response:
            return response.status, await bodies.whole(response)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise (trust.refused(error) or ConnectionError(why(error))) from None
    except (aiohttp.ClientError, TimeoutError, TooLargeError, UnknownEncodingError) as error:
        raise OSError(why(error)) from None


def models(content: bytes) -> list[str]:
    """Return the names of the models that a server lists.

    Raises:
        ValueError: it lists none, or one whose name is none: too long, or with control characters.
    """
    found = orjson.loads(content)
    listed = found.get("data") if isinstance(found, dict) else None
    names = [model.get("id") if isinstance(model, dict) else None for model in listed] if isinstance(listed, list) else [None]
    if not all(isinstance(name, str) and 0 < len(name) <= MOST_NAME and name.isprintable() for name in names):
        raise ValueError("no list of models")
    return [str(name) for name in names]


def why(error: BaseException) -> str:
    """Return what went wrong with a connection, in a few words and without an address."""
    if isinstance(error, RetryError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, UnknownEncodingError):
        return "a body in an encoding that was not asked for"
    return str(error) if type(error) is OSError else type(error).__name__
