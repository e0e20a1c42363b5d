"""Which folders tell of their changes, by the mounts of the system."""

from pathlib import Path

import pytest

from readingroom.watching.file_systems import Mount, parse_mounts, silence_of

LAPTOP = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw,discard
31 27 0:40 / /home/ada/.cache/doc rw,nosuid - fuse.portal portal rw,user_id=1000
32 27 0:41 / /home/ada/cloud rw,nosuid - fuse.rclone drive: rw,user_id=1000
33 27 0:42 / /mnt/office rw,relatime shared:9 master:2 - nfs4 server:/export rw,vers=4.2
34 27 0:43 / /mnt/family\040photos rw - cifs //nas/photos rw
35 27 8:17 / /media/ada/STICK rw - fuseblk /dev/sdb1 rw,user_id=0
36 33 0:44 / /mnt/office/local rw - tmpfs tmpfs rw
37 27 0:45 / /home/ada/vault rw - fuse.gocryptfs /home/ada/.vault rw
38 27 0:46 / /home/ada/server rw - fuse.sshfs ada@server: rw
39 27 8:33 / /data rw - xfs /dev/sdc1 rw
40 39 0:47 / /data rw - nfs server:/data rw
""".strip().splitlines()
WSL = r"""
60 59 8:32 / / rw,relatime - ext4 /dev/sdc rw
77 60 0:50 / /mnt/c rw,noatime - 9p C:\134 rw,dirsync,aname=drvfs;path=C:\;uid=1000
""".strip().splitlines()
GUEST = """
1 0 8:1 / / rw - ext4 /dev/sda1 rw
2 1 0:9 / /media/sf_docs rw - vboxsf docs rw
3 1 0:8 / /srv/shared rw - virtiofs shared rw
""".strip().splitlines()


@pytest.mark.parametrize(
    ("lines", "folder", "kind"),
    [
        (LAPTOP, "/mnt/office/contracts", "(nfs4)"),
        (LAPTOP, "/mnt/family photos/2024", "(cifs)"),
        (LAPTOP, "/home/ada/server", "(fuse.sshfs)"),
        (LAPTOP, "/home/ada/cloud/taxes", "(fuse.rclone)"),
        (LAPTOP, "/data/papers", "(nfs)"),
        (WSL, "/mnt/c/Users/ada/Documents", "(9p)"),
        (GUEST, "/media/sf_docs", "(vboxsf)"),
        (GUEST, "/srv/shared/x", "(virtiofs)"),
    ],
)
def test_folders_that_others_change_unseen_say_where_they_lie(
    lines: list[str], folder: str, kind: str
) -> None:
    reason = silence_of(Path(folder), parse_mounts(lines))
    assert reason.startswith("It lies")
    assert kind in reason
    assert reason.endswith("it is looked through every now and then instead.")


@pytest.mark.parametrize(
    ("lines", "folder"),
    [
        (LAPTOP, "/home/ada/documents"),
        (LAPTOP, "/mnt/office-at-home"),
        (LAPTOP, "/media/ada/STICK/papers"),
        (LAPTOP, "/home/ada/vault"),
        (LAPTOP, "/mnt/office/local/x"),
        (WSL, "/home/ada"),
        ([], "/home/ada"),
    ],
)
def test_folders_of_this_computer_are_trusted(lines: list[str], folder: str) -> None:
    assert silence_of(Path(folder), parse_mounts(lines)) == ""


def test_a_share_mounted_inside_the_folder_counts_for_the_whole() -> None:
    reason = silence_of(Path("/home/ada"), parse_mounts(LAPTOP))
    assert reason.startswith("Its folder cloud lies on a drive that a program provides (fuse.rclone)")


def test_what_the_system_calls_remote_is_remote_whatever_its_kind() -> None:
    """Windows says `NTFS` of a share that a server keeps on NTFS."""
    assert "network drive" in silence_of(Path("/z/docs"), [Mount(Path("/z"), "ntfs", remote=True)])


def test_a_path_that_names_a_server_is_on_the_network() -> None:
    assert "network drive" in silence_of(Path(r"\\nas\photos"), [])
