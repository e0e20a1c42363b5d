"""`.gitignore` files in a linked folder are understood as git understands them."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readingroom.core.source_rules import SourceRules
from readingroom.services.rules import Rules, leaves_out

PLAIN = SourceRules()


def test_git_ignore_files_speak_of_their_own_folder(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("*.log\n/out/\n", encoding="utf-8")
    (tmp_path / "a" / ".gitignore").write_bytes(b"\xef\xbb\xbf!keep.log\r\n/only-here\r\n")
    (tmp_path / "a" / "b" / ".gitignore").write_text("keep.log\n", encoding="utf-8")
    rules = Rules(str(tmp_path), SourceRules(git_ignore=True))
    assert leaves_out(rules, "x.log", 1) == ".gitignore: *.log"
    assert leaves_out(rules, "out/x.pdf", 1) == ".gitignore: /out/"
    assert leaves_out(rules, "a/out/x.pdf", 1) is None
    assert leaves_out(rules, "a/keep.log", 1) is None
    assert leaves_out(rules, "a/b/keep.log", 1) == "a/b/.gitignore: keep.log"
    assert leaves_out(rules, "a/only-here", 1) == "a/.gitignore: /only-here"
    assert leaves_out(Rules(str(tmp_path), PLAIN), "x.log", 1) is None, "only where it is asked for"


def test_the_persons_own_word_goes_before_git_ignore(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.pdf\nbuild/\n", encoding="utf-8")
    rules = Rules(str(tmp_path), SourceRules("!papers/*.pdf", git_ignore=True))
    assert leaves_out(rules, "papers/a.pdf", 1) is None
    assert leaves_out(rules, "a.pdf", 1) == ".gitignore: *.pdf"


def test_a_git_ignore_that_is_changed_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / ".gitignore"
    file.write_text("*.log\n", encoding="utf-8")
    assert leaves_out(Rules(str(tmp_path), SourceRules(git_ignore=True)), "a.log", 1)
    file.write_text("*.tmpl\n", encoding="utf-8")
    assert leaves_out(Rules(str(tmp_path), SourceRules(git_ignore=True)), "a.log", 1) is None


def test_a_git_ignore_that_is_no_plain_file_says_nothing(tmp_path: Path) -> None:
    """A pipe would be waited on for ever; git does not follow a link either."""
    (tmp_path / "patterns").write_text("*\n", encoding="utf-8")
    (tmp_path / ".gitignore").symlink_to("patterns")
    (tmp_path / "a" / ".gitignore").mkdir(parents=True)
    rules = Rules(str(tmp_path), SourceRules(git_ignore=True))
    assert leaves_out(rules, "a/x.pdf", 1) is None


NAMES = ("a", "b", "ab", "aXb", "b.x", "é", "c d", "#a", "!a", "日")
PATTERNS = st.builds(
    "{}{}{}".format,
    st.sampled_from(("", "", "!", "/", "!/")),
    st.lists(
        st.sampled_from(
            ("*", "**", "a", "b", "a*", "*b", "*.x", "a?b", "[ab]", "[!a]b", "a*b*", "é", "c d", "\\#a")
        ),
        min_size=1,
        max_size=3,
    ).map("/".join),
    st.sampled_from(("", "", "/", " ")),
)
FILES = st.lists(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join),
    min_size=1,
    max_size=12,
    unique=True,
)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    FILES,
    st.dictionaries(
        st.sampled_from(("", "a", "a/b", "ab")), st.lists(PATTERNS, min_size=1, max_size=5), max_size=3
    ),
)
def test_git_ignore_is_understood_as_git_does(
    tmp_path: Path, files: list[str], ignoring: dict[str, list[str]]
) -> None:
    root = tmp_path / "tree"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    subprocess.run(["git", "init", "-q", "."], cwd=root, check=True)
    made = []
    for name in files:
        path = root / name
        if any(above.is_file() for above in path.parents) or path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        made.append(name)
    for folder, lines in ignoring.items():
        if (root / folder).is_dir():
            (root / folder / ".gitignore").write_text("\n".join(lines) + "\n", encoding="utf-8")
    asked = subprocess.run(
        ["git", "-c", "core.excludesFile=", "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=root,
        input="\0".join(made).encode(),
        capture_output=True,
        check=False,
    )
    rules = Rules(str(root), SourceRules(git_ignore=True))
    ours = {name for name in made if leaves_out(rules, name, 0) is not None}
    assert ours == {name for name in asked.stdout.decode().split("\0") if name}
