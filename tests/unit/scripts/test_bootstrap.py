"""What stands between a fresh checkout and the program."""

import subprocess
import sys
from pathlib import Path

import bootstrap
import pytest
import system_libraries

SCRIPT = Path(bootstrap.__file__)


def test_an_unknown_command_names_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["fly"]) == 2
    assert "run|test" in capsys.readouterr().err


def test_an_old_python_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (99, 0))
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert bootstrap.main(["setup"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_the_fingerprint_follows_the_lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    root = tmp_path / "a checkout"
    root.mkdir()
    for name in ("pyproject.toml", "pyvenv.cfg", "requirements.lock"):
        (root / name).write_text("one")
    monkeypatch.setattr(bootstrap, "ROOT", root)
    monkeypatch.setattr(bootstrap, "VENV", root)
    before = bootstrap._fingerprint(root / "requirements.lock")
    assert bootstrap._fingerprint(root / "requirements.lock") == before
    (root / "requirements.lock").write_text("two")
    assert bootstrap._fingerprint(root / "requirements.lock") != before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="system packages are a matter of Linux")
def test_a_missing_system_library_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(system_libraries, "QT_LIBRARIES", {"libnosuchthing.so.9": "libnosuchthing9"})
    monkeypatch.setattr(system_libraries, "apt_install", lambda packages: False)
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/" + name)
    sentence = system_libraries.install_missing()
    assert sentence is not None
    assert sentence.endswith("sudo apt-get install libnosuchthing9")


def test_the_script_needs_nothing_but_the_standard_library() -> None:
    """-S leaves out site-packages: what a fresh Python has must be enough."""
    done = subprocess.run(
        [sys.executable, "-S", "-E", str(SCRIPT)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")
