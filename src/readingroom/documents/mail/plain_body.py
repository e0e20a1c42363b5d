"""Plain bodies of messages: soft line ends joined, armour and attached noise taken off."""

import re

_SIGNED = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z-]+: [^\n]*\n)*\n(?P<text>.*?)"
    r"^-----BEGIN PGP SIGNATURE-----\n.*?(?:^-----END PGP SIGNATURE-----\n?|\Z)",
    re.DOTALL | re.MULTILINE,
)
_ENCRYPTED = re.compile(r"\s*-----BEGIN PGP MESSAGE-----\n.*?(?:-----END PGP MESSAGE-----\s*|\Z)", re.DOTALL)
_ATTACHED = re.compile(
    r"^begin [0-7]{3,4} (?P<name>\S[^\n]{0,200})\n(?:[!-`]{1,100}\n)+(?:[ `]?\n)?end *$", re.MULTILINE
)
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*){2,}")
_QUOTES = re.compile(r"(?:>)*")
_SIGNATURE = "-- "
_SIGNED_MARK = "-----BEGIN PGP SIGNED MESSAGE-----"
_MAX_SIGNED = 100


def tidied(text: str, *, flowed: bool = False, delete_space: bool = False) -> str:
    """The words of a plain body; `flowed` and `delete_space` as RFC 3676 has them."""
    if flowed:
        text = _reflowed(text, delete_space=delete_space)
    if 0 < text.count(_SIGNED_MARK) <= _MAX_SIGNED:
        text = _SIGNED.sub(lambda match: re.sub(r"^- ", "", match["text"], flags=re.MULTILINE), text)
    text = _ATTACHED.sub(lambda match: f"({match['name']})", text)
    return _BLANK_LINES.sub("\n\n", text).strip("\n").rstrip()


def is_pgp_message(text: str) -> bool:
    """Whether there is nothing but an encrypted message."""
    return _ENCRYPTED.fullmatch(text) is not None


def _reflowed(text: str, *, delete_space: bool) -> str:
    lines: list[str] = []
    depth_before, is_soft = 0, False
    for line in text.split("\n"):
        quotes = _QUOTES.match(line)
        depth = quotes.end() if quotes else 0
        words = line[depth:].removeprefix(" ")
        if is_soft and depth == depth_before and words != _SIGNATURE:
            lines[-1] += words
        else:
            lines.append(f"{line[:depth]} {words}" if depth else words)
        is_soft = words.endswith(" ") and words != _SIGNATURE
        depth_before = depth
        if is_soft and delete_space:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)
