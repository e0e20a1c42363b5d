"""Recognises the questions that the nearest passages cannot answer: counts, lists, files by date or size, summaries.

By what is said, in English, German, French and Spanish; whatever is not wholly understood is an ordinary question.
"""

# ruff: noqa: E501  (a pattern broken into pieces is harder to read than a long one)

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from readingroom.core.file_filter import FileFilter, file_filter
from readingroom.core.places import clipped

_LONGEST = 200
"""Characters: whoever writes more than a line wants to be read, not counted for."""
_MOST_WORDS = 6
"""In a term: longer ones are sentences."""
_MOST_LISTED_WORDS = 3

_QUOTED = re.compile(r"^[\"“„«‚'‘”](.+?)[\"”“»’'‘]$")
_NOUNS = (
    r"(?P<noun>(?!(?:does|do|did|is|are|was|were|has|have|had|will|would|can|could|should|must|may)\b)(?:[\w’'.-]+ ){0,5}?(?:documents?|docs?|files?|papers?|pdfs?|pages?|contracts?|agreements?|leases?|letters?|"
    r"e-?mails?|mails?|messages?|reports?|articles?|notes?|memos?|invoices?|bills?|receipts?|books?|polic(?:y|ies)|"
    r"presentations?|spreadsheets?|sources?|records?|minutes|stud(?:y|ies)|transcripts?|offers?|certificates?|"
    r"dokumente?n?|dateien?|verträgen?|vertrag|briefen?|berichten?|rechnungen|protokollen?|seiten|unterlagen|schreiben|"
    r"artikeln?|notizen|büchern?|fichiers?|contrats?|lettres?|courriels?|rapports?|factures?|livres?|"
    r"documentos?|archivos?|ficheros?|contratos?|cartas?|correos?|informes?|facturas?|libros?)"
    r"(?: (?:from|since|before|after|aus|seit|vor|de|depuis|desde) (?:\w+ )?(?:19|20)\d\d)?)"
)
_SAY = (
    r"(?:mention(?:s|ing|ed)?|contain(?:s|ing)?|refer(?:s|ring)? to|speaks? of|talks? about|names?|says?|discuss(?:es|ing)?|"
    r"erwähnen|erwähnt|enthalten|enthält|nennen|sprechen von|beinhalten|mentionnent|contiennent|citent|parlent d[eu’']|"
    r"mencionan|contienen|citan|hablan de)"
)
_SAYS = rf"{_SAY}(?:(?<=[’'])| )"
_TERM = r"(?P<term>.+)"
_COUNTS = [
    rf"(?:in )?how many (?:of )?{_NOUNS} (?:(?:that|which|do) )?{_SAYS}{_TERM}",
    rf"how many {_NOUNS} is {_TERM} (?:mentioned|named|used)(?: in)?",
    rf"in how many {_NOUNS} (?:is|are|does|do) {_TERM} (?:mentioned|named|used|appear|occur|found)",
    rf"(?:count|number of|the number of)(?: all)?(?: the)? {_NOUNS} (?:(?:that|which) )?{_SAYS}{_TERM}",
    rf"how (?:often|many times) (?:is|are|was|were|does|do) {_TERM} (?:mentioned|named|used|appear|occur|come up|stand|found)",
    rf"wie viele {_NOUNS} {_SAYS}{_TERM}",
    rf"in wie vielen {_NOUNS} (?:steht|stehen|kommt|kommen|wird|werden|ist) {_TERM}",
    rf"wie oft (?:steht|stehen|kommt|kommen|wird|werden|ist) {_TERM}",
    rf"combien de {_NOUNS} {_SAYS}{_TERM}",
    rf"combien de fois (?:est |sont )?{_TERM} (?:apparaît|apparaissent|mentionnée?s?|citée?s?)",
    rf"cuántos {_NOUNS} {_SAYS}{_TERM}",
    rf"cuántas veces (?:aparece|aparecen|se menciona|se mencionan) {_TERM}",
]  # fmt: skip
_LISTS = [
    rf"(?:which|what) (?:of )?{_NOUNS} (?:(?:that|do) )?{_SAYS}{_TERM}",
    rf"(?:list|show|find|name|give)(?: me)?(?: all| every)?(?: the| my)? {_NOUNS} (?:(?:that|which) )?{_SAYS}{_TERM}",
    rf"(?:list|show|find)(?: me)? (?:all|every)(?: the)? (?:places?|mentions?|occurrences?) (?:of|where) {_TERM}",
    rf"(?:all|every) (?:the )?(?:mentions?|occurrences?) of {_TERM}",
    rf"where (?:is|are|does|do) {_TERM} (?:mentioned|named|appear|occur)",
    rf"welche {_NOUNS} {_SAYS}{_TERM}",
    rf"in welchen {_NOUNS} (?:steht|stehen|kommt|kommen|wird|werden|ist) {_TERM}",
    rf"(?:liste|zeige?|finde|nenne)(?: mir)?(?: alle)? {_NOUNS},? die {_TERM} {_SAY}",
    rf"quel(?:le)?s {_NOUNS} {_SAYS}{_TERM}",
    rf"qué {_NOUNS} {_SAYS}{_TERM}",
]
_LISTED = [
    rf"(?:list|show|name|find|give)(?: me)? (?:all|every)(?: of)?(?: the| my| our)? {_TERM}",
    rf"(?:liste|zähle?)(?: mir)? alle {_TERM} auf",
    rf"(?:liste|zeige?|nenne|finde)(?: mir)? alle {_TERM}",
    rf"alle {_TERM} auflisten",
    rf"(?:liste[rz]?|montre[rz]?|cite[rz]?)(?:[ -]moi)? tou(?:s|tes) les {_TERM}",
    rf"(?:lista|listar|muestra|enumera)(?:me)? tod[oa]s l[oa]s {_TERM}",
]
_SUMMARIES = [
    r"(?:summari[sz]e|sum up|tl;?dr:?|(?:(?:give|write|make)(?: me)? )?(?:an? |the )?(?:\w+ )?(?:summary|overview) of)(?: for me)?(?: (?P<target>.+))?",
    r"what (?:is|does) (?P<target>(?:this|the) (?:document|file|pdf|paper|report|book|folder|workspace)) (?:all )?(?:about|say)",
    r"fass(?:e)?(?: mir)?(?: bitte)? (?P<target>.+) zusammen",
    r"(?:eine )?zusammenfassung (?:von |vom |des |der )?(?P<target>.+)",
    r"(?P<target>.+) zusammenfassen",
    r"worum geht es in (?P<target>diese[mr] (?:dokument|datei|ordner|bericht|buch|text))",
    r"(?:résume[rz]?|(?:fais |faites )?(?:un )?résumé d[eu])(?: moi)? ?(?P<target>.+)",
    r"(?:resum(?:e|ir|a)|(?:un )?resumen del?) (?P<target>(?:este|esta|todo|todos|todas|el|la|los|las) .+)",
]
_POLITE = re.compile(
    r"^(?:please|can you|could you|would you|i want to know|tell me|bitte|kannst du|können sie|s'il te plaît|por favor)[, ]+",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:the |an? |any |some |den |die |das |der |dem |eine?[nrsm]? |le |la |les |l[’']|un |une |des |el |los |las )?"
    r"(?:(?:words?|terms?|phrase|expression|names?|wort|wörter|begriff|ausdruck|mot|terme|palabra|término) (?=\S))?",
    re.IGNORECASE,
)
_EVERYWHERE = re.compile(
    r"(?: (?:in|across|within|aus|dans|en) (?:all )?(?:of )?(?:my|the|these|our|your|this|meinen|den|diesen|allen|mes|ces|les|"
    r"mis|los|estos) (?:documents|files|folder|workspace|library|papers|dokumenten|dateien|fichiers|documentos|archivos))$",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"(?:,? (?:at all|anywhere|somewhere|in total|altogether|vor|erwähnt|genannt|drin))+$", re.IGNORECASE
)
_SENTENCE_WORDS = frozenset(
    "of for to from who whom that which how why what when with without about by is are was were do does did not von für zu "
    "mit ohne über wie warum was wer die de du des pour qui que avec para con sobre quien in on at im am dans en into than "
    "und and et y reasons steps ways pros cons differences advantages".split()
)
"""A list of these is a matter of sense, not of words: `list all reasons for leaving`."""
_THIS = re.compile(
    r"(?:this|it|this one|(?:this|the) (?:\w+ )?(?:document|file|pdf|paper|report|book|text|article)|das|dies|dieses? "
    r"(?:dokument|datei|bericht|buch|text)|ce (?:document|fichier|texte|livre|rapport)|este (?:documento|archivo|texto|libro|informe))",
    re.IGNORECASE,
)
_EVERYTHING = re.compile(
    r"(?:everything|all|all of (?:it|them)|(?:all )?(?:of )?(?:my|the|these|this|our) (?:whole |entire )?(?:documents|files|workspace|"
    r"library)|the whole (?:workspace|thing)|alles|alle dokumente|(?:alle )?meine dokumente|tout|tous (?:les|mes) documents|"
    r"todo|todos (?:los|mis) documentos)",
    re.IGNORECASE,
)
_FOLDER = re.compile(
    r"(?:this|the|dieser|diesen|den|ce|le|esta|la)? ?(?:whole |entire |ganzen )?(?:folder|directory|ordner|dossier|carpeta)"
    r"(?: (?P<name>.+))?|(?:the )?(?P<before>.+) folder",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """Every place at which a term stands is wanted."""

    term: str
    counting: bool
    """How many, rather than which."""
    sure: bool
    """It can mean nothing else, so that none is an answer too."""
    noun: str = ""
    """What the person calls the documents where that says more than that they are some: `contracts`."""
    files: FileFilter | None = None
    """Of these documents only."""


@dataclass(frozen=True, slots=True)
class Files:
    """Documents are wanted by what is known of their files."""

    filter: FileFilter
    counting: bool


class SummaryOf(StrEnum):
    """How much is to be summed up."""

    THIS = "this"
    FOLDER = "folder"
    EVERYTHING = "everything"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary is wanted."""

    of: SummaryOf
    name: str = ""
    """Of a folder or a document, as the person writes it."""


def asking_all(question: str, today: date) -> Mentions | Files | Summary | None:
    """What of all documents a question asks for; None for an ordinary one."""
    asked = " ".join(question.split()).rstrip(" ?!.…")
    asked = _POLITE.sub("", asked.lstrip("¿¡ "))
    if not asked or len(asked) > _LONGEST or "\n" in question.strip():
        return None
    anywhere = _EVERYWHERE.sub("", asked)
    return _mentions(anywhere, today) or _files(asked, today) or _listed(anywhere) or _summary(asked)


def _mentions(asked: str, today: date) -> Mentions | None:
    for patterns, counting in ((_COUNTS, True), (_LISTS, False)):
        for pattern in patterns:
            match = re.fullmatch(pattern, asked, re.IGNORECASE)
            if match is None:
                continue
            term = _term(match["term"])
            noun = match.groupdict().get("noun") or ""
            files = file_filter(noun, today) if noun else None
            if not term or len(term.split()) > _MOST_WORDS or (files is None and len(noun.split()) > 2):
                return None
            particular = files.noun if files is not None else noun
            return Mentions(
                term,
                counting,
                sure=True,
                noun=particular,
                files=None if files is None or files.anything else files,
            )
    return None


def _files(asked: str, today: date) -> Files | None:
    found = file_filter(asked, today)
    if found is None or (found.anything and (not found.asked or found.noun)):
        return None
    return Files(found, counting=found.counting)


def _listed(asked: str) -> Mentions | None:
    for pattern in _LISTED:
        match = re.fullmatch(pattern, asked, re.IGNORECASE)
        if match is None:
            continue
        quoted = _QUOTED.match(match["term"].strip())
        term = _term(match["term"])
        words = term.casefold().split()
        if not words or (
            quoted is None and (len(words) > _MOST_LISTED_WORDS or _SENTENCE_WORDS.intersection(words))
        ):
            return None
        return Mentions(term, counting=False, sure=quoted is not None)
    return None


def _summary(asked: str) -> Summary | None:
    for pattern in _SUMMARIES:
        match = re.fullmatch(pattern, asked, re.IGNORECASE)
        if match is None:
            continue
        target = (match["target"] or "").strip()
        if quoted := _QUOTED.match(target):
            return Summary(SummaryOf.NAMED, quoted[1])
        if not target or _THIS.fullmatch(target):
            return Summary(SummaryOf.THIS)
        if _EVERYTHING.fullmatch(target):
            return Summary(SummaryOf.EVERYTHING)
        if folder := _FOLDER.fullmatch(target):
            name = folder["name"] or folder["before"] or ""
            return Summary(SummaryOf.FOLDER, name.strip("\"'“”„«»"))
        return Summary(SummaryOf.NAMED, clipped(target, 120))
    return None


def _term(said: str) -> str:
    said = _TRAILING.sub("", said.strip(), count=1).strip(" ,")
    if quoted := _QUOTED.match(said):
        return quoted[1].strip()
    said = _LEADING.sub("", said, count=1)
    quoted = _QUOTED.match(said)
    return (quoted[1] if quoted else said).strip()
