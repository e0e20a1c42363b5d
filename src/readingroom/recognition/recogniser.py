"""Recognises a page with the engine that fits it: the built-in one, or Tesseract for scripts that one does not know."""

from collections.abc import Callable, Sequence
from functools import cached_property

from readingroom.core.page_images import PageImage
from readingroom.core.recognition import RecognisedPage
from readingroom.recognition.built_in import BuiltInEngine
from readingroom.recognition.languages import BEYOND_BUILT_IN, MISREAD
from readingroom.recognition.page_text import compose
from readingroom.recognition.seen import SeenPage
from readingroom.recognition.tesseract import Tesseract

_MUCH = 0.3
"""Of what looks like writing: with more of it unread, another engine may know the script."""
_DOUBTFUL = 0.93
"""Greek, of which it knows some letters, is read with 0.9, Hebrew as nonsense with 0.8; clean Latin with 0.98 and more."""


class Recogniser:
    """Both engines, each loaded when first needed. One caller at a time.

    The built-in engine reads every page first, unless one of the person's languages is of those it misreads; where
    it could not read much of what it saw, Tesseract is asked, in the person's languages or those of the page's script.
    """

    @cached_property
    def _built_in(self) -> BuiltInEngine:
        return BuiltInEngine()

    @cached_property
    def _tesseract(self) -> Tesseract | None:
        return Tesseract.find()

    def recognise(
        self, image: PageImage, languages: Sequence[str], on_progress: Callable[[], None] = lambda: None
    ) -> RecognisedPage:
        """Read a page. `on_progress` is called at least every few seconds. Raises `RecognitionUnavailable`."""
        seen: SeenPage | None = None
        if MISREAD.intersection(languages):
            seen = self._by_tesseract(image, languages, on_progress)
        if seen is None or _is_doubtful(seen):
            seen = self._better(seen, self._built_in.read(image, lambda _done, _all: on_progress()))
            if _is_doubtful(seen) and not seen.engine.startswith("tesseract"):
                seen = self._better(self._by_tesseract(image, languages, on_progress), seen)
        return compose(seen, image.to_points)

    def _by_tesseract(
        self, image: PageImage, languages: Sequence[str], on_progress: Callable[[], None]
    ) -> SeenPage | None:
        tesseract = self._tesseract
        if tesseract is None:
            return None
        names = tesseract.names_of([code for code in languages if code in BEYOND_BUILT_IN])
        names = names or tesseract.names_for_script_of(image)
        if not names:
            return None
        on_progress()
        # English words stand in texts of all languages.
        names += tesseract.names_of([code for code in (*languages, "en") if code not in BEYOND_BUILT_IN])
        return tesseract.read(image, list(dict.fromkeys(names)), on_progress)

    @staticmethod
    def _better(one: SeenPage | None, other: SeenPage) -> SeenPage:
        return other if one is None or _worth(other) >= _worth(one) else one


def _is_doubtful(seen: SeenPage) -> bool:
    return seen.unread_share > _MUCH or seen.confidence < _DOUBTFUL


def _worth(seen: SeenPage) -> float:
    """How much of the page was read, and how surely."""
    return (1.0 - seen.unread_share) * seen.confidence if seen.paragraphs else 0.0
