"""Numbers, times and names as words: no more exact than they are known, and shown as they are."""

from datetime import datetime

import pytest

from readingroom.ui.models.wording import about_words, day_words, duration_words, moment_words, showable

NOW = datetime(2026, 5, 12, 15, 30).timestamp()  # noqa: DTZ001  (the person's own clock)


def at(*parts: int) -> float:
    return datetime(*parts).timestamp()  # type: ignore[arg-type]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.002, "under 0.1 s"),
        (0.1, "0.1 s"),
        (9.94, "9.9 s"),
        (9.97, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (1210, "20 min"),
        (3900, "1 h 5 min"),
        (7200, "2 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (55, "about 1 minute"),
        (130, "about 2 minutes"),
        (5000, "about 83 minutes"),
        (9000, "about 2 hours"),
    ],
)
def test_estimates(seconds: float, words: str) -> None:
    assert about_words(seconds) == words


@pytest.mark.parametrize(
    ("when", "short", "long"),
    [
        (at(2026, 5, 12, 9, 14), "09:14", "today, 09:14"),
        (at(2026, 5, 11, 23, 59), "yesterday", "yesterday, 23:59"),
        (at(2026, 5, 3, 8, 5), "3 May", "3 May 2026, 08:05"),
        (at(2025, 9, 30, 8, 5), "30 Sept 2025", "30 Sept 2025, 08:05"),
        (at(2026, 5, 13, 8, 5), "13 May", "13 May 2026, 08:05"),
        (1e30, "", ""),
    ],
)
def test_moments(when: float, short: str, long: str) -> None:
    assert (day_words(when, NOW), moment_words(when, NOW)) == (short, long)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Договор – 契約 e\u0301.pdf", "Договор – 契約 e\u0301.pdf"),
        ("caf\udce9.txt", "caf\ufffd.txt"),
        ("two\nlines\t.txt", "two\ufffdlines\ufffd.txt"),
        ("invoice\u202efdp.exe", "invoice\ufffdfdp.exe"),
        ("a\u2067b.txt", "a\ufffdb.txt"),
    ],
)
def test_a_name_stays_on_its_line_and_in_its_direction(name: str, shown: str) -> None:
    assert showable(name) == shown
