"""How connections to a backend are made: whose certificates are trusted, and what lies between."""

import ssl

import msgspec

from dmsim.errors import UsageError


class Transport(msgspec.Struct, frozen=True, kw_only=True):
    """What a user says of the way to the backend.

    Attributes:
        ca: a file of certificates (PEM) to trust instead of the system's; empty for the system's.
        insecure: whether to speak TLS with whoever answers, whatever its certificate.
        proxy: the URL of an HTTP proxy between; empty for none.
    """

    ca: str = ""
    insecure: bool = False
    proxy: str = ""


#: Nothing said: the system's certificates are trusted.
DEFAULT = Transport()


def tls_context(transport: Transport) -> ssl.SSLContext:
    """What TLS connections of this transport are made with.

    Raises:
        UsageError: the file of certificates cannot be used, or both it and ``insecure`` are given.
    """
    if transport.ca and transport.insecure:
        raise UsageError("--ca and --insecure: one or the other; leave --insecure out")
    try:
        context = ssl.create_default_context(cafile=transport.ca or None)
    except OSError as error:  # those of ssl are among them
        detail = "holds no certificates" if isinstance(error, ssl.SSLError) else error.strerror
        raise UsageError(f"--ca {transport.ca}: {detail}; give a file in PEM format") from None
    if transport.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


def told_tls_error(error: ssl.SSLError) -> str:
    """Why no TLS connection came about, and the remedy, in one line."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({error.verify_message.rstrip('.')}); name the "
            "authority that signed it with --ca FILE, or do without any check with --insecure"
        )
    detail = (error.reason or str(error)).replace("_", " ").lower()
    return f"no TLS connection ({detail}); if the backend speaks plain HTTP give it as http://"
