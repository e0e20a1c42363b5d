"""Tesseract's tables, its names for languages, and a program that misbehaves; a small script stands in for it."""

import os
import stat
import sys
from pathlib import Path

import pytest

from readingroom.core.page_images import PageImage
from readingroom.recognition.languages import BEYOND_BUILT_IN, SCRIPTS, TESSERACT_NAMES
from readingroom.recognition.tesseract import Tesseract

IMAGE = PageImage(1, 1, 2, 1, b"\xff" * 6, (0.36, 0.0, 0.0, 0.36, 0.0, 0.0))
HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"


def row(block: int, paragraph: int, line: int, word: int, left: int, conf: float, text: str) -> str:
    return f"5\t1\t{block}\t{paragraph}\t{line}\t{word}\t{left}\t{line * 20}\t30\t10\t{conf}\t{text}\n"


NO_LANGUAGES = 'if [ "$1" = --list-langs ]; then exit 0; fi\n'

TABLE = (
    HEAD
    + "1\t1\t0\t0\t0\t0\t0\t0\t900\t900\t-1\t\n"
    + row(1, 1, 1, 1, 0, 96, "Все")
    + row(1, 1, 1, 2, 40, 90, "люди")
    + row(1, 1, 2, 1, 0, 93, "рождаются")
    + row(1, 2, 1, 1, 0, 91, "свободными")
    + row(2, 1, 1, 1, 0, 12, "|~")
    + row(2, 1, 1, 2, 0, 95, " ")
)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that lists two languages, calls every page Cyrillic and reads `TABLE`."""
    if sys.platform == "win32":
        pytest.skip("A script is no program here.")
    table = tmp_path / "table"
    table.write_text(TABLE, encoding="utf-8")
    path = tmp_path / "tesseract"
    path.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        "--list-langs) echo 'List of available languages (3):'; echo eng; echo osd; echo rus;;\n"
        "*'--psm 0'*) cat > /dev/null; echo 'Orientation in degrees: 0'; echo 'Script: Cyrillic';;\n"
        f'*tsv*) echo "$@" > {tmp_path}/asked; cat > {tmp_path}/given; cat {table};;\n'
        "esac\n",
        encoding="utf-8",
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_words_lines_and_paragraphs_are_those_of_its_table(program: Path, tmp_path: Path) -> None:
    seen = Tesseract(program).read(IMAGE, ["rus", "eng"])
    assert seen is not None
    texts = [[line.text for line in paragraph] for paragraph in seen.paragraphs]
    assert texts == [["Все люди", "рождаются"], ["свободными"]]
    assert seen.engine == "tesseract rus+eng"
    assert seen.paragraphs[0][0].words[1].corners == ((40, 20), (70, 20), (70, 30), (40, 30))
    assert seen.paragraphs[0][0].confidence == pytest.approx((0.96 * 3 + 0.9 * 4) / 7)
    # What it doubts is left out, and told.
    assert 0 < seen.unread_share < 0.1
    assert (tmp_path / "asked").read_text().split() == [
        "-",
        "-",
        "-l",
        "rus+eng",
        "--psm",
        "1",
        "--dpi",
        "200",
        "tsv",
    ]
    assert (tmp_path / "given").read_bytes() == b"P6 2 1 255\n" + IMAGE.rgb


def test_languages_are_those_that_are_installed(program: Path) -> None:
    tesseract = Tesseract(program)
    assert tesseract.installed == {"eng", "osd", "rus"}
    assert tesseract.names_of(["ru", "el", "en", "xx", "ru"]) == ["rus", "eng"]
    assert tesseract.names_for_script_of(IMAGE) == ["rus"]


def test_a_program_that_fails_gives_nothing(program: Path) -> None:
    program.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    tesseract = Tesseract(program)
    assert tesseract.installed == frozenset()
    assert tesseract.read(IMAGE, ["rus"]) is None
    assert tesseract.names_for_script_of(IMAGE) == []


def test_signs_of_life_are_given_while_it_works(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("readingroom.recognition.tesseract._POLL_S", 0.01)
    # It answers once a sign was given.
    sign = program.parent / "sign"
    os.mkfifo(sign)
    program.write_text(
        f"#!/bin/sh\n{NO_LANGUAGES}cat > /dev/null\ncat {sign} > /dev/null\ncat {program.parent}/table\n",
        encoding="utf-8",
    )
    given: list[int] = []

    def on_progress() -> None:
        if not given:
            given.append(1)
            sign.write_bytes(b"go")

    assert Tesseract(program).read(IMAGE, ["rus"], on_progress) is not None
    assert given


def test_one_that_takes_too_long_is_ended(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("readingroom.recognition.tesseract._POLL_S", 0.01)
    monkeypatch.setattr("readingroom.recognition.tesseract._LONGEST_S", 0.05)
    program.write_text(f"#!/bin/sh\n{NO_LANGUAGES}exec sleep 100\n", encoding="utf-8")
    assert Tesseract(program).read(IMAGE, ["rus"]) is None


def test_every_language_of_a_script_has_a_name() -> None:
    names = set(TESSERACT_NAMES.values())
    assert {name for of_script in SCRIPTS.values() for name in of_script} <= names
    assert {"ru", "el", "ar", "he", "hi", "th", "ko", "vi"} <= BEYOND_BUILT_IN
    assert not {"en", "de", "fr", "pl", "tr", "zh", "ja"} & BEYOND_BUILT_IN
