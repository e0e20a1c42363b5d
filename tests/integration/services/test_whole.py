"""Questions about all documents, on a real catalog: exact counts, files, summaries that stop and go on."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes import FakeEmbedder, FakeLanguageModel
from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import NewIndex
from readingroom.core.conversation import Message, Role, Thread
from readingroom.core.errors import LanguageModelFailed
from readingroom.core.extraction import ExtractedDocument, Heading, Page
from readingroom.core.ids import WorkspaceId
from readingroom.core.language_model import ChatPiece, ChatTurn
from readingroom.core.models import Chunk, SearchScope
from readingroom.core.sync_plan import FileStamp, FoundFile, SyncPlan
from readingroom.core.word_places import Term, fold
from readingroom.services.answer_events import Answered, AnswerEvent, LookingThrough
from readingroom.services.exhaustive import Lookup, TallyService
from readingroom.services.summaries import SummaryService
from readingroom.services.verify import VerifyService
from readingroom.services.whole import WholeService
from readingroom.storage.catalog import SqliteCatalog
from readingroom.vectors.forms import IndexWordForms
from readingroom.vectors.words import passage_words

FORMS = IndexWordForms()


class ScriptedModel(FakeLanguageModel):
    """Gives the answers in order; after the last one it fails."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[str] = []

    def chat(
        self,
        model: str,
        turns: Sequence[ChatTurn],
        *,
        num_ctx: int,
        cancel: CancelToken,
        temperature: float | None = None,
    ) -> Iterator[ChatPiece]:
        self.pieces = [*self.answers[:1]]
        self.fault = (
            None if self.answers else LanguageModelFailed("The model server ended.", hint="Start it again.")
        )
        self.answers = self.answers[1:]
        yield from super().chat(model, turns, num_ctx=num_ctx, cancel=cancel)


class Library:
    """A workspace whose documents are written into the catalog as if they had been read."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "catalog.sqlite"
        self.folder = folder
        self.catalog = SqliteCatalog(self.path, folder / "backups")
        self.model = ScriptedModel()
        self.workspace_id = WorkspaceId(0)

    def begin(self) -> None:
        """Take up a workspace of its own."""
        name = f"Law {len(self.catalog.workspaces())}"
        self.workspace_id = self.catalog.create_workspace(name, NewIndex("m", 4, "c")).id

    def add(
        self, name: str, *texts: str, headings: Sequence[Heading] = (), at: str = "2024-05-01", size: int = 0
    ) -> None:
        path = Path(f"/w{self.workspace_id}/{name}")
        sources = self.catalog.sources(self.workspace_id)
        source = sources[0] if sources else self.catalog.add_source(
            self.workspace_id, Path(f"/w{self.workspace_id}"), is_folder=True, watch=False
        )  # fmt: skip
        stamp = FileStamp(size or 1, int(datetime.fromisoformat(at).timestamp() * 1e9))
        self.catalog.apply_plan(source.id, SyncPlan(added=(FoundFile(path, stamp),)))
        document = self.catalog.claim_next()
        index = self.catalog.active_index(self.workspace_id)
        assert document is not None
        assert index is not None
        pages, start = [], 0
        for number, text in enumerate(texts, start=1):
            pages.append(Page(number, start, text))
            start += len(text)
        read = ExtractedDocument("pdf", tuple(pages), tuple(headings))
        chunks = [Chunk(0, 0, len(read.text), 1, (), read.text, 3, name)] if read.text else []
        self.catalog.store_read(
            document.id, index.id, extracted=read, chunks=chunks, content_hash=f"hash of {name}",
            size_bytes=stamp.size_bytes, modified_at_ns=stamp.modified_at_ns,
        )  # fmt: skip

    def thread(self) -> Thread:
        return self.catalog.create_thread(self.workspace_id, "")

    def reopen(self) -> None:
        self.catalog.close()
        self.catalog = SqliteCatalog(self.path, self.folder / "backups")

    @property
    def summaries(self) -> SummaryService:
        return SummaryService(self.catalog, self.model, VerifyService(self.catalog, FakeEmbedder()))

    def events(
        self,
        question: str,
        *,
        model: str | None = None,
        cancel: CancelToken | None = None,
        thread: Thread | None = None,
    ) -> Iterator[AnswerEvent]:
        whole = WholeService(self.catalog, Lookup(self.catalog, FORMS), self.summaries)
        thread = thread or self.thread()
        asked = self.catalog.add_message(thread.id, Role.USER, question)
        return whole.answer(
            thread, asked, self.catalog.messages(thread.id), scope=SearchScope(), model=lambda: model,
            cancel=cancel or CancelToken(),
        )  # fmt: skip

    def answer(self, question: str, *, model: str | None = None) -> Message:
        *_, last = self.events(question, model=model)
        assert isinstance(last, Answered)
        return last.message


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    made = Library(tmp_path_factory.mktemp("library"))
    yield made
    made.catalog.close()


@pytest.fixture
def library(shared: Library) -> Library:
    shared.model = ScriptedModel()
    shared.begin()
    return shared


# -- exactness


def brute_force(term: str, pages: Sequence[str]) -> int:
    """Count by taking every page apart into words, with nothing of what makes the look-up quick."""
    wanted = tuple(passage_words(fold(term)[0]).indices)
    count = 0
    for page in pages:
        plain = unicodedata.normalize("NFKC", page.replace("\u00ad", ""))
        count += sum(
            tuple(passage_words(fold(word)[0]).indices) == wanted for word in re.findall(r"[^\W_]+", plain)
        )
    return count


_STEMS = [
    "indemnity",
    "die",
    "Häuser",
    "office",
    "straße",
    "naïve",
    "hope",
    "sky",
    "łódź",
    "résumé",
    "supply",
    "œuvre",
]
_ENDINGS = ["", "s", "ies", "ing", "ed", "er", "ly", "en"]


_TERMS = [*_STEMS, "indemnities", "dying", "hoping", "hauser", "skies"]


@st.composite
def written_words(draw: st.DrawFn) -> str:
    word = draw(st.sampled_from(_STEMS)) + draw(st.sampled_from(_ENDINGS))
    word = draw(st.sampled_from([word.lower(), word.upper(), word.title(), word]))
    match draw(st.integers(0, 5)):
        case 0:
            return unicodedata.normalize("NFD", word)
        case 1:
            return f"{word[:3]}\u00ad{word[3:]}"
        case 2:
            return word.replace("ffi", "\ufb03")
        case 3:
            return fold(word)[0]
    return word


_PAGES = st.lists(
    st.tuples(written_words(), st.sampled_from([" ", "\n", ", ", "-", "’s ", "_", "“", "1 "])), max_size=12
).map(lambda pairs: "".join(word + gap for word, gap in pairs))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pages=st.lists(_PAGES, min_size=1, max_size=4),
    term=st.sampled_from([*_STEMS, "indemnities", "dying", "hoping", "hauser", "skies"]),
)
def test_every_place_of_a_word_is_found_and_no_other(library: Library, pages: list[str], term: str) -> None:
    library.begin()
    library.add("one.pdf", *pages)
    found = [d for batch in Lookup(library.catalog, FORMS).find(library.workspace_id, term) for d in batch]
    places = [span for document in found for span in document.spans]
    assert len(places) == brute_force(term, pages)
    text = "".join(pages)
    assert all(Term(term, FORMS).places(text[start:end]) for start, end in places)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pages=st.lists(_PAGES, min_size=1, max_size=4),
    first=st.sampled_from(_STEMS),
    second=st.sampled_from(_STEMS),
)
def test_the_look_for_a_phrase_passes_over_no_page(
    library: Library, pages: list[str], first: str, second: str
) -> None:
    """What SQL leaves out holds no place of it: the same as when each page is looked through."""
    library.begin()
    library.add("one.pdf", *pages)
    term = Term(f"{first} {second}", FORMS)
    following = [*pages[1:], ""]
    wanted = sum(len(term.places(page, after)) for page, after in zip(pages, following, strict=True))
    found = [
        d for batch in Lookup(library.catalog, FORMS).find(library.workspace_id, term.text) for d in batch
    ]
    assert sum(len(document.spans) for document in found) == wanted


def test_a_phrase_runs_on_over_lines_and_pages_and_not_over_sentences(library: Library) -> None:
    library.add(
        "a.pdf", "Personal\ndata. Personal. Data of a personal ", "data-processing kind, PERSONAL-DATA"
    )
    (batch,) = [b for b in Lookup(library.catalog, FORMS).find(library.workspace_id, "personal data") if b]
    assert len(batch[0].spans) == 3


def test_characters_of_scripts_without_spaces_are_found_within_words(library: Library) -> None:
    library.add("a.pdf", "文章を検索する。検索")
    (batch,) = [b for b in Lookup(library.catalog, FORMS).find(library.workspace_id, "検索") if b]
    assert batch[0].spans == ((3, 5), (8, 10))


def test_documents_of_other_workspaces_are_not_counted(library: Library) -> None:
    library.add("a.pdf", "indemnity")
    library.begin()
    library.add("b.pdf", "indemnities")
    answer = library.answer("How many documents mention indemnity?")
    assert answer.text.startswith("**1 of 1 document** holds “indemnities”, in 1 place.")


# -- counts and lists


def test_a_count_says_how_many_hold_it_in_which_forms_and_what_was_not_counted(library: Library) -> None:
    library.add("lease.pdf", "An indemnity is due. ", "Indemnities are capped; the indemnity lapses.")
    library.add("contract.pdf", "No indemnity.")
    library.add("scan.pdf")
    library.add("other.pdf", "Nothing of it.")
    answer = library.answer("How many contracts mention indemnity?")
    assert "**2 of 3 documents** hold “indemnity” or “indemnities”, in 4 places." in answer.text
    assert "which of them are contracts, their files do not tell; 1 says so in its name" in answer.text
    assert "Not counted: 1 more has no text that could be read." in answer.text
    assert answer.searched is not None
    assert answer.searched.whole == "tally"


def test_every_hit_is_kept_and_opens_at_its_sentence(library: Library) -> None:
    library.add("lease.pdf", "First page. ", "The tenant gives an indemnity. It is capped.")
    answer = library.answer("Which documents mention indemnities?")
    tallies = TallyService(library.catalog)
    (document,) = tallies.documents(answer.id)
    (place,) = tallies.places(document)
    assert place.citation.quote == "The tenant gives an indemnity."
    assert (place.citation.page, place.citation.start) == (2, len("First page. "))
    marked = place.snippet.marks[0]
    assert place.snippet.text[marked.start : marked.end] == "indemnity"
    assert [citation.quote for citation in answer.citations] == ["The tenant gives an indemnity."]


def test_a_title_is_shown_with_the_sentence_below_it(library: Library) -> None:
    library.add(
        "lease.pdf", "8. Of rent.\n\nIndemnity.\n\nThe tenant bears all loss.\n\nOther things follow."
    )
    (document,) = TallyService(library.catalog).documents(
        library.answer("which documents mention indemnity").id
    )
    (place,) = TallyService(library.catalog).places(document)
    assert place.citation.quote == "Indemnity.\n\nThe tenant bears all loss."


def test_a_document_read_anew_shows_no_places_of_its_former_text(library: Library) -> None:
    library.add("lease.pdf", "An indemnity.")
    (document,) = TallyService(library.catalog).documents(
        library.answer("which documents mention indemnity").id
    )
    changed = type(document)(
        document.document_id, document.path, spans=document.spans, content_hash="another"
    )
    assert TallyService(library.catalog).places(changed) == ()


def test_nothing_found_is_an_answer_to_a_count(library: Library) -> None:
    library.add("a.pdf", "Of leave.")
    assert library.answer("how many documents mention indemnity").text.startswith(
        "**None of 1 document** holds “indemnity”"
    )


def test_a_list_of_what_stands_nowhere_is_left_to_the_ordinary_search(library: Library) -> None:
    library.add("a.pdf", "Of leave.")
    assert not any(isinstance(event, Answered) for event in library.events("list all suppliers"))


def test_where_no_document_holds_the_phrase_those_with_all_its_words_are_counted(library: Library) -> None:
    library.add("a.pdf", "The clause on termination.")
    library.add("b.pdf", "Termination.")
    answer = library.answer("which documents mention termination clause")
    assert (
        "No document holds “termination clause” as it stands. **1 of 2 documents** holds all of these words"
        in answer.text
    )


# -- files


def test_files_of_a_year_are_those_changed_then_and_those_named_after_it(library: Library) -> None:
    library.add("a.pdf", "x", at="2021-03-04")
    library.add("minutes 2021.pdf", "x", at="2024-01-01")
    library.add("b.pdf", "x", at="2022-01-01")
    answer = library.answer("Which files are from 2021?")
    assert answer.text == "**1 of 3 documents** was last changed in 2021. 1 more has 2021 in its name."
    found = TallyService(library.catalog).documents(answer.id)
    assert [document.path.name for document in found] == ["a.pdf", "minutes 2021.pdf"]
    assert found[0].note.startswith("4 March 2021")


def test_the_largest_files_come_in_order(library: Library) -> None:
    for name, size in (("small.pdf", 10), ("large.pdf", 10**7), ("middle.pdf", 10**4)):
        library.add(name, "x", size=size)
    found = TallyService(library.catalog).documents(library.answer("the 2 largest files").id)
    assert [document.path.name for document in found] == ["large.pdf", "middle.pdf"]


# -- summaries

_LONG = [
    Heading(1, "Rent", 0),
    Heading(1, "Notice", 1500),
    Heading(1, "Repairs", 3000),
]


def lease(library: Library) -> None:
    texts = [
        "The rent is 900 for each month. " * 60,
        "Notice of the end is given three months before. " * 63,
        "Repairs of all kinds fall to the landlord. " * 50,
    ]
    library.add("lease.pdf", *[text[:1500] for text in texts], headings=_LONG)


def test_a_summary_goes_through_all_sections_and_cites_them(library: Library) -> None:
    lease(library)
    library.model.limit = 2000
    library.model.answers = [
        "Rent is 900.",
        "Notice is three months.",
        "Repairs by the landlord fall due.",
        "The lease sets rent [1] and notice of three months [2].\n\nThe landlord repairs all that falls due.",
    ]
    events = list(library.events("Summarise lease.pdf", model="m1"))
    steps = [event for event in events if isinstance(event, LookingThrough)]
    assert [(step.done, step.total) for step in steps] == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert steps[0].seconds_left is None
    assert steps[2].seconds_left is not None
    last = events[-1]
    assert isinstance(last, Answered)
    assert [(c.n, c.page) for c in last.message.citations] == [(1, 1), (2, 2), (3, 3)]
    assert last.message.notice == ""


def test_a_stopped_summary_keeps_its_stages_and_goes_on_after_a_restart(library: Library) -> None:
    lease(library)
    library.model.limit = 2000
    library.model.answers = ["Rent is 900.", "Notice is three months."]
    token, thread = CancelToken(), library.thread()
    last: AnswerEvent | None = None
    for last in library.events("Summarise lease.pdf", model="m1", cancel=token, thread=thread):
        if isinstance(last, LookingThrough) and last.done == 2:
            token.cancel()
    assert isinstance(last, Answered)
    assert last.message.notice.startswith("Stopped after 2 of 3 sections")
    assert "Rent is 900. [1]" in last.message.text
    library.reopen()
    library.model = ScriptedModel()
    library.model.answers = ["Repairs by the landlord.", "All of it [1, 2, 3]."]
    *_, end = library.summaries.resume(last.message.id, cancel=CancelToken())
    assert isinstance(end, Answered)
    assert (end.message.text, end.message.notice) == ("All of it [1, 2, 3].", "")
    assert len(library.model.asked) == 2
    assert library.catalog.messages(thread.id)[-1].text == end.message.text


def test_a_model_that_fails_leaves_what_was_read_and_why(library: Library) -> None:
    lease(library)
    library.model.limit = 2000
    library.model.answers = ["Rent is 900."]
    answer = library.answer("Summarise lease.pdf", model="m1")
    assert answer.text == "Rent is 900. [1]"
    assert answer.notice == "The model server ended. Start it again."


def test_without_a_model_an_extract_is_given_and_called_one(library: Library) -> None:
    lease(library)
    answer = library.answer("Summarise lease.pdf")
    assert answer.text.startswith("An extract, not a summary")
    assert answer.model is None
    text = library.catalog.extracted(library.catalog.documents(library.workspace_id)[0].id).text
    assert {c.page for c in answer.citations} == {1, 2, 3}
    assert all(text[c.start : c.end] == c.quote for c in answer.citations)
    # By which it is seen when the document has changed since.
    assert {c.content_hash for c in answer.citations} == {"hash of lease.pdf"}


def test_a_sentence_of_an_extract_that_goes_on_over_the_page_opens_on_both(library: Library) -> None:
    first = "Notice of the end of the lease is given three months before the end of the year, "
    second = "by a letter that both the landlord and the tenant have signed before the day."
    library.add("lease.pdf", first, second)
    answer = library.answer("Summarise lease.pdf")
    assert answer.text.endswith(f"- {first}{second} [1][2]")
    assert [(c.n, c.page, c.place, c.quote) for c in answer.citations] == [
        (1, 1, "page 1", first.strip()),
        (2, 2, "page 2", second),
    ]


def test_a_name_that_fits_no_document_is_an_ordinary_question(library: Library) -> None:
    lease(library)
    assert list(library.events("Summarise the arguments against tariffs")) == []


def test_this_document_is_the_one_the_last_answer_cites(library: Library) -> None:
    lease(library)
    library.add("other.pdf", "Something of another kind is written here.")
    thread = library.thread()
    list(library.events("which documents mention landlord", thread=thread))
    *_, last = library.events("Summarise this document", thread=thread)
    assert isinstance(last, Answered)
    assert {c.path.name for c in last.message.citations} == {"lease.pdf"}
