"""Numba at the rim: what is compiled, and where the machine code is kept.

Numba's own cache watches only the file of the function that it caches, so a rule changed in another
file would go on running stale. The cache folder is therefore named by a digest of every source that
is compiled, of Numba's version and of the CPU. Import this module before any compiled function is
defined.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from inspect import isfunction
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from llvmlite.binding import get_host_cpu_name
from numba.core import config
from numba.extending import register_jitable

import dmsim
from dmsim import draws
from dmsim.rules import (
    accounts,
    brands,
    decide,
    messaging,
    private_replies,
    receipts,
    sanctions,
    sharing,
)

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(dmsim.__file__).parent
#: Earlier programs (other versions, other CPUs) whose machine code is kept.
_KEPT_CACHES = 4
_SOURCES = ("vocabulary.py", "draws.py", "rules/*.py", "engine/*.py")


def source_digest() -> str:
    """A digest of everything that decides what the compiled kernel does."""
    digest = hashlib.blake2b(digest_size=8)
    for pattern in _SOURCES:
        for file in sorted(_PACKAGE.glob(pattern)):
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    digest.update(numba.__version__.encode())
    digest.update(str(get_host_cpu_name()).encode())
    return digest.hexdigest()


def _cache_folder() -> Path:
    """This program's folder in the user's cache; of others only the newest few are kept."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "dmsim"
    folder = base / source_digest()
    if base.is_dir() and not folder.exists():
        newest_first = sorted(base.iterdir(), key=lambda old: old.stat().st_mtime, reverse=True)
        for old in newest_first[_KEPT_CACHES:]:
            shutil.rmtree(old, ignore_errors=True)
    return folder


_settings: Any = config
_settings.CACHE_DIR = str(_cache_folder())


def entry_point(function: F) -> F:
    """Compile a function that Python calls; its machine code is kept between runs."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))


def part(function: F) -> F:
    """Let compiled code call a function, which stays an ordinary one for everybody else.

    Inlined by force, which makes the kernel a third to a half faster than leaving it to LLVM.
    """
    register_jitable(forceinline=True)(function)
    return function


def rare_part(function: F) -> F:
    """The same for what seldom happens: a call then costs less than a copy at every place."""
    register_jitable(function)
    return function


#: Plain functions that others call as they are; compiled code may call them too.
_PLAIN = (
    draws,
    accounts,
    brands,
    decide,
    messaging,
    private_replies,
    receipts,
    sanctions,
    sharing,
)

for module in _PLAIN:
    for value in list(vars(module).values()):
        if isfunction(value) and value.__module__ == module.__name__:
            part(value)
