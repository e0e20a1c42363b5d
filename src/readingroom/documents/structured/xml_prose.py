"""Blocks of articles, books, feeds and patents in XML: JATS, TEI, DocBook, DITA, RSS, Atom, OPML, US patents."""

from collections.abc import Iterator

from lxml import etree

from readingroom.documents.blocks import Block, Kind, row_blocks
from readingroom.documents.office.xml_parts import local_name

_ROOTS = frozenset(
    "article book TEI TEI.2 teiCorpus us-patent-application us-patent-grant patent-application-publication "
    "rss RDF feed opml chapter section topic concept task reference dita appendix part refentry set "
    "pmc-articleset office PubmedArticleSet sect1 preface".split()
)
_SECTIONS = frozenset(
    "sec section div div1 div2 div3 div4 div5 chapter part appendix sect1 sect2 sect3 sect4 sect5 preface item "
    "topic concept task reference refsect1 refsect2 simplesect ack app ref-list bibliography boxed-text "
    "glossary abstract".split()
)
_HEADINGS = frozenset({"title", "head", "heading", "invention-title", "title-of-invention", "article-title"})
_NO_HEADING_IN = frozenset(
    "caption figure fig table-wrap table table-wrap-foot element-citation mixed-citation citation nlm-citation "
    "kwd-group biblStruct bibl monogr analytic series imprint cit ref product related-article biblioentry info-group note "
    "tip warning important caution formalpara example list figDesc titleStmt image textInput inline".split()
)
_TITLE_PARENTS = frozenset({"title-group", "titleStmt", "articleinfo", "bookinfo", "info", "channel", "feed"})
_BLOCKS = frozenset(
    "p para simpara formalpara s-para l lg ab quote-block blockquote disp-quote disp-formula fig caption label "
    "subject kwd-group contrib aff corresp fn ref bibl biblStruct biblioentry mixed-citation listitem list-item "
    "def-list def-item variablelist varlistentry programlisting screen literallayout code preformat verbatim "
    "title subtitle head heading article-title invention-title row tr th td cell entry table abstract "
    "description summary content claim claim-text body front back text sec section div item list orderedlist "
    "itemizedlist simplelist ol ul li dl dt dd author editor publisher pub-date pubDate date copyright-statement "
    "license permissions journal-meta journal-title article-id issn publication-reference application-reference "
    "classifications-ipcr classification-ipcr classification-cpc main-cpc us-applicant inventor assignee agent "
    "addressbook note tip warning important caution shortdesc step cmd info lead published updated category "
    "document-id priority-claim us-related-documents technical-field application tables math-block".split()
)
_ITEMS = frozenset({"list-item", "listitem", "li"})
_VERBATIM = frozenset({"programlisting", "screen", "literallayout", "preformat", "codeblock", "eg"})
_SKIPPED = frozenset(
    "annotation tex-math graphic inline-graphic media guid atom10 enclosure journal-id colspec "
    "rights-metadata textClass".split()
)
_ON_ONE_LINE = frozenset(
    "classification-ipcr classification-ipc classification-cpc classification-national document-id "
    "us-field-of-classification-search pub-date aff address date-of-birth".split()
)
"""Small parts without sentences."""
_PLAIN_CELLS = frozenset({"td", "th", "cell", "entry"})
_MAX_NESTED = 6


def is_prose(root: etree._Element) -> bool:
    """Whether it is of a vocabulary for documents; any other is data."""
    return local_name(root) in _ROOTS


def prose_blocks(root: etree._Element) -> Iterator[Block]:
    """Yield blocks in reading order; headings have the level of the section they stand in."""
    if local_name(root) == "opml":
        yield from _outline(root)
        return
    walk = _Walk("entry" if local_name(root) == "feed" else "")
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        if event == "start":
            if walk.start(element):
                events.skip_subtree()
        else:
            walk.end(element)
        if walk.ready:
            yield from walk.ready
            walk.ready.clear()
    walk.flush()
    yield from walk.ready


class _Walk:
    """Gathers text into blocks, without recursion."""

    def __init__(self, section: str) -> None:
        self.ready: list[Block] = []
        self._section = section
        self._text: list[str] = []
        self._sections = 0
        self._lists = 0
        self._marker = False
        self._has_title = False
        self._skipping: etree._Element | None = None

    def start(self, element: etree._Element) -> bool:
        """Take an element's beginning; whether its inside is done with."""
        name = local_name(element)
        if not name or name in _SKIPPED:
            self._skipping = element
            return True
        if name in {"tr", "row"}:
            self.flush()
            self.ready += _row(element)
            self._skipping = element
            return True
        if name in _ON_ONE_LINE and not _is_in_text(element):
            self.flush()
            self._text.append(" ".join(str(piece).strip() for piece in element.itertext()))
            self.flush()
            self._skipping = element
            return True
        if self._is_section(name):
            self.flush()
            self._sections += 1
        elif self._is_block(element, name):
            self.flush()
            if name in _ITEMS:
                self._lists += 1
                self._marker = True
        elif self._text and not self._text[-1][-1:].isspace() and not _is_in_text(element):
            # Names and the like: elements side by side without a space.
            self._text.append(" ")
        self._text.append(element.text or "")
        return False

    def end(self, element: etree._Element) -> None:
        """Take an element's end, and the text that follows it."""
        name = local_name(element)
        if self._skipping is element:
            self._skipping = None
        elif self._is_section(name):
            self.flush()
            self._sections -= 1
        elif self._is_block(element, name):
            self._close(element, name)
        self._text.append(element.tail or "")

    def flush(self) -> None:
        """End the paragraph or item."""
        text = " ".join("".join(self._text).split())
        self._text.clear()
        if not text:
            return
        if "</" in text or "<br" in text or "<p>" in text:
            # Feeds hold web pages as text.
            self.ready += _html_blocks(text)
        elif self._lists and self._marker:
            self.ready.append(Block(Kind.ITEM, text, min(self._lists, _MAX_NESTED)))
            self._marker = False
        else:
            self.ready.append(Block(Kind.PARAGRAPH, text))

    def _close(self, element: etree._Element, name: str) -> None:
        if name in _VERBATIM:
            code = "".join(self._text)
            self._text.clear()
            self.ready.append(Block(Kind.CODE, f"```\n{code.strip(chr(10))}\n```" if code.strip() else ""))
        elif name in _HEADINGS and (level := self._level(element, name)):
            text = " ".join("".join(self._text).split())
            self._text.clear()
            if text:
                self.ready.append(Block(Kind.HEADING, text, level))
        else:
            self.flush()
        if name in _ITEMS:
            self._lists -= 1

    def _level(self, element: etree._Element, name: str) -> int:
        """Of a heading; 0 for the title of a figure or of a work that is cited."""
        parent = element.getparent()
        around = local_name(parent) if parent is not None else ""
        if name == "heading" and (own := str(element.get("level") or "")) in set("12345"):
            return int(own) + 1
        if around in _TITLE_PARENTS or parent is None or parent.getparent() is None:
            if around == "titleStmt" and _inside(element, "sourceDesc"):
                return 0
            is_first, self._has_title = not self._has_title, True
            return 1 if is_first and not self._sections else self._sections + 1
        if around in _NO_HEADING_IN or (name == "article-title" and around != "title-group"):
            return 0
        return self._sections + 1

    def _is_section(self, name: str) -> bool:
        return name in _SECTIONS or name == self._section

    def _is_block(self, element: etree._Element, name: str) -> bool:
        if name not in _BLOCKS and name not in _VERBATIM:
            return False
        # Notes and formulas stand in the middle of sentences too, as do titles in references.
        return not _is_in_text(element)


def _is_in_text(element: etree._Element) -> bool:
    """Whether words stand beside it."""
    parent = element.getparent()
    if parent is None:
        return False
    if (element.tail or "").strip():
        return True
    before = element.getprevious()
    beside = parent.text if before is None else before.tail
    return bool((beside or "").strip())


def _inside(element: etree._Element, name: str) -> bool:
    return any(local_name(above) == name for above in element.iterancestors())


def _row(row: etree._Element) -> list[Block]:
    cells = []
    for cell in row:
        if local_name(cell) in _PLAIN_CELLS:
            text = " ".join(" ".join(str(piece) for piece in cell.itertext()).split())
            cells.append([Block(Kind.PARAGRAPH, text)] if text else [])
    return row_blocks(cells)


def _html_blocks(text: str) -> list[Block]:
    from readingroom.documents.html import parse_html

    return parse_html(text).blocks


def _outline(root: etree._Element) -> Iterator[Block]:
    for element in root.iter("{*}title", "{*}outline"):
        if local_name(element) == "title":
            yield Block(Kind.HEADING, element.text or "", 1)
            continue
        depth = sum(local_name(above) == "outline" for above in element.iterancestors()) + 1
        words = [str(element.get(key) or "") for key in ("text", "_note", "description")]
        address = str(element.get("htmlUrl") or element.get("xmlUrl") or "")
        text = "\n".join(dict.fromkeys(word for word in (*words, address) if word))
        yield Block(Kind.ITEM, " ".join(text.split()), min(depth, _MAX_NESTED))
