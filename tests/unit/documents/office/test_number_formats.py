"""Numbers are shown as the workbook shows them."""

import pytest

from readingroom.documents.office.number_formats import BUILT_IN, show_general, show_number, show_text


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.256, "0%", "26%"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (-5, "#,##0_);(#,##0)", "(5)"),
        (1234.5, "[$€-407]#,##0.00", "€1,234.50"),
        (0, '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', "-"),
        (5551234567, "(###) ###-####", "(555) 123-4567"),
        (7, "000", "007"),
        (2.675, "0.00", "2.68"),
        (1234567, '0.0,,"M"', "1.2M"),
        (-0.001, "0.00", "0.00"),
        (-3.5, "0.0", "-3.5"),
        (0.5, "#.##", ".5"),
        (5, "0.0###", "5.0"),
        (3, '[>=2]"many";"few"', "many"),
        (1, '[>=2]"many";"few"', "few"),
        (1234, "[Red]#,##0;[Blue]-#,##0", "1,234"),
        (12345, "0.00E+00", "1.23E+04"),
        (1.5, "# ?/?", "1 1/2"),
        (0.25, "?/8", "2/8"),
        (19.99, '0 "dollars and" .00 "cents"', "19 dollars and .99 cents"),
        (3, '0"h"', "3h"),
        (3, "0 kg", "3 kg"),
        (1, ";;;", ""),
        (42, "General", "42"),
    ],
)
def test_number_is_shown_by_its_format(value: float, code: str, shown: str) -> None:
    assert show_number(value, code) == shown


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (45000, "yyyy-mm-dd", "2023-03-15"),
        (45000.5, "d-mmm-yy h:mm AM/PM", "15-Mar-23 12:00 PM"),
        (45000, r"[$-409]mmmm\ d\,\ yyyy;@", "March 15, 2023"),
        (45000, "dddd", "Wednesday"),
        (1.5, "[h]:mm:ss", "36:00:00"),
        (0.5, "mm:ss.0", "00:00.0"),
        (39448.123456, "hh:mm:ss.000", "02:57:46.598"),
        (59, "d mmm yyyy", "28 Feb 1900"),
        (61, "d mmm yyyy", "1 Mar 1900"),
        (45000.999999, "yyyy-mm-dd hh:mm", "2023-03-16 00:00"),
        (45000, BUILT_IN[14], "2023-03-15"),
        (-1, "yyyy", "-1"),
        (1e12, "yyyy", "1000000000000"),
    ],
)
def test_dates_are_shown_by_their_format(value: float, code: str, shown: str) -> None:
    assert show_number(value, code) == shown


def test_workbooks_of_old_macs_count_from_1904() -> None:
    assert show_number(0, "yyyy-mm-dd", since_1904=True) == "1904-01-01"


@pytest.mark.parametrize(
    ("value", "shown"), [(0.1 + 0.2, "0.3"), (123456789012345.0, "123456789012345"), (1e300, "1e+300")]
)
def test_plain_number_is_shown_as_typed(value: float, shown: str) -> None:
    assert show_general(value) == shown


def test_text_is_kept_wrapped_or_hidden() -> None:
    assert show_text("abc", "0.00") == "abc"
    assert show_text("abc", '0;0;0;"<"@">"') == "<abc>"
    assert show_text("abc", ";;;") == ""


@pytest.mark.parametrize(
    "code", ["", "[", '"', "\\", "_", "0/", "/", "E+", "0E+", "[h", "%", ".", ",", "??/??/??"]
)
def test_code_that_makes_no_sense_loses_no_number(code: str) -> None:
    show_number(12.5, code)
    show_number(-12.5, code)
