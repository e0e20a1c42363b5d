"""What is known of answering models and their server, in words a person reads."""

from readingroom.core.addresses import host_of, is_local
from readingroom.core.language_model import LanguageModelStatus
from readingroom.core.model_server import ServedModel
from readingroom.services.pulling import Pull, PullState
from readingroom.ui.models.wording import size_words, time_left_words


def model_facts(model: ServedModel) -> str:
    """`2.5 GB · 4.0B parameters · Q4_K_M · 262,144 tokens of context`; what is not known is left out."""
    facts = (
        size_words(model.size_bytes) if model.size_bytes else "",
        f"{model.parameters} parameters" if model.parameters else "",
        model.quantisation,
        f"{model.context_limit:,} tokens of context" if model.context_limit else "",
        "" if model.chats else "finds passages, writes no answers",
    )
    return " · ".join(fact for fact in facts if fact)


def model_choice(name: str, status: LanguageModelStatus) -> str:
    """A model as an entry of a menu or list: `qwen3:8b · 5.2 GB`."""
    found = next((model for model in status.facts if model.name == name), None)
    return f"{name} · {size_words(found.size_bytes)}" if found and found.size_bytes else name


def leaves_words(address: str) -> str:
    """Say where questions go, if they leave this computer; else nothing."""
    if not address or is_local(address):
        return ""
    return f"Questions and the passages found for them go to {host_of(address)}"


def pull_words(pull: Pull) -> str:
    """How a pull stands: `1.2 GB of 5.2 GB · 12 MB/s · 6 min left`."""
    progress = pull.progress
    if progress is None:
        return {PullState.RUNNING: "Asking Ollama's library"}.get(pull.state, "Stopped")
    so_far = (
        f"{size_words(progress.done_bytes)} of {size_words(progress.total_bytes)}"
        if progress.total_bytes
        else ""
    )
    match pull.state:
        case PullState.RUNNING if not progress.total_bytes:
            return "Asking Ollama's library"
        case PullState.RUNNING if progress.done_bytes >= progress.total_bytes:
            return "All is there; Ollama checks it"
        case PullState.RUNNING:
            speed = f"{size_words(round(pull.bytes_per_s))}/s" if pull.bytes_per_s else ""
            left = "" if pull.seconds_left is None else time_left_words(pull.seconds_left)
            return " · ".join(part for part in (so_far, speed, left) if part)
        case _:
            return f"Stopped at {so_far}; it goes on from there while Ollama runs" if so_far else "Stopped"
