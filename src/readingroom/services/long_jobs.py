"""When a long piece of indexing is worth a word on the desktop."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from readingroom.core.models import Source, SourceProgress, SourceState

LONG_S = 60.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How indexing stands, over all workspaces."""

    waiting: int = 0
    """Documents with something left to do."""
    locked: int = 0
    failed: int = 0
    problem: str = ""
    """What keeps it from going on."""
    vanished: tuple[tuple[str, int], ...] = ()
    """Folders (by name) whose documents are gone all at once, and how many."""
    resting: bool = False
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A stretch of work without a rest, and what was said of it."""

    busy_s: float = 0.0
    """Pauses left out."""
    looked_at: float = 0.0
    most: int = 0
    """Documents that waited at once."""
    working: bool = False
    locked_before: int = 0
    failed_before: int = 0
    said: frozenset[str] = frozenset()
    """Needs that were told of and have not passed."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A title and a sentence. They name files and folders at most, never what is in them."""

    title: str
    text: str


def standing_of(
    sources: Sequence[Source], progress: Sequence[SourceProgress], *, problem: str, resting: bool
) -> Standing:
    """Sum up sources of all workspaces."""
    paused = {source.id for source in sources if source.state is SourceState.PAUSED}
    counted = [entry for entry in progress if entry.source_id not in paused]
    times = [entry.seconds_left for entry in counted if entry.seconds_left is not None]
    return Standing(
        waiting=sum(entry.total - entry.done for entry in counted),
        locked=sum(entry.locked for entry in counted),
        failed=sum(entry.failed for entry in counted),
        problem=problem,
        vanished=tuple((source.path.name, source.vanished) for source in sources if source.vanished),
        resting=resting,
        seconds_left=max(times, default=None),
    )


def follow_job(job: Job, standing: Standing, now: float, *, in_front: bool) -> tuple[Job, Sequence[Notice]]:
    """Take the next look at a job: what is known then, and what to say on the desktop.

    Nothing is said while the window is `in_front`: there it can be seen. An end is told of a job that took over a
    minute; what needs the person is told at once, and once: a problem, a folder whose documents vanished. Locked
    documents do not hold up a job and are told of at its end.
    """
    needs = _needs(standing)
    fresh = [notice for key, notice in needs.items() if key not in job.said]
    passed = now - job.looked_at if job.working and not standing.resting else 0.0
    following = replace(job, looked_at=now, busy_s=job.busy_s + passed, said=frozenset(needs))
    if standing.waiting and not job.working:
        following = replace(
            following,
            working=True,
            busy_s=0.0,
            most=0,
            locked_before=standing.locked,
            failed_before=standing.failed,
        )
    if standing.waiting:
        following = replace(following, most=max(following.most, standing.waiting))
    elif job.working:
        if following.busy_s >= LONG_S:
            fresh.append(_end(following, standing))
        following = replace(following, working=False)
    return following, () if in_front else fresh


def _needs(standing: Standing) -> dict[str, Notice]:
    needs = {}
    if standing.problem:
        needs["problem"] = Notice("Indexing waits", standing.problem)
    for name, count in standing.vanished:
        documents = "1 document is" if count == 1 else f"{count:,} documents are"
        needs[f"vanished {name}"] = Notice(
            f"{name}: {documents} gone", "They stay searchable until you say whether they were deleted."
        )
    return needs


def _end(job: Job, standing: Standing) -> Notice:
    done = "1 document was" if job.most == 1 else f"{job.most:,} documents were"
    words = [f"{done} worked through."]
    locked, failed = standing.locked - job.locked_before, standing.failed - job.failed_before
    if locked > 0:
        words.append(f"{locked:,} need{'s' if locked == 1 else ''} a password.")
    if failed > 0:
        words.append(f"{failed:,} could not be read.")
    return Notice("Indexing is done", " ".join(words))
