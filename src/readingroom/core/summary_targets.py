"""Finds the documents that a summary is asked of."""

import re
from collections.abc import Callable, Sequence

from readingroom.core.asking_all import Summary, SummaryOf
from readingroom.core.conversation import Message
from readingroom.core.counting import count_words
from readingroom.core.ids import DocumentId
from readingroom.core.models import Document, SearchScope, Source

_ARTICLE = re.compile(
    r"^(?:the|my|our|this|file|document|die|das|den|dem|der|meine[nrm]?|le|la|el|los|las|mon|ma|mi)\s+",
    re.IGNORECASE,
)
_LEAST_NAMED = 4
"""Letters of a name that is only part of the file's."""
_ALIKE = 3
"""Documents of one name that are summed up together; more are not meant by it."""


def summary_targets(
    asked: Summary,
    documents: Sequence[Document],
    sources: Sequence[Source],
    history: Sequence[Message],
    scope: SearchScope,
) -> tuple[tuple[Document, ...], str] | None:
    """The documents, of those with text, and what they are called; None where it cannot be told."""
    match asked.of:
        case SummaryOf.EVERYTHING:
            found: Sequence[Document] = documents
        case SummaryOf.THIS:
            found = _pointed_at(documents, history, scope)
        case SummaryOf.FOLDER:
            return _in_folder(asked.name, documents, sources)
        case SummaryOf.NAMED:
            found = _named(asked.name, documents)
            if not found:
                return _in_folder(asked.name, documents, sources) if asked.name else None
    return (tuple(found), _called(found)) if found else None


def _pointed_at(
    documents: Sequence[Document], history: Sequence[Message], scope: SearchScope
) -> Sequence[Document]:
    if scope.document_ids or len(documents) == 1:
        return documents
    for message in reversed(history):
        cited: set[DocumentId] = {c.document_id for c in message.citations if c.document_id is not None}
        if cited:
            return [document for document in documents if document.id in cited] if len(cited) == 1 else ()
    return ()


def _in_folder(
    name: str, documents: Sequence[Document], sources: Sequence[Source]
) -> tuple[tuple[Document, ...], str] | None:
    folders = [source for source in sources if source.is_folder]
    if not name:
        if len(folders) != 1:
            return None
        name = folders[0].path.name
    wanted = _plain(name)
    found = tuple(
        document
        for document in documents
        if any(parent.name.casefold() == wanted for parent in document.path.parents)
    )
    return (found, f"{count_words(len(found), 'document')} in “{name}”") if found else None


def _named(name: str, documents: Sequence[Document]) -> Sequence[Document]:
    wanted = _plain(name)
    ways: tuple[Callable[[Document], bool], ...] = (
        lambda document: wanted in (document.path.name.casefold(), str(document.path).casefold()),
        lambda document: wanted in (document.path.stem.casefold(), document.title.casefold()),
        lambda document: len(wanted) >= _LEAST_NAMED and _has_words(document.path.stem.casefold(), wanted),
    )
    for names in ways:
        found = [document for document in documents if names(document)]
        if found:
            return found if len(found) <= _ALIKE else ()
    return ()


def _has_words(name: str, wanted: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(wanted)}(?![^\W_])", name) is not None


def _plain(name: str) -> str:
    return _ARTICLE.sub("", name.strip()).casefold()


def _called(documents: Sequence[Document]) -> str:
    return f"“{documents[0].path.name}”" if len(documents) == 1 else count_words(len(documents), "document")
