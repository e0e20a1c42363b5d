"""Keeps a document's words from being taken for orders: signs that models obey lose their power, orders are pointed out."""

import re
from collections.abc import Sequence

from readingroom.core.text_spans import INVISIBLE, Span

_BREAK = "\u2060"
"""A word joiner: nobody sees it, quotations are found in spite of it, and no tokenizer reads a sign around it."""

# What chat templates put around turns; in a tokenizer each is a token of its own, wherever the text came from.
_TEMPLATE_SIGNS = re.compile(
    r"<[|｜][^<>\n]{1,60}[|｜]>|<\|"
    r"|\[/?(?:INST|SYSTEM_PROMPT|THINK|TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|IMG)\]"
    r"|<</?SYS>>|</?(?:s|bos|eos|pad|unk|think|thinking|thought|tool_call|tool_response|tools|function|im_start|im_end)>"
    r"|<(?:start|end)_of_(?:turn|image|text)>|</?(?:system|assistant|user|human|passage)\b",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"^([ \t>#*_]*)(system|assistant|user|human|developer|instruction|response)([ \t*_]*:)",
    re.IGNORECASE | re.MULTILINE,
)

_IGNORE = r"(?:ignore|disregard|forget|override|bypass|do not follow|don't follow|stop following)"
_ORDERS = re.compile(
    "|".join(
        (
            # English: ignore previous instructions, and what comes with it
            (
                rf"\b{_IGNORE}\b[^.!?\n]{{0,30}}\b(?:all|any|previous|prior|earlier|preceding|above|your|these|those|system"
                r"|other)\b[^.!?\n]{0,30}\b(?:instructions?|prompts?|rules?|guidelines?|directions?|passages?)\b"
            ),
            rf"\b{_IGNORE}\b[^.!?\n]{{0,30}}\b(?:instructions?|prompts?|rules?|guidelines?|everything) (?:above|before|you)\b",
            r"\b(?:your|the) (?:new|real|actual|updated) (?:instructions?|task|role|prompt)s? (?:is|are)\b",
            r"\bnew (?:system )?(?:instructions?|prompt)\s*:",
            r"\byou are (?:now|no longer)\b(?! (?:leaving|entering|ready|able|entitled|eligible|required|in|at)\b)",
            r"\b(?:act|behave|respond|answer|pretend) as (?:if you were|though you were|an? (?:ai|assistant|unrestricted|dan\b))",
            r"\b(?:system prompt|jailbreak|developer mode|dan mode)\b",
            r"\b(?:as an?|dear|attention,?|note to(?: the)?|to (?:the|any)) (?:ai|llm|language model|ai assistant|chatbot)s?\b",
            r"\b(?:reveal|print|repeat|show|output|leak) (?:your|the) (?:\w+ )?(?:prompt|instructions)\b",
            r"\b(?:do not|don't|never) (?:tell|mention|reveal|inform)\b[^.!?\n]{0,30}\b(?:the )?user\b",
            (
                r"\bwhen (?:asked|summari[sz]ing|answering|you (?:answer|summari[sz]e|read this))\b[^.!?\n]{0,60}\b(?:say|reply"
                r"|respond|answer|output|claim|recommend|include)\b"
            ),
            r"\b(?:respond|reply|answer) (?:only )?with\b[^.!?\n]{0,60}\b(?:and nothing else|only|exactly)\b",
            # German
            (
                r"\b(?:ignorier\w*|vergiss|vergessen sie|missacht\w*)\b[^.!?\n]{0,50}\b(?:anweisung\w*|instruktion\w*|regeln?"
                r"|vorgaben?|befehle?|prompts?)\b"
            ),
            r"\bdu bist (?:jetzt|nun|ab sofort)\b",
            # French
            (
                r"\b(?:ignore[zrs]?|oublie[zrs]?|ne tiens pas compte)\b[^.!?\n]{0,20}"
                r"\b(?:les|des|toutes|tous|ces|vos|tes)\b[^.!?\n]{0,30}"
                r"\b(?:instructions?|consignes?|règles?|ordres?)\b"
            ),
            r"\b(?:tu es|vous êtes) (?:maintenant|désormais)\b",
            # Spanish, Portuguese, Italian
            (
                r"\b(?:ignor[aeo]\w*|olvid[ae]\w*|esque[çc]\w*|dimentic\w*|desconsider\w*)\b[^.!?\n]{0,20}"
                r"\b(?:las|los|le|as|todas|tus|sus|tutte|suas|todos)\b[^.!?\n]{0,30}"
                r"\b(?:instruc\w+|instruç\w+|istruzion\w+|órdenes|ordens|reglas|regras|regole)\b"
            ),
            r"\b(?:ahora eres|agora você é|ora sei)\b",
            # Russian, Chinese, Japanese
            r"(?:игнорируй\w*|забудь\w*)[^.!?\n]{0,50}(?:инструкци\w*|указани\w*|правил\w*)",
            r"(?:忽略|无视|忘记|忽視)[^。！？\n]{0,20}(?:指令|指示|说明|規則|规则|提示)",
            r"(?:指示|命令|ルール)[^。！？\n]{0,10}(?:無視|忘れ)",
            # What would carry the conversation away
            r"!\[[^\]\n]*\]\(\s*<?(?:https?:)?//",
            r"<img\b[^>]*\bsrc\s*=",
            r"https?://\S+[?&]\w+=\s*(?:\{|\[|<|%7b|\$)",
            (
                r"\b(?:append|insert|embed|encode|send|post|exfiltrate)\b[^.!?\n]{0,60}\b(?:to|into|as)\b[^.!?\n]{0,30}"
                r"\b(?:urls?|links?|https?://|webhook|e-?mail address|image (?:url|link|source))"
            ),
        )
    ),
    re.IGNORECASE,
)
_SIGN_OF_A_TURN = re.compile(
    r"<[|｜](?:im_start|im_end|system|user|assistant|end|eot_id|start_header_id|endoftext)[|｜]>|\[/?INST\]|<</?SYS>>"
    r"|<(?:start|end)_of_turn>|^[ \t>#*_]*(?:###\s*)?(?:system|new instructions?)[ \t*_]*:",
    re.IGNORECASE | re.MULTILINE,
)


def harmless(text: str) -> str:
    """The same to the eye, without signs that a chat template gives a meaning to."""
    text = _TEMPLATE_SIGNS.sub(lambda found: f"{found[0][0]}{_BREAK}{found[0][1:]}", text)
    return _ROLE.sub(rf"\1\2{_BREAK}\3", text)


def orders_in(text: str) -> Sequence[Span]:
    """Where it speaks to a model and not to a reader, as far as can be told from patterns; in order.

    Signs without a width, which hide an order from a search, are looked through.
    """
    places = [at for at, character in enumerate(text) if character not in INVISIBLE]
    seen = text if len(places) == len(text) else "".join(text[at] for at in places)
    found = [*_ORDERS.finditer(seen), *_SIGN_OF_A_TURN.finditer(seen)]
    spans = (Span(places[match.start()], places[match.end() - 1] + 1) for match in found)
    return sorted(spans, key=lambda span: (span.start, span.end))


def on_one_line(text: str) -> str:
    """A name or a heading as it may stand beside a passage: harmless, and without line ends."""
    return harmless(" ".join(text.split()))
