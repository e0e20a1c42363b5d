"""Source code stays as it stands, with headings at what it defines."""

import io

import pytest

from readingroom.core.extraction import ExtractedDocument, ReadLimits, joined
from readingroom.documents.readers import OpenText
from readingroom.documents.structured.source_code import read_code

SAMPLES = {
    ".py": (
        "@decorated\nclass A(B):\n    async def go(self): pass\n\ndef f():\n    def g(): pass\n",
        ["class A", "  def go", "def f", "  def g"],
    ),
    ".js": (
        "export class A { go() {} }\nconst f = async () => 1;\nconst n = 1;\nfunction g() {}\n",
        ["class A", "  go", "const f", "function g"],
    ),
    ".ts": (
        "export interface I { a: string }\nenum E { X }\nabstract class A { go(): void {} }\n",
        ["interface I", "enum E", "class A", "  go"],
    ),
    ".tsx": ("export const View = () => <p>word</p>;\n", ["const View"]),
    ".java": (
        "class A { A() {} int go() { return 1; } }\ninterface I {}\n",
        ["class A", "  A", "  go", "interface I"],
    ),
    ".c": (
        "static char *name(int a)\n{ return 0; }\nstruct s { int a; };\nstruct s x;\n",
        ["name", "struct s"],
    ),
    ".cpp": (
        "namespace n { class A { void go() {} }; }\ntemplate <class T> int n::B<T>::run() { return 1; }\n",
        ["namespace n", "  class A", "    go", "n::B<T>::run"],
    ),
    ".rs": (
        "pub struct S;\nimpl Show for S { fn go(&self) {} }\nmod m;\n",
        ["struct S", "impl Show for S", "  fn go"],
    ),
    ".go": (
        "package p\ntype T struct{}\nfunc (t *T) Go() {}\nfunc main() {}\n",
        ["type T", "func Go", "func main"],
    ),
    ".rb": (
        "module M\n  class A\n    def go; end\n    def self.make; end\n  end\nend\n",
        ["module M", "  class A", "    def go", "    def self.make"],
    ),
    ".cs": (
        "namespace N { class A { int P { get; set; } void Go() {} } }\n",
        ["namespace N", "  class A", "    P", "    Go"],
    ),
    ".php": (
        "<?php\nclass A { function go() {} }\nfunction f() {}\n",
        ["class A", "  function go", "function f"],
    ),
    ".sh": ("go() { echo; }\nfunction run { echo; }\n", ["function go", "function run"]),
}


def read(suffix: str, text: str) -> ExtractedDocument:
    data = text.encode()
    return joined(
        read_code(OpenText(io.BytesIO(data), len(data), suffix), ReadLimits(), lambda _done, _total: None)
    )


@pytest.mark.parametrize("suffix", SAMPLES)
def test_definitions_are_headings_and_the_text_is_unchanged(suffix: str) -> None:
    text, expected = SAMPLES[suffix]
    document = read(suffix, text)
    assert document.text == text
    assert ["  " * (heading.level - 1) + heading.title for heading in document.headings] == expected


def test_headings_begin_with_the_line_and_its_decorators_whatever_letters_come_before() -> None:
    text = '"""Größe – 💡."""\n\n@cached\ndef weigh():\n    pass\n'
    (heading,) = read(".py", text).headings
    assert text[heading.start :].startswith("@cached")


def test_comments_are_no_headings() -> None:
    assert not read(".py", "# Title\n# =====\nx = 1\n").headings


def test_header_of_cpp_under_a_name_of_c_is_read_as_such() -> None:
    assert [h.title for h in read(".h", "class A {\n  int go() { return 1; }\n};\n").headings] == [
        "class A",
        "go",
    ]


def test_unfinished_code_keeps_what_is_whole() -> None:
    assert "def f" in [h.title for h in read(".py", "def f():\n    pass\n\nclass B(\n").headings]


def test_other_languages_are_plain() -> None:
    document = read(".hs", "main = print 1\n")
    assert (document.text, document.headings) == ("main = print 1\n", ())


def test_very_long_code_is_read_in_parts_without_headings() -> None:
    text = "def f():\n    return 1\n\n" * 150_000
    document = read(".py", text)
    assert document.text == text
    assert len(document.pages) > 1
    assert not document.headings


@pytest.mark.timeout(30)
def test_code_nested_without_end_is_read_in_time() -> None:
    assert read(".py", "def f(:\n (" * 150_000).text.startswith("def f(")
