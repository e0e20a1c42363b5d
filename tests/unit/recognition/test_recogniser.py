"""Which engine reads a page; the engines are stand-ins."""

from collections.abc import Callable, Sequence

import pytest

from readingroom.core.page_images import PageImage
from readingroom.recognition.recogniser import Recogniser
from readingroom.recognition.seen import SeenLine, SeenPage, SeenWord

IMAGE = PageImage(1, 1, 1, 1, b"\xff" * 3, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0))


def page(text: str, engine: str, confidence: float, unread_share: float = 0.0) -> SeenPage:
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    lines = ((SeenLine((SeenWord(text, corners),), confidence),),) if text else ()
    return SeenPage(lines, engine, unread_share)


class BuiltIn:
    def __init__(self, seen: SeenPage) -> None:
        self.seen = seen
        self.asked = 0

    def read(self, _image: PageImage, _on_progress: Callable[[int, int], None]) -> SeenPage:
        self.asked += 1
        return self.seen


class Tesseract:
    def __init__(self, seen: SeenPage | None, script: Sequence[str] = ("rus",)) -> None:
        self.seen = seen
        self.script = list(script)
        self.asked: list[list[str]] = []

    def names_of(self, languages: Sequence[str]) -> list[str]:
        installed = {"ru": "rus", "vi": "vie", "en": "eng", "de": "deu"}
        return [installed[code] for code in languages if code in installed]

    def names_for_script_of(self, _image: PageImage) -> list[str]:
        return list(self.script)

    def read(
        self, _image: PageImage, names: Sequence[str], _on_progress: Callable[[], None]
    ) -> SeenPage | None:
        self.asked.append(list(names))
        return self.seen


def recogniser(built_in: BuiltIn, tesseract: Tesseract | None) -> Recogniser:
    made = Recogniser()
    made.__dict__.update(_built_in=built_in, _tesseract=tesseract)
    return made


RUSSIAN = page("Все", "tesseract rus+eng", 0.95)


def test_what_the_built_in_engine_reads_surely_is_left_to_it() -> None:
    tesseract = Tesseract(RUSSIAN)
    made = recogniser(BuiltIn(page("Rent", "built-in", 0.98, 0.1)), tesseract)
    assert made.recognise(IMAGE, ["ru"]).text == "Rent\n"
    assert tesseract.asked == []


@pytest.mark.parametrize("seen", [page("", "built-in", 1.0, 0.9), page("CC XLO", "built-in", 0.8)])
def test_a_script_it_does_not_know_is_left_to_tesseract_in_the_language_of_the_page(seen: SeenPage) -> None:
    tesseract = Tesseract(RUSSIAN)
    recognised = recogniser(BuiltIn(seen), tesseract).recognise(IMAGE, [])
    assert (recognised.text, recognised.engine) == ("Все\n", "tesseract rus+eng")
    assert tesseract.asked == [["rus", "eng"]]


def test_the_persons_languages_are_taken_before_the_script_is_guessed() -> None:
    tesseract = Tesseract(RUSSIAN, script=["bul"])
    recogniser(BuiltIn(page("", "built-in", 1.0, 0.9)), tesseract).recognise(IMAGE, ["de", "ru"])
    assert tesseract.asked == [["rus", "deu", "eng"]]


def test_the_better_of_two_doubtful_readings_stands() -> None:
    badly = page("~|", "tesseract rus+eng", 0.5, 0.5)
    assert (
        recogniser(BuiltIn(page("Rent", "built-in", 0.9)), Tesseract(badly)).recognise(IMAGE, []).text
        == "Rent\n"
    )


@pytest.mark.parametrize("tesseract", [None, Tesseract(None), Tesseract(RUSSIAN, script=[])])
def test_without_tesseract_or_its_language_what_the_built_in_engine_saw_stands(
    tesseract: Tesseract | None,
) -> None:
    recognised = recogniser(BuiltIn(page("", "built-in", 1.0, 0.9)), tesseract).recognise(IMAGE, [])
    assert (recognised.text, recognised.engine, recognised.unread_share) == ("", "built-in", 0.9)


def test_vietnamese_goes_to_tesseract_first_since_the_built_in_engine_misreads_it() -> None:
    built_in, tesseract = (
        BuiltIn(page("Tt c", "built-in", 0.99)),
        Tesseract(page("Tất cả", "tesseract vie+eng", 0.95)),
    )
    assert recogniser(built_in, tesseract).recognise(IMAGE, ["vi"]).text == "Tất cả\n"
    assert built_in.asked == 0
    assert recogniser(built_in, None).recognise(IMAGE, ["vi"]).text == "Tt c\n"
