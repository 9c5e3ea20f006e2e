"""Files of Hugging Face datasets, each at one commit: from huggingface_hub's cache, else over the network.

The token (HF_TOKEN, or the one that `hf auth login` stored), the cache (HF_HOME), the server (HF_ENDPOINT) and the switch
to stay off the network (HF_HUB_OFFLINE) are huggingface_hub's own. What goes wrong is one clear line.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, NamedTuple

import httpx2
from huggingface_hub import HfApi, HfFileSystem, constants, get_token, hf_hub_download, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    XetDownloadError,
)

from builders.errors import BuildError
from builders.progress import shown
from builders.sources.entries import HubFiles

_BUFFER_BYTES = 2**16


class _Fault(NamedTuple):
    """What is said about an error of huggingface_hub or its connection.

    Args:
        error: what it is an instance of.
        status: the HTTP status that the server answered with; null for any.
        what: what is wrong.
        fix: what to do about it.
    """

    error: type[Exception]
    status: HTTPStatus | None
    what: str
    fix: str


_FAULTS = (  # the first that fits is said
    _Fault(
        GatedRepoError,
        HTTPStatus.FORBIDDEN,
        "{label} is gated, and the token's account has not accepted its terms",
        "accept them at {page} (and let a fine-grained token read gated repositories), then run again",
    ),
    _Fault(
        GatedRepoError,
        None,
        "{label} is gated, and {token}",
        "accept its terms at {page}, then run hf auth login or set HF_TOKEN",
    ),
    _Fault(
        RepositoryNotFoundError,
        None,
        "{label}: there is no dataset {hub}, or {token}",
        "fix the id; for a private dataset run hf auth login or set HF_TOKEN",
    ),
    _Fault(
        RevisionNotFoundError,
        None,
        "{label}: {hub} has no such revision",
        "write one of its commits, which {page} shows under Files",
    ),
    _Fault(
        RemoteEntryNotFoundError,
        None,
        "{label}: {hub} has no such file at this revision",
        "write one of its files, which {page} shows",
    ),
    _Fault(
        OfflineModeIsEnabled,
        None,
        "{label} is not in the local cache, and HF_HUB_OFFLINE is set",
        "unset it and run again, or copy the cache from a machine that has the file",
    ),
    _Fault(
        HfHubHTTPError,
        HTTPStatus.UNAUTHORIZED,
        "{label}: the Hub refused the token",
        "run hf auth login again or fix HF_TOKEN",
    ),
    _Fault(HfHubHTTPError, None, "{label}: the Hub answered with status {status}", "run again later"),
    _Fault(Exception, None, "{label} cannot be reached: {name}", "check the network and HF_ENDPOINT ({endpoint}), run again"),
)


def address(files: HubFiles, path: str) -> str:
    """Return what messages call one file."""
    return f"hf://datasets/{files.hub}@{files.revision}/{path}"


def check(label: str, files: HubFiles, params: Path) -> None:
    """Find out whether every file can be had, before anything is read.

    Args:
        label: what messages call the source.
        files: the files.
        params: where they are declared.

    Raises:
        BuildError: no revision is named, or a file cannot be had, and why.
    """
    if files.revision is None:
        raise BuildError(f"{label} has no revision", where=params, fix=f"pin the revision: {_pin(files)}")
    for path in files.paths:
        if _cached(files, path) is None:
            with _explaining(label, files, path):
                HfApi().get_hf_file_metadata(url=hf_hub_url(files.hub, path, repo_type="dataset", revision=files.revision))


@contextmanager
def opened(label: str, files: HubFiles, path: str, *, partly: bool) -> Iterator[BinaryIO]:
    """Open one file for reading.

    Args:
        label: what messages call the source.
        files: the files.
        path: which of them.
        partly: only its beginning will be read: then what is not in the cache is read over the network as far as needed,
            and not kept. Else the whole file is downloaded into the cache.

    Raises:
        BuildError: the file cannot be had, or no longer.
    """
    with _explaining(label, files, path):
        if partly and _cached(files, path) is None:
            with HfFileSystem().open(f"datasets/{files.hub}@{files.revision}/{path}", block_size=0) as file:
                yield BufferedReader(file, _BUFFER_BYTES)
        else:
            with shown(f"fetch {files.hub}/{path}", None):
                local = hf_hub_download(files.hub, path, repo_type="dataset", revision=files.revision)
            with Path(local).open("rb") as file:
                yield file


def _cached(files: HubFiles, path: str) -> str | None:
    found = try_to_load_from_cache(files.hub, path, revision=files.revision, repo_type="dataset")
    return found if isinstance(found, str) else None


def _pin(files: HubFiles) -> str:
    """Say what to write as revision: the present commit where the Hub tells it."""
    with suppress(httpx2.HTTPError, OfflineModeIsEnabled):
        return f"write {HfApi().dataset_info(files.hub).sha}, the present commit of {files.hub}"
    return f"write the commit of {files.hub} that its page shows under Files"


@contextmanager
def _explaining(label: str, files: HubFiles, path: str) -> Iterator[None]:
    """Turn what huggingface_hub and its connection raise into one line."""
    try:
        yield
    except (httpx2.HTTPError, OSError, XetDownloadError) as error:
        status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
        if status is None and isinstance(error, OSError) and error.errno is not None:
            raise  # this machine's own: a full disk, a cache that cannot be written
        fault = next(fault for fault in _FAULTS if isinstance(error, fault.error) and fault.status in {None, status})
        facts = {
            "label": label,
            "hub": files.hub,
            "page": f"{constants.ENDPOINT}/datasets/{files.hub}",
            "endpoint": constants.ENDPOINT,
            "token": "the token does not open it" if get_token() else "no token was sent",
            "name": type(error.__cause__ or error).__name__,
            "status": status,
        }
        where = address(files, path)
        raise BuildError(fault.what.format(**facts), where=where, fix=fault.fix.format(**facts)) from None
