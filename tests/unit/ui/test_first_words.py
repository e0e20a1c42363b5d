"""What the beginning of a workspace says of its documents."""

import pytest

from readingroom.core.models import DocumentState
from readingroom.services.first_minutes import Greeting
from readingroom.ui.models.first_words import read_words, unread_words

LOCKED = ((DocumentState.ENCRYPTED, 1),)


@pytest.mark.parametrize(
    ("read", "pending", "said"),
    [
        (0, 3, "Its documents are being read; questions can be asked as soon as the first is."),
        (0, 0, "None of its documents could be read so far."),
        (1, 1, "1 document was read and can be asked about. 1 more is being read."),
    ],
)
def test_what_was_read_is_told_from_what_is_to_be_and_from_what_cannot(
    read: int, pending: int, said: str
) -> None:
    formats = (("pdf", read),) if read else ()
    greeting = Greeting(read, formats, pending, LOCKED, (), followed=True)
    assert read_words(greeting) == said
    assert unread_words(greeting) == "1 could not be read: it needs a password"
