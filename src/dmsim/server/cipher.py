"""Texts as they lie on the disk: encrypted, and bound to the row they belong to (R96)."""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dmsim.errors import UsageError

#: Environment variable with the key.
KEY_VARIABLE = "DMSIM_KEY"

_KEY_BYTES = 32
_NONCE_BYTES = 12


class WrongKey(Exception):  # noqa: N818 - what it says, not that it is an error
    """A text was written with another key, or is not what was written."""


class Cipher:
    """AES-256 in Galois/counter mode with a random nonce for every text.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, text: str, row: str) -> bytes:
        """A text of a row, encrypted; nobody can move it to another row unnoticed."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, text.encode(), row.encode())

    def open(self, sealed: bytes, row: str) -> str:
        """The text of a row.

        Raises:
            WrongKey: it cannot be decrypted.
        """
        nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._aead.decrypt(nonce, content, row.encode()).decode()
        except (InvalidTag, ValueError):
            raise WrongKey from None


def new_key() -> str:
    """A fresh key as files and variables hold it."""
    return base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def checked_key(text: str, origin: str) -> bytes:
    """A key from the form in which files and variables hold it.

    Args:
        text: base64.
        origin: the file or variable that holds it.

    Raises:
        UsageError: it is none.
    """
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise UsageError(f"{origin}: is no key; give {_KEY_BYTES} random bytes in base64")
    return key
