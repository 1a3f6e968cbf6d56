"""TLS: a certificate and key of the user's, checked before anything is served with them."""

from __future__ import annotations

import ssl
from pathlib import Path

from .errors import ServerError
from .settings import ServerSettings


def check_tls(settings: ServerSettings) -> None:
    """Raises `ServerError`: certificate or key cannot be read, or do not belong together."""
    if settings.tls_cert is None or settings.tls_key is None:
        return
    for path in (settings.tls_cert, settings.tls_key):
        try:
            path.read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ServerError(f"{path}: cannot be read: {reason}") from error
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # An encrypted key must not make a daemon wait for a passphrase at a terminal.
        context.load_cert_chain(settings.tls_cert, settings.tls_key, password=lambda: "")
    except (ssl.SSLError, ValueError) as error:
        raise ServerError(
            f"{settings.tls_cert} and {settings.tls_key}: no certificate and key in PEM that "
            f"belong together, without a passphrase: {error}"
        ) from error


def trusting(certificate: Path | None, *, any_name: bool = False) -> ssl.SSLContext:
    """For a client: the system's authorities are trusted, and `certificate` beside them.

    `any_name` takes a certificate for any host, as when this machine asks itself by number.

    Raises `ServerError`: the certificate cannot be read.
    """
    context = ssl.create_default_context()
    context.check_hostname = not any_name
    if certificate is not None:
        # Else OpenSSL asks for the authority's certificate, though the server's own is known.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        try:
            context.load_verify_locations(certificate)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ServerError(f"{certificate}: no certificate in PEM: {reason}") from error
    return context


def trusting_anyone() -> ssl.SSLContext:
    """For asking who is there, where nothing secret is told."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
