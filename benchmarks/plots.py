"""Draws the tables of RESULTS.md that are marked for it, as pictures beside them.

    python benchmarks/plots.py

A comment before a table says how: `<!-- plot: NAME bars "TITLE" -->` or `lines`, the latter over the columns whose
heads end in `@` and a number. Writes benchmarks/plots/NAME.svg: no script, no font and no address in it.
"""

import re
from pathlib import Path

import pygal
from pygal.style import Style

_RESULTS = Path(__file__).with_name("RESULTS.md")
_STYLE = Style(
    background="#ffffff",
    plot_background="#ffffff",
    font_family="sans-serif",
    legend_font_size=12,
    colors=(
        "#b0b0b0",
        "#707070",
        "#8ab4d8",
        "#4a86b8",
        "#e0b050",
        "#c87f20",
        "#80b898",
        "#2e6b57",
        "#a05080",
        "#d090b8",
    ),
)
_MARKED = re.compile(r"<!-- plot: ([\w-]+) (bars|lines) \"([^\"]+)\" -->\n+((?:\|[^\n]*\n)+)")


def main() -> None:
    folder = _RESULTS.with_name("plots")
    folder.mkdir(exist_ok=True)
    for name, kind, title, table in _MARKED.findall(_RESULTS.read_text("utf-8")):
        heads, rows = _parsed(table)
        (folder / f"{name}.svg").write_text(_drawn(kind, title, heads, rows), "utf-8")
        print(folder / f"{name}.svg")


def _parsed(table: str) -> tuple[list[str], dict[str, list[float | None]]]:
    cells = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in table.splitlines()]
    heads, _, *rows = cells
    return heads[1:], {row[0]: [_number(cell) for cell in row[1:]] for row in rows}


def _number(cell: str) -> float | None:
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        return None


def _drawn(kind: str, title: str, heads: list[str], rows: dict[str, list[float | None]]) -> str:
    columns = [at for at in range(len(heads)) if any(values[at] is not None for values in rows.values())]
    if kind == "lines":
        columns = [at for at in columns if re.fullmatch(r"(recall|page)@\d+", heads[at])]
    chart_class = pygal.Bar if kind == "bars" else pygal.Line
    chart = chart_class(
        title=title, style=_STYLE, js=(), width=900, height=480,
        legend_at_bottom=True, truncate_legend=-1, legend_at_bottom_columns=3, disable_xml_declaration=True, include_x_axis=False,
    )  # fmt: skip
    chart.x_labels = [heads[at] for at in columns]
    for name, values in rows.items():
        chart.add(name, [values[at] for at in columns])
    chart.uuid = kind
    # What answers the mouse is left out.
    return re.sub(r"<script.*?</script>|<!--.*?-->", "", str(chart.render(is_unicode=True)), flags=re.DOTALL)


if __name__ == "__main__":
    main()
