"""Reads subtitles (WebVTT, SubRip): what is said, sentence by sentence, with the time at which it is said."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.decoding import decode
from readingroom.documents.readers import OnProgress, OpenText
from readingroom.documents.text import read_text_parts, single_page

_MAX_WHOLE = 16 * 1024 * 1024
"""Bytes: days of talk."""
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMES = re.compile(rf"[ \t]*{_TIME}[ \t]+-->[ \t]+{_TIME}.*")
_SPEAKER = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>\n]{1,100})>")
_TAG = re.compile(r"</?[A-Za-z0-9][^<>\n]{0,200}>|\{\\[^}\n]{0,200}\}")
_SENTENCE_END = (".", "!", "?", "…", "。", "！", "？", '."', ".”", "♪")
_LONGEST_S = 15
_LONGEST_CHARS = 300
_PAUSE_S = 2
_PARAGRAPH_S = 5


@dataclass(slots=True)
class _Speech:
    start_s: float
    end_s: float
    speaker: str
    text: str


def read_subtitles(
    file: OpenText, limits: ReadLimits, on_progress: OnProgress
) -> Iterator[ExtractedDocument]:
    """Read a line a sentence or so: `[00:01:23] text`. What has no cues is plain text. Raises `NotText`."""
    if file.size <= _MAX_WHOLE:
        text = decode(file.stream.read(file.size)).text
        written = _written(_sentences(_cues(text.split("\n"))))
        document = single_page("subtitles", written[: limits.max_chars])
        if written:
            yield document
            return
        file.stream.seek(0)
    yield from read_text_parts(file, "subtitles", limits, on_progress)


def _cues(lines: list[str]) -> Iterator[_Speech]:
    """Each cue's text without tags, and without the lines that it only goes on showing."""
    shown: list[str] = []
    speaker = ""
    number = 0
    while number < len(lines):
        times = _TIMES.fullmatch(lines[number])
        number += 1
        if times is None:
            continue
        said = []
        while number < len(lines) and lines[number].strip() and not _TIMES.fullmatch(lines[number]):
            said.append(lines[number])
            number += 1
        if number < len(lines) and _TIMES.fullmatch(lines[number]) and said and said[-1].strip().isdigit():
            # The blank line before the next cue's number is missing.
            said.pop()
        whole = "\n".join(said)
        named = _SPEAKER.search(whole)
        speaker = " ".join(named[1].split()) if named else ""
        bare = [" ".join(line.split()) for line in html.unescape(_TAG.sub("", whole)).split("\n")]
        fresh = [line for line in bare if line and line not in shown]
        shown = bare
        if fresh:
            yield _Speech(
                _seconds(times.groups()[:4]), _seconds(times.groups()[4:]), speaker, " ".join(fresh)
            )


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _sentences(cues: Iterator[_Speech]) -> Iterator[_Speech]:
    """Cues joined until a sentence ends, the speaker changes, or nothing is said for a while."""
    current: _Speech | None = None
    for cue in cues:
        if current is not None and (
            current.speaker != cue.speaker
            or current.text.endswith(_SENTENCE_END)
            or cue.text.startswith(("-", "♪"))
            or cue.start_s - current.end_s > _PAUSE_S
            or cue.end_s - current.start_s > _LONGEST_S
            or len(current.text) > _LONGEST_CHARS
        ):
            yield current
            current = None
        if current is None:
            current = cue
        else:
            current.text += f" {cue.text}"
            current.end_s = max(current.end_s, cue.end_s)
    if current is not None:
        yield current


def _written(speeches: Iterator[_Speech]) -> str:
    pieces: list[str] = []
    previous: _Speech | None = None
    for speech in speeches:
        if previous is not None and speech.start_s - previous.end_s > _PARAGRAPH_S:
            pieces.append("\n")
        speaker = ""
        if speech.speaker and (previous is None or previous.speaker != speech.speaker):
            speaker = f"{speech.speaker}: "
        whole = int(speech.start_s)
        stamp = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
        pieces.append(f"[{stamp}] {speaker}{speech.text}\n")
        previous = speech
    return "".join(pieces)
