"""The guide is followed, step by step: every block is saved, every command run, its words seen."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from dmsim.paths import data_path

GUIDE = data_path("seeds") / "adapters" / "GUIDE.md"
BLOCK = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)

#: The ports that the guide names; the tests take free ones, since several may follow it at once.
PORTS = ("8100", "8101")


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def blocks() -> list[tuple[str, str, str]]:
    """Each block with its kind and the file it goes to, with ports that are free."""
    text = GUIDE.read_text(encoding="utf-8")
    for port in PORTS:
        text = text.replace(port, free_port())
    return BLOCK.findall(text)


class Reader:
    """Somebody who does what the page says in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = ""
        self.servers: list[subprocess.Popen[bytes]] = []
        scripts = folder / "bin"
        scripts.mkdir()
        for name, command in (("dmsim", "-m dmsim"), ("python3", "")):
            script = scripts / name
            script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {command} "$@"\n')
            script.chmod(0o755)
        self.env = {**os.environ, "PATH": f"{scripts}:{os.environ['PATH']}"}
        self.env.pop("DMSIM_TOKEN", None)

    def save(self, file: str, text: str, *, first: bool = False) -> None:
        path = self.folder / file
        before = path.read_text() if path.exists() else ""
        path.write_text(f"{text}\n{before}" if first else f"{before}\n{text}")

    def run(self, command: str) -> None:
        if command.endswith("&"):
            self.serve(command.removesuffix("&").split())
            return
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=self.folder, env=self.env, capture_output=True,
            text=True, timeout=120, check=False,
        )  # fmt: skip
        self.said = done.stdout + done.stderr
        assert done.returncode == 0, f"{command}\n{self.said}"

    def serve(self, command: list[str]) -> None:
        self.servers.append(
            subprocess.Popen(command, cwd=self.folder, env=self.env, start_new_session=True)
        )
        port = next(int(word) for word in command if word.isdigit())
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"nothing listens on {port}")

    def see(self, line: str) -> None:
        assert line in self.said, self.said

    def close(self) -> None:
        for server in self.servers:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def test_whoever_follows_the_guide_sees_what_it_says(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    seen = 0
    try:
        for kind, file, text in blocks():
            if kind == "sh":
                for command in text.splitlines():
                    reader.run(command)
            elif kind == "text":
                for line in text.splitlines():
                    reader.see(line)
                    seen += 1
            else:
                reader.save(file, text, first=kind == "toml-first")
    finally:
        reader.close()
    assert seen >= 9
