"""Tells an answer that says "this is not in the passages" from one that answers."""

import re

_LONGEST = 600
"""Characters; who writes more has said something."""
_DECLINES = re.compile(
    r"\b(?:passages?|documents?|texts?|excerpts?|sources?|materials?|context|information)\b[^.!?\n]{0,80}"
    r"\b(?:do(?:es)? not|don['’]t|doesn['’]t|did not|cannot|can['’]t)\b[^.!?\n]{0,40}"
    r"\b(?:answer|mention|contain|say|state|specify|cover|provide|include|address|discuss|tell|give)\b"
    r"|\b(?:no|not any|not enough|insufficient) (?:\w+ )?(?:information|mention|passage|answer|details?)\b"
    r"|\b(?:not|isn['’]t|aren['’]t|nowhere) (?:mentioned|stated|specified|covered|provided|included|found|answered|addressed)\b"
    r"|\bI (?:cannot|can['’]t|could not|am unable to|don['’]t) (?:answer|find|know|tell)\b"
    r"|\b(?:beantworte[nt]|enth(?:ält|alten)|erwähn(?:t|en)|nenn(?:t|en)|sag(?:t|en)|geh(?:t|en)|findet sich|steht)\b"
    r"[^.!?\n]{0,60}\b(?:nicht|nichts|kein\w*)\b|\bkeine (?:angaben?|informationen?|hinweise?)\b"
    r"|\bne (?:répond|mentionn|contien|précis|dis|parl|donn|permet)\w*\b[^.!?\n]{0,40}\b(?:pas|aucun\w*|rien)\b"
    r"|\baucune (?:information|mention|réponse)\b"
    r"|\bno (?:responde\w*|menciona\w*|contiene\w*|dice\w*|indica\w*|especifica\w*|hay (?:información|mención))\b"
    r"|не (?:содерж|упомина|отвеча|говор|указ)\w*|нет (?:информации|сведений|ответа)"
    r"|(?:没有|未|無|无法|不能|沒有)[^。！？\n]{0,12}(?:提到|提及|说明|回答|包含|信息|答案|資訊)",
    re.IGNORECASE,
)


def declines(answer: str) -> bool:
    """Whether a short answer without a source says that the documents do not tell."""
    return len(answer) <= _LONGEST and _DECLINES.search(answer) is not None
