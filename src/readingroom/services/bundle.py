"""Everything the window and the command line are handed."""

from dataclasses import dataclass

from readingroom.services.answering import AnsweringService
from readingroom.services.backups import BackupService
from readingroom.services.chat import ChatService
from readingroom.services.documents import DocumentService
from readingroom.services.embedding_forms import FormService
from readingroom.services.exhaustive import TallyService
from readingroom.services.exporting import ExportingService
from readingroom.services.find import FindService
from readingroom.services.first_minutes import FirstMinutesService
from readingroom.services.ignoring import IgnoreService
from readingroom.services.ingest import IngestService
from readingroom.services.model_server import ModelServerService
from readingroom.services.models import ModelService
from readingroom.services.passwords import PasswordService
from readingroom.services.pausing import PausingService
from readingroom.services.portability import PortabilityService
from readingroom.services.preferences import PreferenceService
from readingroom.services.recognise import RecogniseService
from readingroom.services.retrieve import RetrieveService
from readingroom.services.server import ServerService
from readingroom.services.source_cards import SourceCardService
from readingroom.services.source_rules import RuleService
from readingroom.services.sources import SourceService
from readingroom.services.threads import ThreadService
from readingroom.services.verify import VerifyService
from readingroom.services.workspaces import WorkspaceService


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases, wired to their adapters."""

    workspaces: WorkspaceService
    sources: SourceService
    ingest: IngestService
    documents: DocumentService
    retrieve: RetrieveService
    find: FindService
    chat: ChatService
    threads: ThreadService
    exporting: ExportingService
    tallies: TallyService
    first_minutes: FirstMinutesService
    source_cards: SourceCardService
    models: ModelService
    forms: FormService
    model_server: ModelServerService
    answering: AnsweringService
    preferences: PreferenceService
    passwords: PasswordService
    recognise: RecogniseService
    ignoring: IgnoreService
    pausing: PausingService
    rules: RuleService
    backups: BackupService
    portability: PortabilityService
    server: ServerService
    verify: VerifyService
