"""What LaTeX's commands are to a reader: dropped, kept, or a character."""

import unicodedata

SECTIONS = {
    "part": 1,
    "chapter": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "subparagraph": 6,
    "frametitle": 3,
}
TITLES = frozenset({"title"})

DROPPED: dict[str, int] = {
    **dict.fromkeys(
        "addtolength addtocounter counterwithin definecolor fontsize newcolumntype numberwithin setcounter "
        "setlength setmainfont settowidth theoremstyle newif rule".split(),
        2,
    ),
    **dict.fromkeys(
        "addbibresource bibliography bibliographystyle captionsetup documentclass graphicspath hspace hypersetup "
        "hyphenation includegraphics includeonly index geometry label lstset pagenumbering pagestyle "
        "pgfplotsset RequirePackage selectlanguage thispagestyle tikzset tikzstyle usepackage "
        "usetheme usecolortheme usetikzlibrary vspace color bibitem phantom hphantom vphantom cline cmidrule "
        "institute rowcolor cellcolor columncolor nocite".split(),
        1,
    ),
    **dict.fromkeys("newcommand renewcommand providecommand DeclareMathOperator newtheorem let".split(), 2),
    **dict.fromkeys("newenvironment renewenvironment".split(), 3),
    "addcontentsline": 3,
    "href": 1,
    "textcolor": 1,
    "colorbox": 1,
    "multicolumn": 2,
    "multirow": 2,
    "parbox": 1,
    "resizebox": 2,
    "scalebox": 1,
    "raisebox": 1,
}
"""Command -> how many of its arguments say nothing to a reader; those after them stay."""
CITATIONS = frozenset(
    "cite citep citet citealp citealt citeauthor citeyear parencite textcite autocite footcite supercite "
    "Citet Citep Cite Textcite Parencite citenum".split()
)
REFERENCES = frozenset("ref eqref pageref autoref cref Cref nameref vref".split())
"""What they give is counted when the document is set; it is not in the file."""
NOTES = frozenset("footnote thanks footnotetext marginpar".split())
ENVIRONMENTS_WITH_ARGUMENTS = {
    "tabular": 1,
    "tabularx": 2,
    "tabular*": 2,
    "longtable": 1,
    "array": 1,
    "minipage": 1,
    "thebibliography": 1,
    "wrapfigure": 2,
    "multicols": 1,
    "list": 2,
    "adjustbox": 1,
}
VERBATIM = frozenset({"verbatim", "verbatim*", "Verbatim", "lstlisting", "minted", "alltt", "filecontents"})
PICTURES = frozenset({"tikzpicture", "pgfpicture", "picture", "comment", "asy", "CCSXML"})
MATH = frozenset(
    name + star
    for name in "equation align gather multline eqnarray math displaymath alignat flalign dmath".split()
    for star in ("", "*")
)
SYMBOLS = {
    **{name: name for name in ("LaTeX", "TeX", "BibTeX")},
    "ldots": "…",
    "dots": "…",
    "textellipsis": "…",
    "textendash": "–",
    "textemdash": "—",
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textunderscore": "_",
    "textbar": "|",
    "textdegree": "°",
    "texttrademark": "™",
    "textregistered": "®",
    "copyright": "©",
    "pounds": "£",
    "euro": "€",
    "texteuro": "€",
    "S": "§",
    "P": "¶",
    "dag": "†",
    "ddag": "‡",
    "ss": "ß",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "o": "ø",
    "O": "Ø",
    "aa": "å",
    "AA": "Å",
    "l": "ł",
    "L": "Ł",
    "i": "ı",
    "j": "ȷ",
    "quad": " ",
    "qquad": " ",
    "newline": " ",
    "textquoteright": "’",
    "guillemotleft": "«",
    "guillemotright": "»",
}
_ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "d": "\u0323",
    "b": "\u0331",
    "r": "\u030a",
    "k": "\u0328",
}


def accented(accent: str, letter: str) -> str:
    """Put the accent that a command writes (`'`, `c` after a backslash) over or under a letter."""
    letter = {"\\i": "i", "\\j": "j"}.get(letter, letter)
    return unicodedata.normalize("NFC", letter + _ACCENTS[accent])
