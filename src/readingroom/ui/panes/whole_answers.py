"""Puts below answers about all documents what they are made of."""

from PySide6.QtCore import QObject, Signal

from readingroom.core.conversation import Message
from readingroom.core.tallies import TalliedDocument
from readingroom.services.bundle import Services
from readingroom.services.exhaustive import ShownPlace
from readingroom.ui.alive import while_alive
from readingroom.ui.models.hit_rows import PLACES_AT_ONCE, DocumentHit
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.answer_message import AnswerMessage
from readingroom.ui.widgets.hit_list import HitList


class WholeAnswers(QObject):
    """Looks at each answer that is shown; ordinary ones it leaves as they are."""

    opened = Signal(object, object)  # Citation, those beside it

    def __init__(self, services: Services, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._runner = runner

    def dress(self, answer: AnswerMessage, message: Message) -> None:
        """Add what belongs to an answer as it was kept."""
        kind = "" if message.searched is None else message.searched.whole
        if kind == "tally":
            self._runner.call(
                lambda: self._services.tallies.documents(message.id),
                while_alive(answer, lambda found: self._show(answer, found)),
            )

    def _show(self, answer: AnswerMessage, found: list[TalliedDocument]) -> None:
        if not found:
            return
        hits = HitList(found, answer)
        hits.opened.connect(self.opened)
        hits.places_wanted.connect(lambda hit, first: self._fetch(hits, hit, first))
        answer.add_below(hits)
        if len(found) <= 3:
            hits.unfold_first()

    def _fetch(self, hits: HitList, hit: DocumentHit, first: int) -> None:
        def show(places: list[ShownPlace]) -> None:
            hits.add_places(hit.number, first, places)

        self._runner.call(
            lambda: self._services.tallies.places(
                hit.document, first=first, most=PLACES_AT_ONCE, number=first + 1
            ),
            while_alive(hits, show),
        )
