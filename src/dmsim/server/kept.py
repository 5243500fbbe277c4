"""The backend's secrets: given, or, for the master token and the key, kept beside the database."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dmsim.adapters.tokens import TOKEN_VARIABLE, checked_token, new_master_token
from dmsim.errors import UsageError
from dmsim.server.cipher import KEY_VARIABLE, checked_key, new_key

T = TypeVar("T")

#: Environment variable with the secret that signs webhooks.
WEBHOOK_SECRET_VARIABLE = "DMSIM_WEBHOOK_SECRET"


def given_token(token_file: Path | None) -> str | None:
    """The master token that the user gave: in a file, else in the environment.

    Raises:
        UsageError: the file cannot be read, or the token is none.
    """
    return _given(token_file, "--token-file", TOKEN_VARIABLE, checked_token)


def given_key(key_file: Path | None) -> bytes | None:
    """The key of the texts that the user gave: in a file, else in the environment.

    Raises:
        UsageError: the file cannot be read, or the key is none.
    """
    return _given(key_file, "--key-file", KEY_VARIABLE, checked_key)


def given_webhook_secret(secret_file: Path | None) -> str | None:
    """The secret that signs webhooks, as the user gave it: in a file, else in the environment.

    Raises:
        UsageError: the file cannot be read, or the secret is none.
    """
    return _given(secret_file, "--webhook-secret-file", WEBHOOK_SECRET_VARIABLE, checked_token)


def kept_token(database: Path) -> str:
    """The master token kept beside the database, which only the owner may read; made if missing.

    Raises:
        UsageError: the file cannot be read or written, or the token is none.
    """
    kept = database.with_name(database.name + ".token")
    if not kept.exists():
        _write(kept, new_master_token(), "--token-file")
    print(f"master token in {kept}", file=sys.stderr, flush=True)
    return checked_token(_read(kept, "--token-file"), str(kept))


def kept_key(database: Path, *, is_new: bool) -> bytes:
    """The key kept beside the database, which only the owner may read; made with the database.

    Raises:
        UsageError: the file cannot be read or written, or the key is none; or there is none,
            though the database was written with one.
    """
    kept = database.with_name(database.name + ".key")
    if not kept.exists():
        if not is_new:
            raise UsageError(
                f"{kept}: is missing, and without it nobody can read {database}; bring it back,"
                f" give its content by --key-file or {KEY_VARIABLE}, or choose another --db"
            )
        _write(kept, new_key(), "--key-file")
    print(f"key of the messages in {kept}", file=sys.stderr, flush=True)
    return checked_key(_read(kept, "--key-file"), str(kept))


def _given(
    file: Path | None, option: str, variable: str, check: Callable[[str, str], T]
) -> T | None:
    if file is not None:
        return check(_read(file, option), str(file))
    if variable in os.environ:
        return check(os.environ[variable], variable)
    return None


def _read(path: Path, option: str) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}; give a readable {option}") from None


def _write(path: Path, secret: str, option: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give a {option}") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")
