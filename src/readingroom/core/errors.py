"""What can go wrong, split by who can mend it.

ReadingRoomError
├── UserFixableError             shown as it is: a sentence and a hint with the next step
│   ├── DataFolderInUse
│   ├── CatalogDamaged
│   │   ├── CatalogTooNew        made by a newer program
│   │   └── CatalogLost          damaged, and there is no copy
│   ├── DiskFull
│   ├── NoSuchWorkspace
│   ├── WorkspaceNameTaken
│   ├── SourceNotFound           a path to add does not exist
│   ├── EmbeddingModelUnavailable
│   ├── RecognitionUnavailable
│   ├── PortableFileDamaged      a workspace file is cut short, altered, or no such file
│   │   └── PortableFileTooNew
│   ├── FolderDiffers            hardly anything known is in the folder chosen for a source
│   ├── VectorStoreUnavailable
│   │   └── VectorStoreDamaged   or made otherwise: it is derived and may be thrown away
│   └── LanguageModelError
│       ├── LanguageModelUnreachable
│       ├── LanguageModelMissing
│       └── LanguageModelFailed  an error or an end in the middle of an answer
├── ReadFailure                  one file could not be read; costs that file only
│   ├── DocumentEncrypted
│   ├── DocumentUnsupported
│   ├── DocumentCorrupt
│   ├── DocumentTooLarge
│   └── DocumentChanged          it changed or vanished while it was read
├── WorkerFailure                the child process is gone; the request may be tried again
│   ├── WorkerCrashed
│   ├── WorkerTimedOut
│   └── WorkerOutOfMemory
└── EventsUnavailable            a folder does not tell of its changes, and is looked through instead

`Cancelled` stands apart: it is an outcome, not an error. Any other exception is a bug.
"""


class Cancelled(Exception):
    """The person stopped the work."""


class ReadingRoomError(Exception):
    """Base of every error this program raises on purpose."""


class UserFixableError(ReadingRoomError):
    """Something the person can mend; `str(error)` says what happened, `hint` what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class DataFolderInUse(UserFixableError):
    """Another Reading Room holds the data folder."""


class CatalogDamaged(UserFixableError):
    """The catalog cannot be read."""


class CatalogTooNew(CatalogDamaged):
    """The catalog was made by a newer program; it is left as it is."""


class CatalogLost(CatalogDamaged):
    """The catalog is damaged and there is no good copy of it; what is left is to begin anew."""


class DiskFull(UserFixableError):
    """A write failed for want of room."""


class NoSuchWorkspace(UserFixableError):
    """No workspace bears that name."""


class WorkspaceNameTaken(UserFixableError):
    """Another workspace bears that name."""


class SourceNotFound(UserFixableError):
    """A path that was to be added does not exist."""


class EmbeddingModelUnavailable(UserFixableError):
    """The embedding model is not known, not here and not to be had, or damaged."""


class RecognitionUnavailable(UserFixableError):
    """The networks that recognise text in pictures are missing or damaged."""


class PortableFileDamaged(UserFixableError):
    """A file with a workspace in it cannot be taken for one; nothing of it is kept."""

    def __init__(self, message: str, *, hint: str = "Export it again, or fetch the file again.") -> None:
        super().__init__(message, hint=hint)


class PortableFileTooNew(PortableFileDamaged):
    """A newer program made it."""


class FolderDiffers(UserFixableError):
    """The folder chosen for a source holds hardly anything of what is known of it."""


class VectorStoreUnavailable(UserFixableError):
    """The vector store cannot be opened or reached."""


class VectorStoreDamaged(VectorStoreUnavailable):
    """What is stored cannot be read, or was made by other rules; the catalog can make it anew."""


class LanguageModelError(UserFixableError):
    """Base of what can go wrong with the model server."""


class LanguageModelUnreachable(LanguageModelError):
    """No model server answers at the address in Settings."""


class LanguageModelMissing(LanguageModelError):
    """The server has no such model."""


class LanguageModelFailed(LanguageModelError):
    """The server reported an error or stopped in the middle of an answer."""


class ReadFailure(ReadingRoomError):
    """One file could not be read; `str(error)` is the reason in plain words."""


class DocumentEncrypted(ReadFailure):
    """The file needs a password."""


class DocumentUnsupported(ReadFailure):
    """No reader for this kind of file."""


class DocumentCorrupt(ReadFailure):
    """The file is broken."""


class DocumentTooLarge(ReadFailure):
    """The file is over a limit (bytes, pages, characters, unpacked size)."""


class DocumentChanged(ReadFailure):
    """The file changed or vanished while it was being read."""


class WorkerFailure(ReadingRoomError):
    """The child process ended before it answered."""


class WorkerCrashed(WorkerFailure):
    """The child process died."""


class WorkerTimedOut(WorkerFailure):
    """The child process went over its time limit and was ended."""


class WorkerOutOfMemory(WorkerFailure):
    """The child process went over its memory limit and was ended."""


class EventsUnavailable(ReadingRoomError, OSError):
    """Changes in a folder are not announced; `str(error)` says why, in sentences for the person."""
