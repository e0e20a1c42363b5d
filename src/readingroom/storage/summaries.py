"""Summaries and their stages in the catalog."""

import json

from readingroom.core.ids import DocumentId, MessageId
from readingroom.core.summary_catalog import KeptStage, SummaryJob
from readingroom.storage.store import Store


class SummaryStore(Store):
    """See `core.summary_catalog.SummaryCatalog`."""

    def begin_summary(self, job: SummaryJob) -> None:
        self._lane.write(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO summaries (message_id, title, documents, model, window) VALUES (?, ?, ?, ?, ?)",
                (job.message_id, job.title, json.dumps(job.document_ids), job.model, job.window),
            ),
            lasting=True,
        )

    def summary(self, message_id: MessageId) -> SummaryJob | None:
        row = self._lane.read(
            lambda db: db.execute("SELECT * FROM summaries WHERE message_id = ?", (message_id,)).fetchone()
        )
        if row is None:
            return None
        ids = tuple(DocumentId(number) for number in json.loads(row["documents"]))
        return SummaryJob(message_id, row["title"], ids, row["model"], row["window"])

    def summary_stages(self, message_id: MessageId) -> dict[str, KeptStage]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT stage, text, seconds FROM summary_stages WHERE message_id = ?", (message_id,)
            ).fetchall()
        )
        return {row["stage"]: KeptStage(row["text"], row["seconds"]) for row in rows}

    def keep_stage(self, message_id: MessageId, name: str, stage: KeptStage) -> None:
        self._lane.write(
            lambda db: db.execute(
                # The thread may have gone for good meanwhile.
                "INSERT OR REPLACE INTO summary_stages (message_id, stage, text, seconds)"
                " SELECT message_id, ?, ?, ? FROM summaries WHERE message_id = ?",
                (name, stage.text, stage.seconds, message_id),
            ),
            lasting=True,
        )
