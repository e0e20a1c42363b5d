"""PowerPoint presentations: a page a slide, read as a person reads it."""

from pathlib import Path

import pytest

from helpers.office_files import DATA, presentation, read, relations, shape, slide
from readingroom.core.errors import DocumentCorrupt
from readingroom.core.extraction import Heading, ReadLimits

BULLETS = '<a:buChar char="•"/>'


def page(tmp_path: Path, shapes: str, **options: str) -> str:
    return read(presentation(tmp_path / "a.pptx", {"slide1.xml": slide(shapes, **options)})).text


def test_slides_come_in_the_order_of_the_show(tmp_path: Path) -> None:
    path = presentation(
        tmp_path / "a.pptx",
        {
            "slide9.xml": slide(shape("First", held="title")),
            "slide1.xml": slide(shape("Second", held="title")),
        },
    )
    document = read(path)
    assert [(p.number, p.label, p.text) for p in document.pages] == [
        (1, "First", "# First\n\n"),
        (2, "Second", "# Second\n\n"),
    ]
    assert document.headings == (Heading(1, "First", 0), Heading(1, "Second", 9))
    assert document.title == "First"


def test_title_comes_first_and_the_rest_by_place(tmp_path: Path) -> None:
    shapes = (
        shape("below", at=(0, 500))
        + shape("above", at=(0, 200))
        + shape("Title", held="ctrTitle", at=(0, 700))
    )
    assert page(tmp_path, shapes) == "# Title\n\nabove\n\nbelow\n\n"


def test_columns_are_read_one_by_one(tmp_path: Path) -> None:
    shapes = "".join(
        shape(text, at=at, size=(300, 90))
        for text, at in (("r1", (600, 100)), ("l1", (50, 100)), ("r2", (600, 200)), ("l2", (50, 200)))
    )
    assert page(tmp_path, shapes).split() == ["l1", "l2", "r1", "r2"]


def test_shapes_of_a_group_stand_together_where_the_group_stands(tmp_path: Path) -> None:
    group = (
        '<p:grpSp><p:grpSpPr><a:xfrm><a:off x="100" y="500"/><a:ext cx="400" cy="200"/>'
        '<a:chOff x="0" y="0"/><a:chExt cx="4000" cy="2000"/></a:xfrm></p:grpSpPr>'
        f"{shape('in group, below', at=(0, 1000), size=(2000, 500))}{shape('in group', at=(0, 0), size=(2000, 500))}</p:grpSp>"
    )
    text = page(tmp_path, group + shape("before it", at=(100, 100)) + shape("after it", at=(100, 720)))
    assert text == "before it\n\nin group\n\nin group, below\n\nafter it\n\n"


CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"


def chart(title: str, names: list[str], categories: list[str], values: list[list[str]]) -> str:
    def cached(texts: list[str]) -> str:
        points = "".join(f'<pt idx="{n}"><v>{text}</v></pt>' for n, text in enumerate(texts))
        return f"<strRef><strCache>{points}</strCache></strRef>"

    series = "".join(
        f"<ser><tx>{cached([name])}</tx><cat>{cached(categories)}</cat><val>{cached(column)}</val></ser>"
        for name, column in zip(names, values, strict=True)
    )
    return (
        f'<chartSpace xmlns="{CHART}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><chart>'
        f"<title><tx><rich><a:p><a:r><a:t>{title}</a:t></a:r></a:p></rich></tx></title>"
        f"<plotArea>{series}</plotArea></chart></chartSpace>"
    )


def framed(part: str = "x") -> str:
    return (
        f'<p:graphicFrame><a:graphic><a:graphicData><c:chart xmlns:c="{CHART}" r:id="{part}"/></a:graphicData></a:graphic>'
        "</p:graphicFrame>"
    )


def test_charts_give_their_words_and_numbers(tmp_path: Path) -> None:
    path = presentation(
        tmp_path / "a.pptx",
        {"a.xml": slide(framed())},
        parts={
            "ppt/slides/_rels/a.xml.rels": relations({"x": ("chart", "../chart.xml")}),
            "ppt/chart.xml": chart("Ducks", ["Wild", "Tame"], ["2019", "2020"], [["12", "13"], ["8", "9"]]),
        },
    )
    assert read(path).text == "Ducks\n\n|  | Wild | Tame |\n| 2019 | 12 | 8 |\n| 2020 | 13 | 9 |\n\n"


def test_damaged_chart_costs_the_chart(tmp_path: Path) -> None:
    path = presentation(
        tmp_path / "a.pptx",
        {"a.xml": slide(framed() + shape("good"))},
        parts={
            "ppt/slides/_rels/a.xml.rels": relations({"x": ("chart", "../chart.xml")}),
            "ppt/chart.xml": "<chartSpace>",
        },
    )
    document = read(path)
    assert document.text == "good\n\n"
    assert document.notes == ("Slide 1 is damaged and could not be read in full.",)


def test_real_diagram_is_a_nested_list() -> None:
    document = read(DATA / "testPPT_diagramData.pptx")
    assert "- President\n  - VP – HR\n    - Manager 1\n  - VP - Marketing\n" in document.text


def test_notes_and_comments_stand_below(tmp_path: Path) -> None:
    notes = slide(shape("Say hello", held="body") + shape("7", held="sldNum"), root="notes")
    path = presentation(
        tmp_path / "a.pptx",
        {"slide1.xml": slide(shape("Title", held="title"))},
        parts={
            "ppt/slides/_rels/slide1.xml.rels": relations(
                {"n": ("notesSlide", "../notes.xml"), "c": ("comments", "../comments.xml")}
            ),
            "ppt/notes.xml": notes,
            "ppt/comments.xml": "<cmLst><cm><text>Too long</text></cm></cmLst>",
        },
    )
    document = read(path)
    assert document.text == "# Title\n\n## Notes\n\nSay hello\n\n## Comments\n\nToo long\n\n"
    assert [heading.title for heading in document.headings] == ["Title", "Notes", "Comments"]


def test_hidden_slide_is_noted_and_keeps_its_number(tmp_path: Path) -> None:
    path = presentation(
        tmp_path / "a.pptx",
        {"a.xml": slide(shape("secret"), attributes='show="0"'), "b.xml": slide(shape("seen"))},
    )
    document = read(path)
    assert [(p.number, p.text) for p in document.pages] == [(1, ""), (2, "seen\n\n")]
    assert document.notes == (
        "Text that cannot be seen was left out (6 characters on slide 1, which is hidden in the show): “secret”",
    )


@pytest.mark.parametrize(
    "hidden",
    [
        shape("secret", hidden=True),
        shape("secret", at=(1200, 100)),
        shape("secret", at=(0, -60)),
        shape("secret", at=(-300, 100)),
        shape("secret", at=(0, 900)),
        shape("secret", run='<a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>'),
        shape("secret", run="<a:noFill/>"),
        shape(
            "secret", run='<a:solidFill><a:srgbClr val="000000"><a:alpha val="0"/></a:srgbClr></a:solidFill>'
        ),
        shape("secret").replace("<a:rPr>", '<a:rPr sz="100">'),
        shape(
            "secret",
            run='<a:solidFill><a:srgbClr val="00FF00"/></a:solidFill>',
            properties='<a:solidFill><a:srgbClr val="00FF00"/></a:solidFill>',
        ),
    ],
    ids=[
        "hidden",
        "right of the slide",
        "above it",
        "left of it",
        "below it",
        "white",
        "no ink",
        "transparent",
        "tiny",
        "on its own colour",
    ],
)
def test_what_cannot_be_seen_is_left_out_and_noted(tmp_path: Path, hidden: str) -> None:
    path = presentation(tmp_path / "a.pptx", {"slide1.xml": slide(shape("seen", at=(0, 0)) + hidden)})
    document = read(path)
    assert document.text == "seen\n\n"
    assert document.notes == ("Text that cannot be seen was left out (6 characters on slide 1): “secret”",)


WHITE = '<a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>'
DARK = '<a:solidFill><a:srgbClr val="101010"/></a:solidFill>'


@pytest.mark.parametrize(
    ("shapes", "background"),
    [
        (shape("seen", run=WHITE, properties=DARK), ""),
        (shape("seen", run=WHITE), f"<p:bg><p:bgPr>{DARK}</p:bgPr></p:bg>"),
        (shape("seen", run=WHITE), "<p:bg><p:bgPr><a:blipFill/></p:bgPr></p:bg>"),
        ("<p:pic/>" + shape("seen", run=WHITE), ""),
        (shape("", properties=DARK) + shape("seen", run=WHITE), ""),
    ],
    ids=["dark shape", "dark slide", "picture as ground", "on a picture", "on another shape"],
)
def test_white_letters_on_a_dark_ground_are_read(tmp_path: Path, shapes: str, background: str) -> None:
    assert page(tmp_path, shapes, background=background) == "seen\n\n"


def test_footers_are_read_once_and_slide_numbers_never(tmp_path: Path) -> None:
    shapes = shape("Acme", held="ftr") + shape("3", held="sldNum")
    path = presentation(tmp_path / "a.pptx", {"a.xml": slide(shapes), "b.xml": slide(shapes + shape("x"))})
    assert [p.text for p in read(path).pages] == ["Acme\n\n", "x\n\n"]


def test_words_of_the_master_are_read_on_the_first_slide(tmp_path: Path) -> None:
    master = slide(shape("Company") + shape("Click to edit", held="title"), root="sldMaster")
    parts: dict[str, str | bytes] = {
        "ppt/layout.xml": slide("", root="sldLayout"),
        "ppt/_rels/layout.xml.rels": relations({"m": ("slideMaster", "master.xml")}),
        "ppt/master.xml": master,
    }
    for name in ("a", "b"):
        parts[f"ppt/slides/_rels/{name}.xml.rels"] = relations({"l": ("slideLayout", "../layout.xml")})
    path = presentation(tmp_path / "a.pptx", {"a.xml": slide(""), "b.xml": slide(shape("x"))}, parts=parts)
    assert [p.text for p in read(path).pages] == ["Company\n\n", "x\n\n"]


def test_place_of_a_placeholder_is_the_layouts(tmp_path: Path) -> None:
    layout = slide(shape("", held="body", at=(0, 50)), root="sldLayout")
    path = presentation(
        tmp_path / "a.pptx",
        {"a.xml": slide(shape("below", at=(0, 400)) + shape("above", held="body"))},
        parts={
            "ppt/slides/_rels/a.xml.rels": relations({"l": ("slideLayout", "../layout.xml")}),
            "ppt/layout.xml": layout,
        },
    )
    assert read(path).text == "above\n\nbelow\n\n"


def test_paragraphs_of_a_body_are_items(tmp_path: Path) -> None:
    assert page(tmp_path, shape("one\ntwo", held="body")) == "- one\n- two\n\n"


def test_damaged_slide_costs_that_slide(tmp_path: Path) -> None:
    path = presentation(
        tmp_path / "a.pptx", {"a.xml": slide(shape("x"))[:-60], "b.xml": slide(shape("good"))}
    )
    document = read(path)
    assert [p.text for p in document.pages] == ["", "good\n\n"]
    assert document.notes == ("Slide 1 is damaged and could not be read in full.",)


def test_missing_and_damaged_parts_of_a_slide_cost_those_parts(tmp_path: Path) -> None:
    path = presentation(
        tmp_path / "a.pptx",
        {"a.xml": slide(shape("good"))},
        parts={
            "ppt/slides/_rels/a.xml.rels": relations(
                {"n": ("notesSlide", "../notes.xml"), "l": ("slideLayout", "../gone.xml")}
            ),
            "ppt/notes.xml": "<notes",
        },
    )
    document = read(path)
    assert document.text == "good\n\n"
    assert document.notes == ("Slide 1 is damaged and could not be read in full.",)


def test_slides_are_found_when_the_list_of_slides_is_damaged(tmp_path: Path) -> None:
    path = presentation(
        tmp_path / "a.pptx",
        {"slide2.xml": slide(shape("two")), "slide1.xml": slide(shape("one"))},
        parts={"ppt/presentation.xml": "<p:presentation"},
    )
    assert [p.text for p in read(path).pages] == ["one\n\n", "two\n\n"]


def test_presentation_without_any_readable_part_is_corrupt(tmp_path: Path) -> None:
    path = presentation(tmp_path / "a.pptx", {}, parts={"ppt/presentation.xml": "<p:presentation"})
    with pytest.raises(DocumentCorrupt, match="PowerPoint presentation is damaged"):
        read(path)


def test_limits_keep_the_slides_before(tmp_path: Path) -> None:
    path = presentation(tmp_path / "a.pptx", {f"{n}.xml": slide(shape("word " * 10)) for n in range(4)})
    document = read(path, ReadLimits(max_pages=2))
    assert len(document.pages) == 2
    assert document.notes == ("Only the first 2 of 4 slides were read: that is the limit.",)
    document = read(path, ReadLimits(max_chars=120))
    assert len(document.pages) == 2
    assert document.notes == ("Only the first 2 of 4 slides were read: the limit is 120 characters.",)
