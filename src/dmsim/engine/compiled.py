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
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from llvmlite.binding import get_host_cpu_name
from numba.core import config
from numba.extending import intrinsic, overload, register_jitable

import dmsim
from dmsim.rules import messaging, private_replies

F = TypeVar("F", bound=Callable[..., Any])
A = TypeVar("A")

_PACKAGE = Path(dmsim.__file__).parent
#: Earlier programs (other versions, other CPUs) whose machine code is kept.
_KEPT_CACHES = 4
_SOURCES = ("vocabulary.py", "rules/*.py", "engine/*.py")


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

    Inlined by force: the state is a tuple of arrays, which calls would hand over word by word.
    """
    register_jitable(forceinline=True)(function)
    return function


def borrowed(array: A) -> A:
    """The array itself; in compiled code one whose references are not counted.

    Whoever calls an entry point holds the arrays, so counting every access is waste, and a large
    one: the kernel spent two thirds of its time on it.
    """
    return array


@intrinsic
def _uncounted(_context: Any, array: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        struct = context.make_helper(builder, signature.args[0], values[0])
        struct.meminfo = struct.meminfo.type(None)
        struct.parent = struct.parent.type(None)
        return struct._getvalue()

    return array(array), generate


@overload(borrowed)
def _borrowed(array: Any) -> Any:
    def compiled(array: Any) -> Any:
        return _uncounted(array)  # type: ignore[call-arg]

    return compiled


for rule in (
    messaging.may_use_messages,
    messaging.is_friend,
    messaging.setting_admits,
    messaging.barrier,
    messaging.place,
    messaging.thread_for_sender,
    messaging.decide_message,
    messaging.decide_request,
    private_replies.decide_private_reply,
):
    part(rule)
