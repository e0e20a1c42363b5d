"""Numbers, dates and names that a source does or does not have."""

import pytest

from readingroom.core.facts import missing_numbers, names_in


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("It was 1.6 billion in 2023.", "Revenue 1,577.3 (in millions), FY23"),
        ("It came to $1,577.3 million.", "1 577,3"),
        ("It rose by 30%.", "It rose by 29.6 percent."),
        ("ten days until 31 March", "Up to 10 days, 31/03/2025"),
        ("10 days", "ten days"),
        ("25 members", "twenty-five members"),
        ("On 2024-03-31 it lapsed.", "31 March 2024"),
        ("1234 units", "1,234 units"),
        ("the years 2021 to 2023 (p. 14)", "2021-22 and 2023"),
        ("two reasons are given", "because of rain"),
        ("14 days ahead", "two weeks in advance"),
        ("for 2 years", "24 months"),
        ("229, 198 and 194", "229\n198\n194\n607"),
    ],
)
def test_a_number_stands_there_however_it_is_written(claim: str, source: str) -> None:
    assert missing_numbers(claim, [source]) == []


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("a fee of $38", "from $32 to $8"),
        ("31%", "29.6 percent"),
        ("29.6 percent", "30%"),
        ("in 2019", "from 2018 to 2021"),
        ("twelve days", "up to ten days"),
        ("until 30 April", "until 30 March"),
        ("2,000 people", "2,018 people"),
    ],
)
def test_a_number_that_the_source_does_not_have_is_found_out(claim: str, source: str) -> None:
    assert missing_numbers(claim, [source])


def test_names_are_words_with_a_capital_that_the_sentence_does_not_explain() -> None:
    assert names_in("The firm was founded by Anna Weber in Oslo in March.") == ["Anna", "Weber", "Oslo"]
    assert names_in("It is what the Company owes.") == []


def test_where_every_noun_has_a_capital_none_is_taken_for_a_name() -> None:
    assert names_in("Der Urlaub wird auf das nächste Jahr von der Firma übertragen.") == []
