"""The locks agree with pyproject.toml and name no place that packages come from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
GROUPS = PROJECT["dependency-groups"]
RUN = [*PROJECT["project"]["dependencies"], *GROUPS["build"]]
LOCKS = {"requirements.lock": RUN, "requirements-dev.lock": [*RUN, *GROUPS["dev"], *GROUPS["bundle"]]}


def locked_versions(name: str) -> dict[str, str]:
    """Package to version."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_pyproject_asks_for(name: str) -> None:
    """Fails when a requirement was changed without `make lock`."""
    versions = locked_versions(name)
    wrong = [
        text
        for text, requirement in ((text, Requirement(text)) for text in LOCKS[name])
        if not requirement.specifier.contains(versions.get(canonicalize_name(requirement.name), "0"))
    ]
    assert wrong == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    assert not re.search("^-", text, re.MULTILINE), "an option for pip"


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(name: str) -> None:
    text = (ROOT / name).read_text("utf-8").replace("\\\n", "")
    unhashed = [line for line in text.splitlines() if "==" in line and "--hash=sha256:" not in line]
    assert unhashed == []


def test_both_locks_agree() -> None:
    developing = locked_versions("requirements-dev.lock")
    running = locked_versions("requirements.lock")
    assert running.items() <= developing.items()


@pytest.mark.parametrize("name", LOCKS)
def test_torch_is_not_required(name: str) -> None:
    """It would weigh more than all the rest together; docs/adr/0005."""
    assert "torch" not in locked_versions(name)
