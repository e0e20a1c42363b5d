"""What kind of thing a document is, for its icon and in a word: told by its format, else by its suffix."""

from dataclasses import dataclass
from pathlib import Path

from readingroom.core.ignore_rules import kind_of
from readingroom.core.models import Document


@dataclass(frozen=True, slots=True)
class FormatKind:
    """A word and an icon of `resources/icons`."""

    word: str
    icon: str


_OTHER = FormatKind("File", "file")
_TEXT = FormatKind("Text", "text-align-start")
_TABLE = (
    (FormatKind("PDF", "file-text"), "pdf"),
    (
        FormatKind("Text document", "file-type"),
        "docx docm dotx dotm doc dot odt ott fodt rtf wpd wp wps pages",
    ),
    (
        FormatKind("Table", "file-spreadsheet"),
        "xlsx xlsm xltx xltm xlsb xls xlt ods ots fods numbers csv tsv tab psv",
    ),
    (
        FormatKind("Presentation", "presentation"),
        "pptx pptm ppsx ppsm potx potm ppt pps pot odp otp fodp key",
    ),
    (FormatKind("Web page", "globe"), "html htm xhtml xht shtml mhtml mht webarchive"),
    (FormatKind("E-mail message", "mail"), "eml emlx msg email"),
    (FormatKind("Mailbox", "inbox"), "mbox pst ost"),
    (
        FormatKind("Picture", "image"),
        "image png jpg jpeg jpe jfif gif bmp tif tiff webp heic heif avif jp2 pbm pgm ppm pnm ico psd svg xcf",
    ),
    (FormatKind("Book", "book-open"), "epub fb2 mobi azw azw3 lit djvu"),
    (
        FormatKind("Source code", "file-code"),
        "code json jsonl ndjson xml yaml yml toml latex tex ipynb notebook sql",
    ),
    (_TEXT, "text txt markdown md rst org asciidoc adoc subtitles srt vtt log"),
    (FormatKind("Archive", "archive"), "zip tar gz tgz bz2 xz 7z rar zst cab iso dmg jar"),
    (FormatKind("Sound", "music"), "mp3 wav flac ogg oga m4a aac wma opus aif aiff mid"),
    (FormatKind("Film", "film"), "mp4 m4v mov avi mkv webm wmv mpg mpeg 3gp ogv"),
)
_BY_NAME = {name: kind for kind, names in _TABLE for name in names.split()}


def format_kind(document: Document) -> FormatKind:
    """By what it was read as; what was not read is known by its suffix alone."""
    if document.format:
        return _BY_NAME.get(document.format, _TEXT)
    return kind_by_suffix(document.path)


def kind_by_suffix(path: Path) -> FormatKind:
    """By the file's name."""
    return _BY_NAME.get(kind_of(path).removeprefix("."), _OTHER)
