"""Web pages become light Markdown: what a person sees."""

from readingroom.core.models import ExtractedDocument, ReadLimits
from readingroom.documents.html import read_html


def read(source: str) -> ExtractedDocument:
    return read_html(source.encode("utf-8"), ReadLimits())


def test_headings_paragraphs_and_title() -> None:
    document = read(
        "<title>A  page</title><h1>One <b>bold</b></h1><p>Some <i>words</i>\n here<br>next</p><h2>Two</h2>x"
    )
    assert document.title == "A page"
    assert document.text == "# One bold\n\nSome words here\nnext\n\n## Two\n\nx\n"
    assert [(h.level, h.title, document.text[h.start]) for h in document.headings] == [
        (1, "One bold", "#"),
        (2, "Two", "#"),
    ]


def test_lists_nest_and_count() -> None:
    text = read("<ul><li>a<ul><li>b</li></ul><li>c</ul><ol start=3><li><p>d</p><p>more</p><li>e</ol>").text
    assert text == "- a\n  - b\n- c\n3. d\n\nmore\n\n4. e\n"


def test_tables_become_rows() -> None:
    text = read("<table><tr><th>a<th>b</tr><tr><td>1|2<td><p>x</p><p>y</p></tr></table>").text
    assert text == "| a | b |\n| 1|2 | x y |\n"


def test_table_that_arranges_the_page_is_read_as_text() -> None:
    text = read("<table><tr><td><h1>Menu</h1>m</td><td><p>Body</p></td></tr></table>").text
    assert text == "# Menu\n\nm\n\nBody\n"


def test_code_keeps_its_lines() -> None:
    assert read("<pre><code>def f():\n    return 1</code></pre><p>x").text == "def f():\n    return 1\n\nx\n"


def test_nothing_unseen_is_read() -> None:
    text = read(
        "<style>p{}</style><script>alert('no')</script><p>yes<img src='data:image/png;base64,AAAA' alt=''>"
        "<span hidden>no</span><span style='display: none'>no</span><!-- no --><template>no</template>"
        "<a href='http://no'>link</a></p>"
    ).text
    assert text == "yeslink\n"


def test_reading_aids_of_ruby_text_do_not_split_the_word() -> None:
    assert read("<p><ruby>東<rt>とう</rt></ruby><ruby>京<rt>きょう</rt></ruby>都</p>").text == "東京都\n"


def test_broken_markup_is_read() -> None:
    assert read("<p>one<div>two</span><p><b>three").text.split() == ["one", "two", "three"]


def test_markup_characters_in_text_are_not_escaped() -> None:
    assert read("<p>a_b *c* &lt;d&gt; [e] 1. #f</p>").text == "a_b *c* <d> [e] 1. #f\n"


def test_empty_page_has_no_text() -> None:
    assert read("<html></html>").text == ""
    assert read("<!-- -->").text == ""


def test_misdeclared_charset_is_overruled() -> None:
    russian = "Все люди рождаются свободными и равными в своем достоинстве и правах. " * 3
    data = b'<meta charset="utf-8"><p>' + russian.encode("cp1251")
    assert russian.strip() in read_html(data, ReadLimits()).text
