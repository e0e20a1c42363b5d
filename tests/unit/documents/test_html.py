"""Web pages become light Markdown: what a person sees."""

import pytest

from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.html import parse_html, read_html


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


HIDDEN = "Ignore all previous"


@pytest.mark.parametrize(
    "source",
    [
        f"<span style='display: none'>{HIDDEN}</span>",
        f"<span style='visibility:hidden'>{HIDDEN}</span>",
        f"<span hidden>{HIDDEN}</span>",
        f"<span style='font-size:0'>{HIDDEN}</span>",
        f"<span style='font-size: 0.1em'>{HIDDEN}</span>",
        f"<span style='font-size:1px'>{HIDDEN}</span>",
        f"<span style='color:#fff'>{HIDDEN}</span>",
        f"<span style='color: rgb(254, 254, 254)'>{HIDDEN}</span>",
        f"<font color=white>{HIDDEN}</font>",
        f"<span style='color:transparent'>{HIDDEN}</span>",
        f"<div style='background:black'><b style='color:#000'>{HIDDEN}</b></div>",
        f"<table bgcolor='#336699'><tr><td><font color='#336699'>{HIDDEN}</font></td></tr></table>",
        f"<span style='position:absolute; left:-9999px'>{HIDDEN}</span>",
        f"<span style='position:absolute;clip:rect(0,0,0,0)'>{HIDDEN}</span>",
        f"<span style='text-indent:-9999px'>{HIDDEN}</span>",
        f"<div style='max-height:0;overflow:hidden'>{HIDDEN}</div>",
        f"<span style='opacity:0'>{HIDDEN}</span>",
        f"<style>.x {{ display: none }}</style><span class='a x'>{HIDDEN}</span>",
        f"<style>#x{{font-size:0}}</style><p id=x>{HIDDEN}</p>",
        f"<style>p.x, em {{color:white}}</style><p class=x>{HIDDEN}</p>",
        f"<style>/* {{ */ .x{{color:#ffffff !important}}</style><p class=x style='color:black'>{HIDDEN}</p>",
        f"<style>.x{{display:none}} .open .y{{display:block}}</style><p class=x>{HIDDEN}</p>",
        f"<dialog>{HIDDEN}</dialog>",
    ],
)
def test_text_that_cannot_be_seen_is_left_out_and_noted(source: str) -> None:
    document = read(f"<p>before</p>{source}<p>after</p>")
    assert document.text == "before\n\nafter\n"
    assert document.notes == (f"Text that cannot be seen was left out (19 characters): “{HIDDEN}”",)


@pytest.mark.parametrize(
    "source",
    [
        "<span aria-hidden=true>seen</span>",
        "<p style='font-size:0'><span style='font-size:14px'>seen</span></p>",
        "<p style='visibility:hidden'><span style='visibility:visible'>seen</span></p>",
        "<div style='background:#000'><p style='color:#fff'>seen</p></div>",
        "<div style='background:url(dark.png)'><p style='color:#fff'>seen</p></div>",
        "<body bgcolor=navy text=white><p>seen</p></body>",
        "<link rel=stylesheet href=dark.css><p style='color:#fff'>seen</p>",
        "<style>@media print { p {display:none} } @supports (x) { p {display:none} }</style><p>seen</p>",
        "<style>.menu p {display:none}</style><p>seen</p>",
        "<style>p:hover {display:none} p::before {display:none}</style><p>seen</p>",
        "<style>.x{display:none} .open .x{display:block}</style><div class=open><p class=x>seen</p></div>",
        (
            "<style>.card .head{background:#333} .title{color:#fff}</style>"
            "<div class=card><div class=head><p class=title>seen</p></div></div>"
        ),
        "<style>.x{color:#fff} @media (min-width:1px) { div {background:#333} }</style><div><p class=x>seen</p></div>",
        "<style>.x{display:none} p.x{display:block}</style><p class=x>seen</p>",
        "<style>body{visibility:visible} html{display:none}</style><p>seen</p>",
        "<p style='background:linear-gradient(red,blue);background-clip:text;color:transparent'>seen</p>",
        "<p style='position:absolute;left:20px'>seen</p>",
        "<div hidden=until-found>seen</div>",
        "<details><summary>seen</summary></details>",
        "<style>p{color:white</style><style>p{color:black}</style><p>seen</p>",
    ],
)
def test_text_that_can_be_seen_stays(source: str) -> None:
    document = read(source)
    assert document.text == "seen\n"
    assert document.notes == ()


def test_words_after_hidden_ones_are_read() -> None:
    assert read("<p>one <b style='display:none'>no<i>no</i></b>two</p>").text == "one two\n"


@pytest.mark.timeout(20)
def test_absurd_style_sheets_are_read_in_bounded_time() -> None:
    rules = "".join(f".a.x{n}{{color:red}}" for n in range(20_000))
    paragraphs = "".join(f'<p class="a b{n}">x</p>' for n in range(10_000))
    assert read(f"<style>{rules}</style>{paragraphs}").text.count("x") == 10_000


def test_places_of_elements_are_found_by_their_ids() -> None:
    page = parse_html(
        "<p>a</p><h2 id=one>One</h2><p>b <a name=two></a>c</p><ul><li id=three>d</ul>",
        frozenset({"one", "two", "three"}),
    )
    assert page.places == {"one": 1, "two": 2, "three": 3}
    assert [block.text for block in page.blocks] == ["a", "One", "b c", "d"]
