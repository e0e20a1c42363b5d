"""Tells by the file system whether changes in a folder are announced."""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")

_NETWORK = frozenset(
    "afpfs afs beegfs ceph cifs coda fuse.glusterfs fuse.juicefs gfs2 gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs pvfs2 "
    "smb2 smb3 smbfs webdav".split()
)
"""Other computers change what is on them, and this system hears only of what is done on this computer."""

_SHARED = frozenset(
    "9p drvfs fuse.grpcfuse fuse.osxfs fuse.vmhgfs-fuse hgfs prl_fs vboxsf virtiofs vmhgfs wslfs".split()
)
"""Folders of the system around this one: Windows around WSL (its drives are 9p), the host around a machine or container."""

_OWN_FUSE = frozenset(
    "fuse.cryfs fuse.encfs fuse.exfat fuse.gocryptfs fuse.lowntfs-3g fuse.ntfs fuse.ntfs-3g fuse.securefs "
    "fuse.veracrypt fuseblk".split()
)
"""Drives and vaults of this computer: nobody changes them but through this system. What other programs in user space
show is changed behind its back as a rule (sshfs, rclone, Google Drive)."""

_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """A place in the tree of folders where a file system begins."""

    point: Path
    kind: str
    """Its type by the system's name, as `nfs4`, `fuse.sshfs`."""
    remote: bool = False
    """The system itself says that it is on a network."""


def silence_of(folder: Path, mounts: Sequence[Mount] | None = None) -> str:
    """Why changes in a folder are not announced, in sentences for the person; empty where they are.

    `folder` has its links resolved. A drive that is mounted inside the folder counts as well: what is looked through
    is the whole. Without `mounts` the system is asked.
    """
    if str(folder).startswith("\\\\"):
        return _reason("It lies", "network")
    known = system_mounts() if mounts is None else mounts
    around = [mount for mount in known if folder.is_relative_to(mount.point)]
    # Of two at one place the later hides the earlier.
    home = max(reversed(around), key=lambda mount: len(mount.point.parts), default=None)
    if home is not None and (reason := _reason("It lies", _nature(home), home.kind)):
        return reason
    for mount in known:
        if _is_read_with(mount.point, folder) and (nature := _nature(mount)):
            return _reason(f"Its folder {mount.point.name} lies", nature, mount.kind)
    # Last: a share whose server is gone would keep whoever opens it waiting.
    if mounts is None and not _announces(folder):
        return "Its file system does not announce changes; it is looked through every now and then instead."
    return ""


def system_mounts() -> list[Mount]:
    """All mounts of this system, in the order they were made; none where it does not tell."""
    if sys.platform.startswith("linux"):
        try:
            return parse_mounts(_MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines())
        except OSError:
            return []
    import psutil

    return [
        Mount(Path(part.mountpoint), part.fstype.lower(), "remote" in part.opts.split(","))
        for part in psutil.disk_partitions(all=True)
    ]


def parse_mounts(lines: Iterable[str]) -> list[Mount]:
    """Read `/proc/self/mountinfo` (proc(5)): the fifth field is the place, the first after the dash the type."""
    found = []
    for line in lines:
        before, dash, after = line.partition(" - ")
        fields = before.split(" ")
        if dash and len(fields) >= 5:
            found.append(Mount(Path(_ESCAPED.sub(_character, fields[4])), after.split(" ")[0]))
    return found


def _character(escaped: re.Match[str]) -> str:
    """Spaces, tabs, line ends and backslashes stand as three octal digits."""
    return chr(int(escaped[1], 8))


def _announces(folder: Path) -> bool:
    if not sys.platform.startswith("linux"):
        return True
    from readingroom.watching.inotify import announces

    return announces(folder)


def _is_read_with(point: Path, folder: Path) -> bool:
    """Whether it is inside the folder and not hidden: desktops mount views of their own at ~/.gvfs and ~/.cache/doc."""
    if point == folder or not point.is_relative_to(folder):
        return False
    return not any(part.startswith(".") for part in point.relative_to(folder).parts)


def _nature(mount: Mount) -> str:
    if mount.kind in _SHARED:
        return "shared"
    if mount.remote or mount.kind in _NETWORK:
        return "network"
    if mount.kind.startswith("fuse.") and mount.kind not in _OWN_FUSE:
        return "program"
    return ""


def _reason(beginning: str, nature: str, kind: str = "") -> str:
    named = f" ({kind})" if kind else ""
    return {
        "": "",
        "network": f"{beginning} on a network drive{named}, where changes made by other computers are not announced; "
        "it is looked through every now and then instead.",
        "shared": f"{beginning} in a folder shared by another system{named}, which does not announce its changes; "
        "it is looked through every now and then instead.",
        "program": f"{beginning} on a drive that a program provides{named}, where changes may come unannounced; "
        "it is looked through every now and then instead.",
    }[nature]
