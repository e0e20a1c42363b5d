"""Languages of scans that are worth naming, since their writing is not read without that."""

from collections.abc import Sequence

LANGUAGES = (
    ("am", "Amharic"),
    ("ar", "Arabic"),
    ("hy", "Armenian"),
    ("be", "Belarusian"),
    ("bn", "Bengali"),
    ("bg", "Bulgarian"),
    ("my", "Burmese"),
    ("ka", "Georgian"),
    ("el", "Greek"),
    ("gu", "Gujarati"),
    ("he", "Hebrew"),
    ("hi", "Hindi"),
    ("kn", "Kannada"),
    ("km", "Khmer"),
    ("ko", "Korean"),
    ("lo", "Lao"),
    ("mk", "Macedonian"),
    ("ml", "Malayalam"),
    ("mr", "Marathi"),
    ("ne", "Nepali"),
    ("fa", "Persian"),
    ("pa", "Punjabi"),
    ("ru", "Russian"),
    ("sr", "Serbian"),
    ("si", "Sinhala"),
    ("ta", "Tamil"),
    ("te", "Telugu"),
    ("th", "Thai"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("vi", "Vietnamese"),
)
"""Two-letter codes (ISO 639-1) and English names, in the order of the names."""
_NAMED = 2


def languages_words(codes: Sequence[str]) -> str:
    """`Each page decides`, `Russian, Greek`, `Russian, Greek and 2 more`."""
    if not codes:
        return "Each page decides"
    names = [dict(LANGUAGES).get(code, code) for code in codes]
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
