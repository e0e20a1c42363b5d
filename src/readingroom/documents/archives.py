"""Tells of zip archives and iWork documents whether they are locked or lie about themselves."""

from zipfile import ZipFile

_ENCRYPTED = 0x1
_ENTRY_BYTES = 30
"""At least, of what stands before each entry (APPNOTE 4.3.7)."""
_IWORK_LOCKED = 25_000
"""Methods of compression from here on are iWork '09's own, for documents with a password."""
_IWORK_PASSWORD = frozenset({".iwpv2", ".iwph"})
_IWORK_09 = "buildVersionHistory.plist"


def is_iwork(names: set[str]) -> bool:
    """Whether entries of these names make a Pages, Numbers or Keynote document."""
    return _IWORK_09 in names or any(name.endswith((".iwa", "Index.zip")) for name in names)


def is_locked(archive: ZipFile) -> bool:
    """Whether an entry needs a password."""
    return any(
        entry.flag_bits & _ENCRYPTED
        or entry.compress_type >= _IWORK_LOCKED
        or entry.filename.rpartition("/")[2] in _IWORK_PASSWORD
        for entry in archive.infolist()
    )


def is_whole(archive: ZipFile, size_bytes: int) -> bool:
    """Whether what the directory says of the entries can be true of a file of this size."""
    return all(
        entry.header_offset + _ENTRY_BYTES + entry.compress_size <= size_bytes for entry in archive.infolist()
    )
