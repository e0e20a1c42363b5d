"""Comments on a PDF page and values of its form, where they are not drawn as text."""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from readingroom.core.extraction import Rectangle
from readingroom.documents.mupdf import MUPDF_ERRORS, pymupdf, without_surrogates
from readingroom.documents.page_words import TextLine, clean

_UNSEEN = pymupdf.PDF_ANNOT_IS_HIDDEN | pymupdf.PDF_ANNOT_IS_NO_VIEW
_NOT_COMMENTS = frozenset(
    {
        pymupdf.PDF_ANNOT_LINK,
        pymupdf.PDF_ANNOT_POPUP,
        pymupdf.PDF_ANNOT_WIDGET,
        pymupdf.PDF_ANNOT_FILE_ATTACHMENT,
    }
)
_TICKED = frozenset({pymupdf.PDF_WIDGET_TYPE_CHECKBOX, pymupdf.PDF_WIDGET_TYPE_RADIOBUTTON})
_VALUED = frozenset(
    {pymupdf.PDF_WIDGET_TYPE_TEXT, pymupdf.PDF_WIDGET_TYPE_COMBOBOX, pymupdf.PDF_WIDGET_TYPE_LISTBOX}
)
_MAX_COMMENTS = 2000
_MAX_COMMENT = 20_000

_Remark = tuple[Rectangle, str]


def kinds_of_annotations(page: Any) -> dict[int, int]:
    """The kind of each annotation on a page by its number in the file."""
    try:
        return {number: kind for number, kind, _ in page.annot_xrefs()}
    except MUPDF_ERRORS:
        return {}


def annotation_lines(
    page: Any,
    kinds: AbstractSet[int],
    text: str,
    in_points: Callable[[Rectangle], Rectangle],
    *,
    placed: bool,
) -> list[TextLine]:
    """Lines for what `text`, the page's own, does not hold already; their places are those of the annotations.

    `kinds` of annotations are on the page.
    """
    lines: list[TextLine] = []
    for block, (box, remark) in enumerate(_remarks(page, kinds, text)):
        if block == _MAX_COMMENTS:
            break
        place = in_points(box)
        for raw in remark[:_MAX_COMMENT].splitlines():
            line = clean(without_surrogates(raw))
            lines.append(TextLine(block, place, line, (place,) * len(line) if placed else ()))
    return lines


def _remarks(page: Any, kinds: AbstractSet[int], text: str) -> Iterator[_Remark]:
    if not kinds - {pymupdf.PDF_ANNOT_LINK, pymupdf.PDF_ANNOT_POPUP}:
        return
    there = _squeezed(text)
    try:
        if kinds - _NOT_COMMENTS:
            yield from _comments(page, there)
        if pymupdf.PDF_ANNOT_WIDGET in kinds:
            yield from _values(page, there)
    except MUPDF_ERRORS:
        return


def _comments(page: Any, there: str) -> Iterator[_Remark]:
    for annotation in page.annots():
        if annotation.type[0] in _NOT_COMMENTS or annotation.flags & _UNSEEN:
            continue
        about = annotation.info
        content = (about.get("content") or "").strip()
        if content and _squeezed(content) not in there:
            author = (about.get("title") or "").strip()
            yield (
                tuple(annotation.rect),
                f"Comment by {author}: {content}" if author else f"Comment: {content}",
            )


def _values(page: Any, there: str) -> Iterator[_Remark]:
    for field in page.widgets():
        value = field.field_value
        if field.field_display == 1 or not value:
            continue
        name = field.field_label or field.field_name or ""
        if field.field_type in _TICKED:
            if value is True or value not in {"Off", "No", False}:
                yield tuple(field.rect), f"{name}: ticked"
        elif field.field_type in _VALUED:
            shown = _as_shown(field, value if isinstance(value, str) else ", ".join(map(str, value)))
            if shown.strip() and _squeezed(shown) not in there:
                yield tuple(field.rect), f"{name}: {shown}"


def _as_shown(field: Any, value: str) -> str:
    """A choice has a value for programs and one for people."""
    pairs = [choice for choice in field.choice_values or () if isinstance(choice, (tuple, list))]
    return next((str(shown) for exported, shown, *_ in pairs if exported == value), value)


def _squeezed(text: str) -> str:
    return "".join(clean(text).split()).casefold()
