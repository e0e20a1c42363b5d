"""`search`, `show` and `ask`."""

import argparse
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from readingroom.commands.output import emit, for_terminal, printer
from readingroom.commands.runtime import runtime
from readingroom.composition import Runtime
from readingroom.core.conversation import AnswerMode, Citation, Message, Support
from readingroom.core.errors import UserFixableError
from readingroom.core.ids import ThreadId, WorkspaceId
from readingroom.core.models import Passage, SearchMode
from readingroom.core.places import joined_words, words_of
from readingroom.services.chat import Answered, Writing


def search(arguments: argparse.Namespace) -> int:
    """Print the passages found, best first."""
    with runtime(arguments) as room:
        workspace = room.services.workspaces.get(arguments.workspace)
        passages = room.services.retrieve.search(
            workspace.id, arguments.query, limit=arguments.k, mode=SearchMode(arguments.mode)
        )
        show = printer(arguments.json, _passage_line)
        for passage in passages:
            show(_passage(passage))
    if not passages and not arguments.json:
        print("Nothing was found.", file=sys.stderr)
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Print the extracted text, a page an object."""
    with runtime(arguments) as room:
        workspace = room.services.workspaces.get(arguments.workspace)
        path = Path(os.path.abspath(arguments.path))
        document = room.services.documents.find(workspace.id, path)
        if document is None:
            raise UserFixableError(
                f"{path} is not a document of “{workspace.name}”.", hint="`readingroom documents` lists them."
            )
        pages = [
            page
            for page in room.services.documents.pages(document.id)
            if arguments.page is None or page.number == arguments.page
        ]
        if not pages:
            what = "no text" if arguments.page is None else f"no page {arguments.page}"
            raise UserFixableError(f"There is {what} of {path}.", hint=document.reason or "Sync it first.")
        output = printer(arguments.json, lambda value: str(value["text"]))
        for page in pages:
            output({"path": document.path, "page": page.number, "start": page.start, "text": page.text})
    return 0


def ask(arguments: argparse.Namespace) -> int:
    """Stream the answer, then print its citations; 1 where the model failed."""
    with runtime(arguments) as room:
        workspace = room.services.workspaces.get(arguments.workspace)
        thread_id = _thread(room, workspace.id, arguments.thread)
        answer: Message | None = None
        streamed = False
        for event in room.services.chat.ask(
            thread_id,
            arguments.question,
            mode=AnswerMode(arguments.mode),
            model=arguments.model,
            use_model=not arguments.no_llm,
        ):
            if isinstance(event, Writing) and not arguments.json:
                streamed = True
                print(for_terminal(event.piece), end="", flush=True)
            elif isinstance(event, Answered):
                answer = event.message
    if answer is None:
        return 1
    if arguments.json:
        emit(_answer(answer))
    else:
        _print_answer(answer, streamed=streamed)
    if answer.notice:
        print(f"readingroom: {answer.notice}", file=sys.stderr)
    return 1 if answer.notice else 0


def _thread(room: Runtime, workspace_id: WorkspaceId, number: int | None) -> ThreadId:
    if number is None:
        return room.services.workspaces.create_thread(workspace_id).id
    if all(thread.id != number for thread in room.services.workspaces.threads(workspace_id)):
        raise UserFixableError(
            f"There is no thread {number} in this workspace.", hint="Leave --thread out to begin one."
        )
    return ThreadId(number)


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "rank": passage.rank,
        "score": passage.score,
        "path": passage.path,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "locations": [asdict(place) for place in passage.locations],
        "heading": list(passage.heading),
        "context": passage.context,
        "place": words_of(passage),
        "container": passage.container,
        "offline": passage.offline,
    }


def _passage_line(value: dict[str, Any]) -> str:
    where = joined_words(str(value["path"]), value["place"]) + (" (offline)" if value["offline"] else "")
    return f"{value['rank']}. {where}  ({value['score']:.3f})\n   {' '.join(value['text'].split())}\n"


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "n": citation.n,
        "path": citation.path,
        "page": citation.page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "located": citation.located,
        "place": words_of(citation),
        "container": citation.container,
        "support": citation.support,
    }


def _answer(message: Message) -> dict[str, Any]:
    return {
        "answer": message.text,
        "citations": [_citation(citation) for citation in message.cited],
        "searched": asdict(message.searched) if message.searched else None,
        "model": message.model,
        "refused": message.refused,
        "thread": message.thread_id,
    }


def _print_answer(message: Message, *, streamed: bool) -> None:
    print("" if streamed else for_terminal(message.text))
    for citation in message.cited:
        where = joined_words(str(citation.path), words_of(citation))
        quote = f": “{' '.join(citation.quote.split())}”" if citation.quote else ""
        doubt = " (not found in the source)" if citation.support is Support.NONE else ""
        print(for_terminal(f"[{citation.n}] {where}{quote}{doubt}"))
