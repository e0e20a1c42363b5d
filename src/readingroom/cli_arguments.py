"""The arguments of each command, as CLI.md fixes them."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[[argparse.Namespace], int]


def add_commands(subparsers: Any, common: argparse.ArgumentParser) -> None:
    """Add every command with its arguments; what a command needs is imported when it runs."""

    def command(name: str, help_: str, run: str, *, workspace: bool = True) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = subparsers.add_parser(
            name, help=help_, description=help_, parents=[common]
        )
        if workspace:
            parser.add_argument("-w", "--workspace", required=True, metavar="NAME")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.set_defaults(run=_lazily(run))
        return parser

    _add_workspace(subparsers, common)
    add = command("add", "Add files or folders and index them", "indexing.add")
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    add.add_argument("--no-recognise", action="store_true", help="leave text in pictures for later")
    sync = command("sync", "Compare every source with the disk", "indexing.sync", workspace=False)
    sync.add_argument("-w", "--workspace", metavar="NAME")
    sync.add_argument("--watch", action="store_true", help="stay and follow changes until interrupted")
    sync.add_argument(
        "--vanished", choices=("keep", "remove"), help="what becomes of documents that vanished all at once"
    )
    sync.add_argument("--no-recognise", action="store_true", help="leave text in pictures for later")
    documents = command("documents", "List the documents", "documents.documents")
    documents.add_argument("--csv", metavar="FILE", help="write the list as CSV; - for standard output")
    documents.add_argument(
        "--left-out", action="store_true", help="list what the rules leave out, with the rule"
    )
    search = command("search", "Find passages", "asking.search")
    search.add_argument("query", metavar="QUERY")
    search.add_argument("-k", type=_positive, default=8, metavar="N", help="how many passages")
    search.add_argument("--mode", choices=("hybrid", "words", "meaning"), default="hybrid")
    show = command("show", "Print the extracted text of a document", "asking.show")
    show.add_argument("path", type=Path, metavar="PATH")
    show.add_argument("--page", type=_positive, metavar="N")
    ask = command("ask", "Ask a question", "asking.ask")
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument("--model", metavar="M", help="the answering model")
    ask.add_argument("--thread", type=_positive, metavar="ID", help="go on with a thread")
    ask.add_argument("--mode", choices=("documents", "open"), default="documents")
    ask.add_argument("--no-llm", action="store_true", help="answer with the passages")
    reindex = command("reindex", "Build a new index, then switch to it", "indexing.reindex")
    reindex.add_argument("--embedding-model", metavar="M")
    evaluate = command(
        "eval", "Score the retriever on a judged collection", "evaluating.evaluate_folder", workspace=False
    )
    evaluate.add_argument("folder", type=Path, metavar="DIR")
    evaluate.add_argument("--mode", choices=("hybrid", "words", "meaning", "all"), default="hybrid")
    evaluate.add_argument("--k", type=_positive, default=10, metavar="N")
    evaluate.add_argument("--limit", type=_positive, metavar="N", help="at most so many questions")
    relink = command("relink", "Point a folder that moved at its new place", "portable.relink")
    relink.add_argument("old", metavar="OLD", help="the folder as it was linked, or its name")
    relink.add_argument("new", type=Path, metavar="NEW", help="where it is now")
    relink.add_argument("--force", action="store_true", help="though hardly anything known is there")
    doctor = command("doctor", "Check the program's health", "health.doctor", workspace=False)
    doctor.add_argument("--repair", action="store_true", help="mend what can be mended")


def _add_workspace(subparsers: Any, common: argparse.ArgumentParser) -> None:
    parser = subparsers.add_parser(
        "workspace", help="List, make, rename and remove workspaces", parents=[common]
    )
    parser.set_defaults(run=lambda _: (parser.print_usage(), 2)[1])
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")
    for verb, run, names in (
        ("list", "list_all", ()),
        ("create", "create", ("name",)),
        ("rename", "rename", ("old", "new")),
        ("remove", "remove", ("name",)),
    ):
        sub = verbs.add_parser(verb, parents=[common])
        for name in names:
            sub.add_argument(name, metavar=name.upper())
        sub.add_argument("--json", action="store_true", help="one JSON object a line")
        sub.set_defaults(run=_lazily(f"workspaces.{run}"))
    export = verbs.add_parser("export", parents=[common], help="write a workspace to one file")
    export.add_argument("name", metavar="NAME")
    export.add_argument("file", type=Path, metavar="FILE")
    import_ = verbs.add_parser("import", parents=[common], help="make a workspace of such a file")
    import_.add_argument("file", type=Path, metavar="FILE")
    import_.add_argument("--name", default="", metavar="NAME", help="instead of the one in the file")
    for sub, run in ((export, "export"), (import_, "import_")):
        sub.add_argument("--json", action="store_true", help="one JSON object a line")
        sub.set_defaults(run=_lazily(f"portable.{run}"))


def _lazily(name: str) -> Command:
    """The function `commands.<module>.<function>`, imported when it is called: `--help` stays quick."""

    def run(arguments: argparse.Namespace) -> int:
        from importlib import import_module

        module, function = name.split(".")
        found: Command = getattr(import_module(f"readingroom.commands.{module}"), function)
        return found(arguments)

    return run


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 up")
    return number
