"""Answers that no model writes: the passages themselves, and that there are none."""

from collections.abc import Sequence
from dataclasses import replace

from readingroom.core.catalog import Catalog
from readingroom.core.citations import begin_on_page, cite_pages
from readingroom.core.conversation import Citation, Message, Role
from readingroom.core.counting import count_words
from readingroom.core.models import PageSpan, Passage
from readingroom.services.looking_up import Found


def refuse(catalog: Catalog, asked: Message, found: Found, *, limited: bool) -> Message:
    """Say that the documents do not answer, what was searched, and what came nearest."""
    searched = found.searched
    if not searched.passages and limited:
        text = "There is nothing to search there: no document that the question is limited to has been read."
    elif not searched.passages:
        text = "There is nothing to search yet: no document of this workspace has been read."
    else:
        text = (
            f"Your documents do not answer this. {count_words(searched.documents, 'document')} with "
            f"{count_words(searched.passages, 'passage')} {'was' if searched.documents == 1 else 'were'} searched; "
            f"{'it does not come' if searched.passages == 1 else 'none comes'} near enough to the question."
        )
        if found.nearest:
            text += " The nearest are shown below."
    return catalog.add_message(
        asked.thread_id,
        Role.ASSISTANT,
        text,
        after=asked.id,
        searched=replace(searched, used=0),
        passages=found.nearest,
        citations=_cited(catalog, found.nearest),
        refused=True,
    )


def answer_with_passages(catalog: Catalog, asked: Message, found: Found, *, notice: str = "") -> Message:
    """Let what was found be the answer; `notice` says why no model wrote one that was to."""
    if found.used:
        text = "These passages speak to your question."
    else:
        text = "Your documents hold nothing on this, and no model is there to go beyond them."
    return catalog.add_message(
        asked.thread_id,
        Role.ASSISTANT,
        text,
        after=asked.id,
        searched=found.searched,
        passages=found.used or found.nearest,
        citations=_cited(catalog, found.used or found.nearest),
        refused=not found.used,
        notice=notice,
    )


def _cited(catalog: Catalog, passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """Each passage page by page, with the version of its document that it is from."""
    documents = {passage.document_id: catalog.document(passage.document_id) for passage in passages}
    hashes = {key: document.content_hash or "" for key, document in documents.items() if document is not None}
    return tuple(
        replace(_placed(catalog, passage, citation), content_hash=hashes.get(passage.document_id, ""))
        for n, passage in enumerate(passages, start=1)
        for citation in cite_pages(n, passage)
    )


def _placed(catalog: Catalog, passage: Passage, citation: Citation) -> Citation:
    """With the words of its place, where these do not follow from the number of the page."""
    if citation.place or citation.page is None:
        return citation
    part = PageSpan(citation.page, citation.start, citation.end)
    span = (passage.document_id, begin_on_page(part, passage.locations), citation.end)
    return replace(citation, place=catalog.places([span])[0].words)
