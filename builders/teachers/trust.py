"""Whose certificates are trusted: the system's authorities, and those in the files that the environment names.

A laboratory's own authority is named as other programs want it named: in `SSL_CERT_FILE`, which stands for the system's file,
as OpenSSL has it; or in `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE`, which here add to it.

Changes no byte of a row.
"""

import os
import ssl
from pathlib import Path

import aiohttp

from builders.errors import BuildError

VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_FIX = f"name the file with its authority's certificate in {VARIABLES[0]} or {VARIABLES[1]}"


class UntrustedError(ConnectionError):
    """Raised when a server is there, but not with a certificate that we trust.

    Args:
        why: what is wrong with it.
        fix: what to do about it.
    """

    def __init__(self, why: str, fix: str) -> None:
        """Keep what is wrong and what to do."""
        self.why, self.fix = why, fix
        super().__init__(why)


def of(url: str) -> ssl.SSLContext | bool:
    """Return what aiohttp wants to know about certificates for a URL.

    Raises:
        BuildError: a variable names what cannot be read as certificates.
    """
    return context() if url.startswith("https:") else True


def context() -> ssl.SSLContext:
    """Return a context that trusts the system's authorities and those that the environment names.

    Raises:
        BuildError: a variable names what cannot be read as certificates.
    """
    made = ssl.create_default_context()
    for variable in VARIABLES:
        if name := os.environ.get(variable, "").strip():
            try:
                made.load_verify_locations(**{"capath" if Path(name).is_dir() else "cafile": name})
            except OSError as error:  # of ssl too
                what = f"no certificates can be read from {name}: {error.strerror or error}"
                raise BuildError(what, where=variable, fix="name a PEM file, or unset it") from None
    return made


def refused(error: BaseException) -> UntrustedError | None:
    """Return what a failed connection says about certificates; None where it failed otherwise."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        why = getattr(error.certificate_error, "verify_message", "") or type(error.certificate_error).__name__
        return UntrustedError(f"its certificate is not trusted: {why}", _FIX)
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return UntrustedError("it does not speak TLS as we do", "write http:// if it speaks plain HTTP")
    return None
