"""Has a model make a question whole that leans on the conversation, within some seconds."""

import logging
import threading
from collections.abc import Sequence

from readingroom.core.cancellation import CancelToken
from readingroom.core.conversation import Message
from readingroom.core.errors import Cancelled, LanguageModelError
from readingroom.core.follow_up import rewriting_turns, rewritten
from readingroom.core.language_model import LanguageModel, Thought
from readingroom.services.windows import Windows

log = logging.getLogger(__name__)

TIME_LIMIT_S = 6.0
_MOST_CHARS = 800


class Rewriter:
    """Blocks for up to six seconds. Gives None rather than raise: there is a rule to fall back to."""

    def __init__(
        self, language_model: LanguageModel, windows: Windows, *, time_limit_s: float = TIME_LIMIT_S
    ) -> None:
        self._language_model = language_model
        self._windows = windows
        self._time_limit_s = time_limit_s
        self._thinkers: set[str] = set()
        """Models that think first: that takes longer than a person wants to wait for a search."""

    def whole(self, question: str, history: Sequence[Message], model: str, cancel: CancelToken) -> str | None:
        """The question as the model understands it; None where it says nothing of use in time."""
        if model in self._thinkers:
            return None
        token = CancelToken()
        cancel.when_cancelled(token.cancel)
        timer = threading.Timer(self._time_limit_s, token.cancel)
        timer.daemon = True
        timer.start()
        try:
            return rewritten(self._said(model, question, history, token), question, history)
        except Cancelled:
            return None
        except LanguageModelError as error:
            log.info("The question was not made whole by a model: %s", error)
            return None
        finally:
            timer.cancel()
            timer.join()

    def _said(self, model: str, question: str, history: Sequence[Message], cancel: CancelToken) -> str:
        turns = rewriting_turns(question, history)
        num_ctx = self._windows.context_for(model, self._windows.window(model), turns)
        said = ""
        for piece in self._language_model.chat(model, turns, num_ctx=num_ctx, cancel=cancel, temperature=0.0):
            if isinstance(piece, Thought):
                self._thinkers.add(model)
                return ""
            if isinstance(piece, str):
                said += piece
                if "\n" in said.strip() or len(said) > _MOST_CHARS:
                    break
        return said
