"""A file that is not the one we locked is not installed: neither uv itself nor a package."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.locked import ROOT


def wheel(folder: Path, name: str, version: str, *, text: str) -> Path:
    """A package of one module, and a program where its name is uv's."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": text,
        f"{name}-{version}.data/scripts/{name}": f"#!/bin/sh\necho {text}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(content)},{len(content)}\n" for path, content in files.items())
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in files.items():
            archive.writestr(file, content)
        archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return path


def _digest(content: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()


# -- uv itself -------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path):
    """The installer's files beside a folder of packages, which is all that pip may read."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "packages").mkdir()
    for name in ("bootstrap-uv.sh", "uv.txt"):
        shutil.copy(ROOT / "tools" / name, tmp_path / "tools" / name)
    return tmp_path


@pytest.fixture
def bootstrap(checkout, tmp_path):
    python = Path(sys._base_executable)
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        pytest.skip("this Python has no pip")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(python)

    def run():
        environment = {
            "PATH": f"{programs}:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(checkout / "packages"),
            "PIP_NO_CACHE_DIR": "1",
        }
        command = ["sh", "tools/bootstrap-uv.sh"]
        return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)

    return run


def pinned() -> str:
    return re.search(r"^uv==(\S+)", (ROOT / "tools" / "uv.txt").read_text(), re.MULTILINE)[1]


def test_another_file_under_the_name_of_uv_is_refused(checkout, bootstrap):
    wheel(checkout / "packages", "uv", pinned(), text="bad")
    done = bootstrap()
    assert done.returncode == 1
    assert "not the ones that tools/uv.txt names" in done.stderr
    assert not (checkout / ".tools" / "bin" / "uv").exists()


def test_another_version_of_uv_is_refused(checkout, bootstrap):
    wheel(checkout / "packages", "uv", "99.0", text="newer")
    assert bootstrap().returncode == 1


def test_the_file_with_the_hash_that_is_named_is_installed(checkout, bootstrap):
    path = wheel(checkout / "packages", "uv", pinned(), text="good")
    named = f"uv=={pinned()} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"
    (checkout / "tools" / "uv.txt").write_text(named)
    done = bootstrap()
    assert done.returncode == 0, done.stderr
    assert "echo good" in (checkout / ".tools" / "bin" / "uv").read_text()


# -- packages --------------------------------------------------------------------------------------

PROJECT = """
[project]
name = "trial"
version = "1"
requires-python = ">=3.11"
dependencies = ["alpha"]

[[tool.uv.index]]
url = "http://127.0.0.1:{port}/simple"
default = true
"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def registry(tmp_path):
    """A registry on 127.0.0.1 with the package alpha; calling it publishes other content under the same name."""
    folder = tmp_path / "registry"
    (folder / "simple" / "alpha").mkdir(parents=True)

    def publish(text):
        path = wheel(folder, "alpha", "1.0", text=text)
        fragment = f"sha256={hashlib.sha256(path.read_bytes()).hexdigest()}"
        page = f'<a href="/{path.name}#{fragment}">{path.name}</a>'
        (folder / "simple" / "alpha" / "index.html").write_text(page)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        (tmp_path / "pyproject.toml").write_text(PROJECT.format(port=server.server_port))
        yield publish
        server.shutdown()


@pytest.fixture
def uv(tmp_path):
    """Run the project's uv in a folder of its own, without a cache."""
    program = shutil.which("uv") or ROOT / ".tools" / "bin" / "uv"
    if not Path(program).exists():
        pytest.skip("uv is not here: run `make setup`")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "UV_PYTHON": sys._base_executable}

    def run(*arguments):
        command = [program, *arguments, "--no-cache"]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def locked_project(registry, uv, tmp_path):
    registry("good")
    locking = uv("lock")
    assert locking.returncode == 0, locking.stderr
    assert "sha256:" in (tmp_path / "uv.lock").read_text()


def test_a_tampered_package_is_not_installed(locked_project, registry, uv, tmp_path):
    registry("bad")
    done = uv("sync", "--frozen")
    assert done.returncode != 0
    assert "hash mismatch" in done.stderr.lower()
    assert not list(tmp_path.glob(".venv/**/alpha.py"))


def test_the_package_that_was_locked_is_installed(locked_project, uv, tmp_path):
    done = uv("sync", "--frozen")
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.glob(".venv/**/alpha.py"))
