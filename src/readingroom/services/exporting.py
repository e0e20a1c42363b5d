"""Threads as files to be read without the program: Markdown, a web page, JSON."""

import html
import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from readingroom.config.lasting import put_in_place
from readingroom.core.cited_markdown import CitedSource, cited_markdown, cited_sources, escaped, shown
from readingroom.core.conversation import Message, Role, Thread
from readingroom.core.errors import UserFixableError
from readingroom.core.thread_catalog import ThreadCatalog

_UNTITLED = "Untitled thread"


class Form(StrEnum):
    """How a thread is written; the ending of the file's name."""

    MARKDOWN = "md"
    HTML = "html"
    JSON = "json"


class ExportingService:
    """Blocks while it writes, some milliseconds a thread; may be called from any thread."""

    def __init__(self, catalog: ThreadCatalog) -> None:
        self._catalog = catalog

    def save(self, threads: Sequence[Thread], form: Form, path: Path) -> int:
        """Write the file whole or not at all; how many threads. Raises `UserFixableError`.

        Markdown and HTML hold the branch that is shown of each, JSON all of them.
        """
        part = path.with_name(f".readingroom-{secrets.token_hex(6)}.{form.value}")
        try:
            with part.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(self.pieces(threads, form))
            put_in_place(part, path)
        except OSError as error:
            raise UserFixableError(
                f"{path} cannot be written: {error.strerror or error}.",
                hint="Choose another place, or close the program that has it open.",
            ) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        return len(threads)

    def pieces(self, threads: Sequence[Thread], form: Form) -> Iterator[str]:
        """The file's text, a thread at a time."""
        match form:
            case Form.MARKDOWN:
                for thread in threads:
                    yield _markdown(thread, self._catalog.messages(thread.id))
            case Form.HTML:
                title = threads[0].title or _UNTITLED if len(threads) == 1 else "Threads"
                yield _HEAD.format(title=html.escape(shown(title)))
                for thread in threads:
                    yield _page(thread, self._catalog.messages(thread.id))
                yield "</body>\n</html>\n"
            case Form.JSON:
                yield '{"threads": ['
                for place, thread in enumerate(threads):
                    yield ",\n" if place else "\n"
                    on_show = {message.id for message in self._catalog.messages(thread.id)}
                    messages = self._catalog.every_message(thread.id)
                    record = _record(
                        thread, [_message(message, message.id in on_show) for message in messages]
                    )
                    yield json.dumps(record, ensure_ascii=False, indent=2)
                yield "\n]}\n"


# -- Markdown


def _markdown(thread: Thread, messages: Sequence[Message]) -> str:
    lines = [f"# {escaped(shown(thread.title or _UNTITLED))}", ""]
    for message in messages:
        lines += [f"## {_heading(message)}", ""]
        if message.role is Role.USER:
            lines += [f"> {escaped(shown(line))}".rstrip() for line in message.text.splitlines() or [""]]
        else:
            lines.append(cited_markdown(message))
        if message.notice:
            lines += ["", f"*{escaped(shown(message.notice))}*"]
        lines.append("")
    return "\n".join(lines) + "\n"


def _heading(message: Message) -> str:
    who = "Question" if message.role is Role.USER else "Answer"
    by = f", {escaped(shown(message.model))}" if message.model else ""
    return f"{who}{by} ({_moment(message.created_at)})"


# -- HTML

# Nothing is loaded and nothing runs, whatever stands in it.
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
:root {{
  color-scheme: light dark; --ink: #1f2328; --soft: #5c6370; --line: #e4e1da; --wash: #eceae4; --accent: #2f6f5e;
  --back: #fbfaf8;
}}
@media (prefers-color-scheme: dark) {{
  :root {{
    --ink: #e7e9ec; --soft: #a5acb8; --line: #2e333a; --wash: #2a2f35; --accent: #6fbfa6; --back: #17191c;
  }}
}}
body {{
  background: var(--back); color: var(--ink); font: 16px/1.6 Inter, system-ui, sans-serif; max-width: 44em;
  margin: 3em auto; padding: 0 1em;
}}
h1 {{ font-size: 1.4em; border-top: 1px solid var(--line); padding-top: 1.2em; margin-top: 2em; }}
h2 {{ font-size: .8em; color: var(--soft); font-weight: 400; margin: 2em 0 .3em; }}
.question {{ background: var(--wash); border-radius: 12px; padding: .6em 1em; white-space: pre-wrap; }}
.notice, .doubt, .path {{ color: var(--soft); font-size: .85em; }}
ol.sources {{ list-style: none; padding: 0; font-size: .85em; border-top: 1px solid var(--line); padding-top: .6em; }}
ol.sources b {{ color: var(--accent); }}
.answer a::after {{ content: " (" attr(href) ")"; color: var(--soft); font-size: .85em; }}
pre {{ background: var(--wash); padding: .8em; overflow-x: auto; }}
table {{ border-collapse: collapse; }} td, th {{ border: 1px solid var(--line); padding: .2em .6em; }}
blockquote {{ border-left: 3px solid var(--line); margin-left: 0; padding-left: 1em; }}
</style>
</head>
<body>
"""


def _page(thread: Thread, messages: Sequence[Message]) -> str:
    parts = [f"<h1>{html.escape(shown(thread.title or _UNTITLED))}</h1>"]
    for message in messages:
        parts.append(f"<h2>{html.escape(_who(message))}</h2>")
        if message.role is Role.USER:
            parts.append(f'<div class="question">{html.escape(shown(message.text))}</div>')
        else:
            parts.append(f'<div class="answer">{_rendered(shown(message.text))}</div>')
        if message.notice:
            parts.append(f'<p class="notice">{html.escape(shown(message.notice))}</p>')
        if message.cited:
            listed = "\n".join(map(_item, cited_sources(message.cited)))
            parts.append(f'<ol class="sources">\n{listed}\n</ol>')
    return "\n".join(parts) + "\n"


def _who(message: Message) -> str:
    who = "Question" if message.role is Role.USER else "Answer"
    by = f" · {shown(message.model)}" if message.model else ""
    return f"{who}{by} · {_moment(message.created_at)}"


def _item(source: CitedSource) -> str:
    quote = f" <q>{html.escape(source.quote)}</q>" if source.quote else ""
    doubt = "" if source.supported else ' <span class="doubt">not found in the source</span>'
    where, path = html.escape(source.where), html.escape(source.path)
    return f'<li><b>[{source.n}]</b> {where}{quote}{doubt} <span class="path">{path}</span></li>'


def _rendered(markdown: str) -> str:
    """An answer's Markdown; pictures and markup in it stay text, links may lead to web addresses only."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    # The method is meant to be replaced: it says which addresses become links.
    parser.validateLink = lambda url: url.startswith(("https://", "http://", "mailto:"))  # type: ignore[method-assign]
    rendered: str = parser.render(markdown)
    return rendered


# -- JSON


def _record(thread: Thread, messages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": shown(thread.title),
        "updated_at": _moment(thread.updated_at),
        "pinned": thread.pinned,
        "messages": messages,
    }


def _message(message: Message, on_show: bool) -> dict[str, Any]:
    return {
        "id": message.id,
        "parent": message.parent_id,
        "shown": on_show,
        "role": message.role.value,
        "text": shown(message.text),
        "created_at": _moment(message.created_at),
        "model": message.model,
        "refused": message.refused,
        "notice": shown(message.notice),
        "citations": [
            {
                "n": citation.n,
                "path": shown(str(citation.path)),
                "page": citation.page,
                "place": shown(citation.place),
                "container": shown(citation.container),
                "start": citation.start,
                "end": citation.end,
                "quote": shown(citation.quote),
                "located": citation.located,
                "support": citation.support.value,
            }
            for citation in message.cited
        ],
    }


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):  # no calendar reaches that far
        return ""
