"""Entry of the program: the window, the command line, or a child process of either."""

import sys
from collections.abc import Sequence

_CHILD_FLAG = "--child"
"""A bundled program has no `python -m`: its children are the same file, told apart by this flag."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run with these arguments (the process's own by default) and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == [_CHILD_FLAG]:
        from readingroom.child import main as child_main

        return child_main(arguments[1:])
    from readingroom import cli

    parsed = cli.parse(arguments)
    if parsed.run is not None:
        return cli.run(parsed)
    from readingroom.config.paths import data_paths
    from readingroom.ui.hand_over import Answer, hand_over

    # Before anything of the window is loaded: a second start is over in a moment.
    answer = hand_over(data_paths(parsed.data_dir).root, parsed.paths)
    if answer is Answer.TAKEN:
        return 0
    from readingroom.app import run_window

    return run_window(parsed, unanswered=answer is Answer.SILENT)


if __name__ == "__main__":
    sys.exit(main())
