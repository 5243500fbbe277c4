"""The credentials of the reference backend: a master token, and what is derived from it."""

import hmac
import secrets

from dmsim.errors import UsageError

#: Environment variable with the backend's master token.
TOKEN_VARIABLE = "DMSIM_TOKEN"

#: Hex digits of the authentication code that an account's token carries.
CODE_DIGITS = 32


def new_master_token() -> str:
    """A fresh master token of 256 random bits, in characters that need no quoting."""
    return secrets.token_urlsafe(32)


def checked_token(token: str, origin: str) -> str:
    """A token as a header can carry it, without the white space around it.

    Args:
        token: as it was given.
        origin: the file or variable that holds it.

    Raises:
        UsageError: it is none.
    """
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(f"{origin}: is no token; give one word of printable ASCII characters")
    return token


def account_code(master: bytes, account: int) -> str:
    """The authentication code of an account: the second half of its token."""
    return hmac.digest(master, b"account:%d" % account, "sha256").hex()[:CODE_DIGITS]


def account_token(master: str, account: int) -> str:
    """The token with which one account acts: ``<account id>.<32 hex digits>``.

    Args:
        master: the backend's master token.
        account: the account's id.
    """
    return f"{account}.{account_code(master.encode(), account)}"


def clock_key(master: str) -> str:
    """What a request shows to set the simulated time: 32 hex digits.

    A replay that knows the master token sends ``X-Dmsim-Time: <µs>.<clock key>``.

    Args:
        master: the backend's master token.
    """
    return hmac.digest(master.encode(), b"clock", "sha256").hex()[:CODE_DIGITS]
