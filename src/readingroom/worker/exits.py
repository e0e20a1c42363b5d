"""Why a child process ended, in plain words."""

import signal

_WORDS = {
    "SIGSEGV": "it touched memory that is not its own",
    "SIGBUS": "it touched memory that is not its own",
    "SIGABRT": "it gave up on an error in its own workings",
    "SIGFPE": "it computed something impossible",
    "SIGILL": "it met an instruction this processor does not know",
    "SIGKILL": "it was ended from outside, as the system does when memory runs out",
    "SIGTERM": "it was ended from outside",
}
_WINDOWS_WORDS = {
    0xC0000005: "it touched memory that is not its own",
    0xC00000FD: "it called itself too deeply",
    0xC0000409: "it gave up on an error in its own workings",
}


def in_plain_words(returncode: int) -> str:
    """Say how a process with this return code (of `subprocess`) ended."""
    if returncode < 0:
        try:
            name = signal.Signals(-returncode).name
        except ValueError:
            return f"it was ended by signal {-returncode}"
        return f"{_WORDS.get(name, 'it was ended by a signal')} ({name})"
    if words := _WINDOWS_WORDS.get(returncode):
        return words
    return f"it ended by itself (code {returncode})"
