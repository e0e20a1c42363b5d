"""Brings the marks by which an answer points to passages to one form, `[n]`, whatever style a model writes them in.

Models are told to write `[2]` and write `[1, 2]`, `(Source: 2)`, `【1†source】`, `[^1]` or `[Passage 2, p. 14]` as well. What
stands in code and in links is left as it is, and so are years, values and intervals that only look like numbers of passages.
"""

import re
import unicodedata
from dataclasses import dataclass

_WIDEST_RANGE = 20
"""`[1-3]` is three passages; `[1-100]` is no range of passages."""
_LONGEST = 120
"""Characters in one pair of brackets; more is text."""
_CLOSING = {"[": "]", "【": "】", "〔": "〕", "［": "］", "(": ")", "（": "）"}
_ROUND = "(（"
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"

_SPECIAL = re.compile(rf"[ \t]*(?:[`~<\[【〔［(（]|\\\[|\^\[|[{_SUPERSCRIPTS}])")
_PENDING = re.compile(r"[ \t]*[\\^]?\Z")
_SPAN = re.compile(r"(`+)(?!`)(?:[^`\n]|(?!\1(?!`))`+)*?(?<!`)\1(?!`)")
_FENCE = re.compile(r"(`{3,}|~{3,})[^`\n]*(?:\n|\Z)")
_LINK_END = re.compile(r"\((?:<[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()]*)*)(?:\s+[\"'][^\"'\n]*[\"'])?\)")
_AUTOLINK = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>")
_RAISED = re.compile(r"<sup>([^<>\n]{1,24})</sup>", re.IGNORECASE)
_OPEN_TAG = re.compile(r"<(?:[A-Za-z][^\s<>]*|sup>[^<>\n]{0,24}(?:</?s?u?p?)?)?\Z", re.IGNORECASE)
_RAISED_RUN = re.compile(rf"[{_SUPERSCRIPTS}]+(?:[,˒][{_SUPERSCRIPTS}]+)*")
_RAISED_AFTER = re.compile(r"(?:[^\W\d_]{4,}|[.,;:!?\"'”’»)\]])\Z")
"""Letters of a word or the end of a sentence: `m²`, `10³` and `sin²` are no notes."""
_UNITS = frozenset(
    "metre metres meter meters mile miles feet foot inch inches yard yards second seconds".split()
)

_NOUNS = (
    "sources source passages passage documents document docs doc references reference refs ref citations citation "
    "excerpts excerpt contexts context chunks chunk snippets snippet quellen quelle textstellen textstelle dokumente "
    "dokument passagen belege beleg fuentes fuente pasajes pasaje documentos documento fonti fonte fontes passaggi "
    "passaggio bronnen bron kilder kilde källor källa źródła źródło источники источник фрагменты фрагмент "
    "来源 來源 出典 資料 资料 文献 文檔 文档 段落 引用 출처 자료"
).split()
_LEADS = "see cf from per siehe vgl voir véase vedi".split()
_NOUN = rf"(?:{'|'.join(_NOUNS)})"
_SEE = rf"(?:(?:{'|'.join(_LEADS)})\.?)"
_PAGES = r"\b(?:pp?|pages?|s|seiten?|págs?|pág|стр)\b\.?\s*\d+(?:\s*-\s*\d+)?"
_NUMBER = r"\*{0,2}[#^]?\s*(?:n[ro]\.?\s*)?\d{1,3}(?!\d)\^?\*{0,2}"
_ITEM = rf"(?:{_NOUN}(?![^\W\d_])\.?[\s_]*:?\s*)?{_NUMBER}(?:\s*(?:-|to\b|bis\b|\.\.)\s*{_NUMBER})?(?:\s*[,:]?\s*{_PAGES})?"
_BETWEEN = r"(?:\s*(?:[,;/&、·]|\band\b|\bund\b|\bet\b|\by\b|\bor\b|\boder\b|\bи\b)+\s*|\s+)"
_CONTENT = re.compile(
    rf"(?:{_SEE}\s+)?{_ITEM}(?:{_BETWEEN}{_ITEM})*(?:\s*(?::\d+)?†.*|\s*[,:]\s*\S.*\.[a-z]{{2,5}}\b.*)?"
)
_NAMED = re.compile(rf"(?:{_SEE}\s+)?{_NOUN}")
_PARTS = re.compile(rf"{_PAGES}|(\d+)(?:\s*(?:-|to\b|bis\b|\.\.)\s*[#^]?(\d+))?")
_FIRST_WORDS = frozenset(_NOUNS + _LEADS)
_FIRST_WORD = re.compile(r"\s*([^\W\d_]*)(.?)")
_BRACKETED = re.compile(r"\s*(?:\[[^\[\]]*\]|【[^【】]*】|［[^［］]*］)(?:[\s,;&]|and)*")
_LIKE_MARKER = re.compile(r"[\w\s.,;:/&#^*†\-–—‑、，；：·()\[\]【】［］（）\\'\"’]*", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Marker:
    """A place in an answer that points to passages."""

    start: int
    end: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Text that is left as it is, and the marker that follows, if one does; `after` is where to go on."""

    after: int
    marker: Marker | None = None
    fence: str = ""
    """What opened the code block that is still open there."""


def normalised(answer: str, count: int) -> str:
    """The answer with its markers as `[1][3]`; numbers beyond `count`, with which no passage came, are dropped."""
    writer = MarkerWriter(count)
    return writer.take(answer) + writer.rest()


def find_markers(answer: str) -> list[Marker]:
    """The markers outside code, in order; `[1, 3]` is one marker with two numbers."""
    markers = []
    stretch = _Stretch(0)
    while (following := _next(answer, stretch, final=True)) is not None:
        stretch = following
        if stretch.marker is not None:
            markers.append(stretch.marker)
    return markers


class MarkerWriter:
    """The same for an answer that is being written: whatever the pieces, what comes out is that of the whole.

    Held back is only what may yet become a marker; when nothing more comes, or the model died, `rest` has it.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._text = ""
        self._done = _Stretch(0)

    def take(self, piece: str) -> str:
        """A further piece; gives what is decided."""
        self._text += piece
        return self._decide(final=False)

    def rest(self) -> str:
        """What was held back; nothing the second time."""
        return self._decide(final=True)

    def _decide(self, *, final: bool) -> str:
        out = []
        while (stretch := _next(self._text, self._done, final=final)) is not None:
            if stretch.marker is None:
                out.append(self._text[self._done.after : stretch.after])
            else:
                out.append(self._written(stretch.marker))
            self._done = stretch
        return "".join(out)

    def _written(self, marker: Marker) -> str:
        known = "".join(f"[{n}]" for n in marker.numbers if n <= self._count)
        # Without a number the blanks before it go as well.
        return self._text[self._done.after : marker.start] + known if known else ""


def _next(text: str, done: _Stretch, *, final: bool) -> _Stretch | None:
    """What follows as far as it is decided; None where nothing more is. A marker takes the blanks before it."""
    at = done.after
    if at >= len(text):
        return None
    if done.fence:
        return _code_line(text, at, done.fence, final=final)
    found = _SPECIAL.search(text, at)
    if found is None:
        held = _PENDING.search(text, at)
        end = len(text) if final or held is None else held.start()
        return _Stretch(end) if end > at else None
    if found.start() > at:
        return _Stretch(found.start())
    return _decided(text, found.start(), found.end(), final=final)


def _decided(text: str, blank: int, after_sign: int, *, final: bool) -> _Stretch | None:
    """What begins with a sign before `after_sign`: code, a link, a marker or the bare sign; None while it is open."""
    sign = text[after_sign - 1]
    if sign in "`~":
        return _code(text, after_sign - 1, final=final)
    if sign == "<":
        return _tag(text, blank, after_sign - 1, final=final)
    if sign in _SUPERSCRIPTS:
        run = _RAISED_RUN.match(text, after_sign - 1)
        assert run is not None  # noqa: S101  (the sign is one of its own)
        if not final and text[run.end() : run.end() + 2] in ("", ",", "˒"):
            return None
        raised = unicodedata.normalize("NFKC", run.group().replace("˒", ","))
        numbers = _numbers(raised) if _may_be_raised(text, blank, after_sign - 1) else ()
        return _Stretch(run.end(), Marker(after_sign - 1, run.end(), numbers) if numbers else None)
    return _bracketed(text, blank, after_sign - 1, final=final)


def _code(text: str, at: int, *, final: bool) -> _Stretch | None:
    run = len(text) - at - len(text[at:].lstrip(text[at]))
    if "\n" not in text[at:] and not final and (run > 2 or at + run == len(text)):
        return None
    line_start = text.rfind("\n", 0, at) + 1
    opens = run > 2 and not text[line_start:at].strip(" \t>-*+0123456789.)")
    if opens and (fence := _FENCE.match(text, at)) is not None:
        return _Stretch(fence.end(), fence=fence.group(1))
    if text[at] == "`" and (span := _SPAN.match(text, at)) is not None:
        return None if span.end() == len(text) and not final else _Stretch(span.end())
    if text[at] == "`" and not final and "\n" not in text[at:]:
        return None
    return _Stretch(at + run)


def _code_line(text: str, at: int, fence: str, *, final: bool) -> _Stretch | None:
    end = text.find("\n", at) + 1
    if not end:
        return _Stretch(len(text), fence=fence) if final else None
    line = text[at:end].strip(" \t>\n")
    closes = len(line) >= len(fence) and not line.strip(fence[0])
    return _Stretch(end, fence="" if closes else fence)


def _tag(text: str, blank: int, at: int, *, final: bool) -> _Stretch | None:
    if (link := _AUTOLINK.match(text, at)) is not None:
        return _Stretch(link.end())
    if (raised := _RAISED.match(text, at)) is not None:
        content = raised.group(1).strip()
        plain = content.strip("[]")
        sure = plain != content or _may_be_raised(text, blank, at)
        numbers = _numbers(_folded(plain)) if sure else ()
        return _Stretch(raised.end(), Marker(at, raised.end(), numbers) if numbers else None)
    may_become = not final and len(text) - at < _LONGEST and _OPEN_TAG.match(text, at) is not None
    return None if may_become else _Stretch(at + 1)


def _bracketed(text: str, blank: int, at: int, *, final: bool) -> _Stretch | None:
    close = _close_of(text, at)
    if close is None:
        waits = not final and len(text) - at <= _LONGEST and "\n" not in text[at:] and _may_become(text, at)
        return None if waits else _Stretch(at + 1)
    end = close + 1
    if text[at] == "[":
        if end == len(text) and not final:
            return None
        if text.startswith("(", end):
            if (link := _LINK_END.match(text, end)) is not None:
                return _Stretch(link.end())
            if not final and re.search(r"[)\n]", text[end:]) is None and len(text) - end < 4 * _LONGEST:
                return None
    content = text[at + 1 : close].removesuffix("\\")
    numbers = _numbers_in_round(content) if text[at] in _ROUND else _numbers(_folded(_unwrapped(content)))
    start = at - 1 if at > blank and text[at - 1] in "\\^" else at
    return _Stretch(end, Marker(start, end, numbers)) if numbers else _Stretch(at + 1)


def _close_of(text: str, at: int) -> int | None:
    """Where the bracket at `at` is closed, on its line and not too far."""
    opening, closing, depth = text[at], _CLOSING[text[at]], 0
    for place in range(at, min(len(text), at + _LONGEST)):
        if text[place] == "\n":
            return None
        depth += (text[place] == opening) - (text[place] == closing)
        if depth == 0:
            return place
    return None


def _may_become(text: str, at: int) -> bool:
    """Whether what was opened at `at` may yet be a marker or a link."""
    if text[at] == "[":
        return True
    if _LIKE_MARKER.fullmatch(text, at + 1) is None:
        return False
    if text[at] not in _ROUND:
        return True
    first = _FIRST_WORD.match(text, at + 1)
    assert first is not None  # noqa: S101  (it matches nothing as well)
    word, following = first.group(1).casefold(), first.group(2)
    if following:
        return word in _FIRST_WORDS or (not word and following in "[【［")
    return any(known.startswith(word) for known in _FIRST_WORDS)


def _numbers_in_round(content: str) -> tuple[int, ...]:
    """`(1)` begins an item of a list as often as not: in round brackets a word or square ones must say what it is."""
    rest = content
    numbers: list[int] = []
    while (inner := _BRACKETED.match(rest)) is not None:
        found = _numbers(_folded(inner.group().strip(" \t,;&and")[1:-1]))
        if not found:
            return ()
        numbers += found
        rest = rest[inner.end() :]
    if numbers:
        return tuple(dict.fromkeys(numbers)) if not rest.strip() else ()
    folded = _folded(_unwrapped(content))
    return _numbers(folded) if _NAMED.match(folded) else ()


def _numbers(folded: str) -> tuple[int, ...]:
    """The numbers of passages that the content of a pair of brackets names; none where it is something else."""
    if _CONTENT.fullmatch(folded) is None:
        return ()
    own = re.split(r"†|(?::\d+)†", folded)[0]
    if (named := re.search(r"[,:]\s*[^\d\s].*\.[a-z]{2,5}\b", own)) is not None:
        own = own[: named.start()]
    numbers: list[int] = []
    for first, last in _PARTS.findall(own):
        if not first:
            continue
        start, end = int(first), int(last or first)
        if start < 1 or end < start or end - start > _WIDEST_RANGE:
            return ()
        numbers += range(start, end + 1)
    return tuple(dict.fromkeys(numbers))


def _unwrapped(content: str) -> str:
    """`[[1], [2]]` holds what `[1, 2]` does."""
    return re.sub(r"\]\s*\[", ", ", content).replace("[", " ").replace("]", " ")


def _folded(content: str) -> str:
    folded = unicodedata.normalize("NFKC", content).casefold()
    return re.sub(r"\s+", " ", re.sub(r"[‐‑–—−]", "-", folded)).strip()


def _may_be_raised(text: str, blank: int, at: int) -> bool:
    """Whether a raised number may point to a passage: directly after a word or a sentence, not after a unit."""
    before = _RAISED_AFTER.search(text, max(0, at - 24), at)
    return blank == at and before is not None and before.group().casefold() not in _UNITS
