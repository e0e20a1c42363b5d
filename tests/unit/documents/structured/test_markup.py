"""Headings of marked-up text are found and its words kept: LaTeX, reStructuredText, Org, AsciiDoc, subtitles."""

import io

import pytest

from readingroom.core.extraction import ExtractedDocument, ReadLimits, joined
from readingroom.documents.readers import OpenText
from readingroom.documents.structured.reading import reader_of


def read(format_name: str, text: str) -> ExtractedDocument:
    data = text.encode()
    file = OpenText(io.BytesIO(data), len(data))
    return joined(reader_of(format_name)(file, ReadLimits(), lambda _done, _total: None))


def headings(document: ExtractedDocument) -> list[tuple[int, str]]:
    return [(heading.level, heading.title) for heading in document.headings]


def test_rst_headings_have_levels_in_the_order_of_their_adornment() -> None:
    text = (
        "=====\nGuide\n=====\n\nFirst\n-----\n\nwords\n\nInner *one*\n~~~~~~~~~~~\n\n"
        "Second\n------\n\n::\n\n  Not\n  ---\n\n----\n\nx\n"
    )
    document = read("rst", text)
    assert document.text == text
    assert document.title == "Guide"
    assert headings(document) == [(1, "Guide"), (2, "First"), (3, "Inner *one*"), (2, "Second")]
    assert [text[h.start :].partition("\n")[0] for h in document.headings] == [
        "=====",
        "First",
        "Inner *one*",
        "Second",
    ]


def test_rst_table_has_no_headings() -> None:
    assert not read(
        "rst", "words\n\n=====  =====\nName   Value\n=====  =====\na      b\n=====  =====\n"
    ).headings


def test_org_headings_are_found_without_keywords_and_tags_and_not_in_blocks() -> None:
    document = read(
        "org",
        "#+TITLE: My notes\n* TODO [#A] Plan :work:\ntext\n** Inner\n#+BEGIN_SRC sh\n* no\n#+END_SRC\n*bold* x\n",
    )
    assert document.title == "My notes"
    assert headings(document) == [(1, "Plan"), (2, "Inner")]


def test_asciidoc_headings_are_found_and_not_in_listings() -> None:
    document = read(
        "asciidoc",
        "= Book\n\n== One\n\n----\n== no\n----\n\n.A table\n|===\n|== no\n|===\n\nTwo\n---\n\n=== Inner ===\n",
    )
    assert document.title == "Book"
    assert headings(document) == [(1, "Book"), (2, "One"), (2, "Two"), (3, "Inner")]


def test_latex_keeps_words_and_mathematics_and_drops_commands() -> None:
    source = (
        "\\documentclass[a4paper]{article}\n\\usepackage{amsmath}\n\\newcommand{\\R}{reals}\n\\title{On \\emph{Foxes}}\n"
        "\\begin{document}\n\\maketitle\n\\section[short]{The {\\em quick} fox}\\label{sec:fox}\n"
        "Caf\\'e and na\\\"{\\i}ve, 50\\% of $x_{1}^2 \\le y$~units % a remark\n"
        "as shown \\citep[p.~3]{knuth}\\footnote{Or not.} in \\textbf{bold} --- ``so''.\n"
        "\\begin{equation}\\label{e}\n a &= b \\\\\n\\end{equation}\n"
        "\\begin{itemize}\n\\item One\n\\end{itemize}\n\\begin{verbatim}\n\\raw{x} % kept\n\\end{verbatim}\n\\end{document}\n"
    )
    document = read("latex", source)
    assert document.title == "On Foxes"
    assert headings(document) == [(2, "The quick fox")]
    words = " ".join(document.text.split())
    for phrase in (
        "Café and naïve, 50% of $x_{1}^2 \\le y$ units",
        "as shown [knuth] (Or not.) in bold — “so”.",
        "\\begin{equation}\\label{e} a &= b \\\\ \\end{equation}",
        "- One",
        "\\raw{x}",
    ):
        assert phrase in words
    for word in ("usepackage", "reals", "remark", "sec:fox", "maketitle", "itemize"):
        assert word not in words


def test_latex_line_numbers_are_those_of_the_file() -> None:
    source = "% one\n\\def\\x{\n a\n}\n\\section{Here}\n\\begin{tikzpicture}\n x\n\\end{tikzpicture}\nlast\n"
    lines = read("latex", source).text.split("\n")
    assert lines[4] == "Here"
    assert lines[8] == "last"


@pytest.mark.timeout(20)
def test_latex_that_never_closes_anything_is_read_in_time() -> None:
    assert read("latex", "\\begin{verbatim}\n\\section{ \\[ $$ \\footnote{" * 20_000).format == "latex"


def test_subtitles_are_sentences_with_their_time_and_speaker() -> None:
    document = read(
        "subtitles",
        "WEBVTT\n\nNOTE hidden remark\n\n1\n00:00:01.000 --> 00:00:02.500 align:left\n<v Ann>Good <i>morning</i>,</v>\n\n"
        "2\n00:00:02.500 --> 00:00:04.000\n<v Ann>everyone.</v>\n\n01:02:03.000 --> 01:02:04.000\n<v Bob>Fish &amp; chips?\n",
    )
    assert document.text == "[00:00:01] Ann: Good morning, everyone.\n\n[01:02:03] Bob: Fish & chips?\n"


def test_lines_that_rolling_captions_show_again_are_said_once() -> None:
    document = read(
        "subtitles",
        "1\n00:00:01,000 --> 00:00:03,000\nfirst words\n\n2\n00:00:03,000 --> 00:00:05,000\nfirst words\nsecond words\n",
    )
    assert document.text == "[00:00:01] first words second words\n"


def test_what_has_no_cues_is_read_as_it_stands() -> None:
    assert read("subtitles", "just words\n").text == "just words\n"
