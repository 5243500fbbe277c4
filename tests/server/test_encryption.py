"""Texts lie encrypted on the disk, each bound to its row."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.errors import UsageError
from dmsim.server.cipher import Cipher, WrongKey, checked_key, new_key
from dmsim.server.store import Store
from tests.server.inprocess import ANN, BEN, COMMENT, FOX, KEY, POST, VIDEO, InProcess, backend
from tests.server.seen import texts

SECRETS = {
    "message": "the treasure lies under the oak",
    "sticker": "waving from the mountain top",
    "share": "watch the dog at minute two",
    "comment": "my parcel never arrived here",
    "reply": "we are truly sorry about that",
    "private": "please tell us your number",
}


def written(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[InProcess]:
    with backend(tmp_path / "backend.db") as opened:
        opened.fill()
        opened.send(ANN, BEN, SECRETS["message"])
        opened.send(ANN, BEN, SECRETS["sticker"], content="sticker", sticker_set=3)
        share = {"content": "video", "id": VIDEO, "text": SECRETS["share"]}
        opened.act(ANN, "POST", f"threads/{BEN}/shares", share)
        opened.act(ANN, "POST", f"posts/{POST}/comments", {"text": SECRETS["comment"]})
        opened.act(FOX, "POST", f"comments/{COMMENT}/replies", {"text": SECRETS["reply"]})
        opened.act(FOX, "POST", f"comments/{COMMENT}/private_reply", {"text": SECRETS["private"]})
        yield opened


def test_no_text_is_to_be_found_in_the_files(filled: InProcess, tmp_path: Path) -> None:
    running = written(tmp_path)
    filled.close()
    for content in (running, written(tmp_path)):
        assert len(content) > 10_000
        for secret in SECRETS.values():
            pieces = (secret[start : start + 8] for start in range(len(secret) - 7))
            assert not any(piece.encode() in content for piece in pieces)
    with backend(tmp_path / "backend.db") as again:
        wanted = [SECRETS[name] for name in ("share", "sticker", "message")]
        assert texts(again, BEN, ANN) == wanted


def test_every_text_of_the_database_can_be_read_with_the_key(
    filled: InProcess, tmp_path: Path
) -> None:
    filled.close()
    connection = sqlite3.connect(tmp_path / "backend.db")
    found = [
        Cipher(KEY).open(text, f"{kind} {id_}")
        for kind, table in (("message", "messages"), ("comment", "comments"), ("reply", "replies"))
        for id_, text in connection.execute(f"SELECT id, text FROM {table} WHERE text NOT NULL")
    ]
    connection.close()
    assert sorted(found) == sorted(SECRETS.values())


def test_a_text_that_was_moved_is_noticed(filled: InProcess, tmp_path: Path) -> None:
    database = tmp_path / "backend.db"
    filled.close()
    connection = sqlite3.connect(database)
    connection.execute("UPDATE messages SET text = (SELECT text FROM messages WHERE id = 1)")
    connection.commit()
    connection.close()
    store = Store(database)
    store.unlock(KEY)
    with pytest.raises(UsageError, match=r"holds a text that is not what was written"):
        store.load()
    store.close()


def test_another_key_opens_nothing_even_after_a_reset(tmp_path: Path) -> None:
    with backend(tmp_path / "backend.db") as opened:
        opened.fill()
        opened.admin("reset")
    store = Store(tmp_path / "backend.db")
    assert store.has_key
    with pytest.raises(UsageError, match=r"was written with another key; .* choose another --db"):
        store.unlock(bytes(32))
    store.close()


@given(text=st.text(), row=st.text(max_size=20), other=st.text(max_size=20))
def test_what_is_sealed_opens_for_its_own_row_alone(text: str, row: str, other: str) -> None:
    cipher = Cipher(KEY)
    sealed = cipher.seal(text, row)
    assert cipher.open(sealed, row) == text
    assert sealed != cipher.seal(text, row)
    if other != row:
        with pytest.raises(WrongKey):
            cipher.open(sealed, other)
    with pytest.raises(WrongKey):
        Cipher(bytes(32)).open(sealed, row)


@given(sealed=st.binary(max_size=40))
def test_garbage_opens_nothing(sealed: bytes) -> None:
    with pytest.raises(WrongKey):
        Cipher(KEY).open(sealed, "message 1")


def test_keys_are_32_bytes_in_base64_and_never_the_same() -> None:
    assert len({new_key() for _ in range(100)}) == 100
    assert len(checked_key(new_key() + "\n", "here")) == 32


@pytest.mark.parametrize("text", ["", "secret", "A" * 44, "AAAA", "é" * 44, "B" * 40])
def test_what_is_no_key_is_told_without_showing_it(text: str) -> None:
    with pytest.raises(UsageError, match=r"^DMSIM_KEY: is no key; give 32 random bytes") as told:
        checked_key(text, "DMSIM_KEY")
    assert not text or text not in str(told.value)
