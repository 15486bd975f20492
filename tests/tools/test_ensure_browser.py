"""What the browser tests need is installed, or told with the names of the packages."""

import shutil
import subprocess

import pytest

from tools.locked import ROOT

PACKAGES = "chromium fontconfig fonts-noto-core"


@pytest.fixture
def machine(tmp_path):
    """``machine(apt_get="exit 0", ...)``: a machine that has these programs and little else. Returns what was said."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("grep", "cat", "env"):
        (folder / name).symlink_to(shutil.which(name))

    def run(user="0", **programs):
        for name, text in {"id": f"echo {user}", **programs}.items():
            program = folder / name.replace("_", "-")
            program.write_text(f'#!/bin/sh\necho "{program.name} $*" >> {tmp_path}/calls\n{text}\n')
            program.chmod(0o755)
        command = ["/bin/sh", ROOT / "tools" / "ensure-browser.sh"]
        done = subprocess.run(command, env={"PATH": str(folder)}, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    run.calls = lambda: (tmp_path / "calls").read_text().splitlines()
    return run


def test_where_all_is_there_nothing_is_said_or_done(machine):
    assert machine(chromium="", fc_list="echo Noto Sans Devanagari") == (0, "")


def test_without_debians_packages_it_says_what_to_install_and_how_to_do_without(machine):
    code, said = machine()
    assert code == 1
    assert PACKAGES in said
    assert "make test BROWSER=no" in said


def test_who_may_not_install_is_told_the_command(machine):
    code, said = machine(user="1000", apt_get="exit 99")
    assert code == 1
    assert f"apt-get install {PACKAGES}" in said
    assert not [call for call in machine.calls() if call.startswith("apt-get")]


def test_root_installs_what_is_missing_and_says_so(machine):
    code, said = machine(apt_get="exit 0", fc_list="echo Noto Sans Devanagari")
    assert code == 0
    assert "being installed now: chromium" in said
    assert "apt-get install -y -qq --no-install-recommends chromium" in machine.calls()


def test_others_install_through_sudo(machine):
    code, _said = machine(user="1000", apt_get="exit 0", sudo='exec "$@"', chromium="")
    assert code == 0
    assert "apt-get install -y -qq --no-install-recommends fontconfig fonts-noto-core" in machine.calls()


def test_a_failed_installation_is_told(machine):
    code, said = machine(apt_get="echo no network >&2; exit 100")
    assert code == 1
    assert "no network" in said
    assert "could not be installed" in said
