"""Which documents a question's scope holds."""

from readingroom.core.models import Document, SearchScope


def in_scope(document: Document, scope: SearchScope) -> bool:
    """Whether a document is in a scope; an empty one holds all."""
    if not scope.document_ids and not scope.source_ids:
        return True
    return document.id in scope.document_ids or document.source_id in scope.source_ids
