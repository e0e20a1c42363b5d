"""The command line: arguments to services, results to standard output as text or JSON lines."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from readingroom import __version__

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_IN_USE = 0, 1, 2, 3
_COMMANDS = (
    "workspace",
    "add",
    "sync",
    "documents",
    "search",
    "show",
    "ask",
    "reindex",
    "relink",
    "eval",
    "doctor",
)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; `run` is the command to run, None when the window is asked for. Ends the process on wrong usage."""
    arguments = _parser(argv).parse_args(argv)
    arguments.run = getattr(arguments, "run", None)
    return arguments


def run(arguments: argparse.Namespace) -> int:
    """Run a command; returns the exit code of CLI.md."""
    from readingroom.config.logs import set_up_logging
    from readingroom.config.paths import data_paths
    from readingroom.core.errors import Cancelled, DataFolderInUse, ReadingRoomError, UserFixableError

    # `kill` ends a command as Ctrl+C does: in order, with nothing lost.
    signal.signal(signal.SIGTERM, _interrupt)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    paths = data_paths(arguments.data_dir)
    set_up_logging(paths.logs if paths.logs.is_dir() else None, verbose=arguments.verbose)
    command: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return command(arguments)
    except DataFolderInUse as error:
        _complain(f"{error} {error.hint}")
        return EXIT_IN_USE
    except UserFixableError as error:
        _complain(f"{error} {error.hint}".strip())
        return EXIT_FAILED
    except (KeyboardInterrupt, Cancelled):
        _complain("Stopped; nothing is lost, and the next command goes on from here.")
        return EXIT_FAILED
    except ReadingRoomError as error:
        _complain(str(error))
        return EXIT_FAILED
    except BrokenPipeError:
        # The reader of our output had enough. Nothing more can be written, not even at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    except Exception:
        logging.getLogger(__name__).exception("The command failed")
        _complain(f"Reading Room made a mistake; the details are in {paths.logs}. Please report it.")
        return EXIT_FAILED


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="readingroom",
        description="Answers questions from your own documents. Without a command it opens the window.",
        epilog=f"Commands: {', '.join(_COMMANDS)}. Each explains itself with --help.",
        parents=[_global_options()],
    )
    parser.set_defaults(data_dir=None, verbose=False)
    parser.add_argument("--version", action="version", version=f"Reading Room {__version__}")
    if _names_command(argv):
        subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
        from readingroom import cli_arguments

        cli_arguments.add_commands(subparsers, _global_options())
    else:
        parser.add_argument(
            "paths", nargs="*", type=Path, metavar="PATH", help="files or folders, treated as dropped"
        )
        parser.add_argument(
            "--log-stalls", type=Path, metavar="FILE", help="write each event-loop stall over 50 ms"
        )
    return parser


def _global_options() -> argparse.ArgumentParser:
    """Options that may stand before a command and after it.

    Their defaults are suppressed, so that absence after a command does not undo what stood before it; made anew
    for each use, since `set_defaults` reaches into the options that a parser shares with its parents.
    """
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument(
        "--data-dir", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="where everything is kept"
    )
    options.add_argument(
        "--verbose", action="store_true", default=argparse.SUPPRESS, help="log to standard error"
    )
    return options


def _names_command(argv: Sequence[str]) -> bool:
    """Whether the first word that is no option is a command; a file of that name is given as `./add`."""
    words = iter(argv)
    for word in words:
        if word == "--data-dir":
            next(words, None)
        elif not word.startswith("-"):
            return word in _COMMANDS
    return False


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _complain(text: str) -> None:
    print(f"readingroom: {text}", file=sys.stderr)
