"""A database on another machine's disk is refused with a reason, before anything is written there."""

from __future__ import annotations

from pathlib import Path

import pytest

from parts.far_disk import far_disk
from parts.stored import KEY
from qa_player.errors import DatabaseError
from qa_player.store.database import Database
from qa_player.store.network_disk import is_network_kind, kind_of_disk, refuse_network_disk

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:25 / /home rw,relatime shared:2 - xfs /dev/sdb1 rw
31 30 0:41 / /home/rita/on\\040the\\040share rw shared:3 - cifs //files/clinic rw,vers=3.1.1
32 22 0:42 / /mnt/nfs rw master:7 shared:4 - nfs4 files:/export rw
33 32 8:3 / /mnt/nfs/local rw shared:5 - ext4 /dev/sdc1 rw
34 22 0:43 / /mnt/ssh rw shared:6 - fuse.sshfs rita@files: rw
35 22 0:44 / /mnt/zip rw shared:7 - fuse.fuse-zip a.zip rw
36 22 0:45 / /mnt/twice rw shared:8 - nfs files:/old rw
37 22 0:46 / /mnt/twice rw shared:9 - tmpfs tmpfs rw
half a line
"""


@pytest.mark.parametrize(
    ("folder", "kind", "network"),
    [
        ("/", "ext4", False),
        ("/home/rita", "xfs", False),
        ("/homework", "ext4", False),
        ("/home/rita/on the share", "cifs", True),
        ("/home/rita/on the share/qa/player", "cifs", True),
        ("/mnt/nfs/qa", "nfs4", True),
        ("/mnt/nfs/local/qa", "ext4", False),
        ("/mnt/ssh", "fuse.sshfs", True),
        ("/mnt/zip", "fuse.fuse-zip", False),
        ("/mnt/twice/qa", "tmpfs", False),
    ],
)
def test_the_disk_that_holds_a_folder(folder: str, kind: str, network: bool) -> None:
    assert (kind_of_disk(folder, MOUNTS), is_network_kind(kind)) == (kind, network)


def test_this_computers_own_disk_is_taken(tmp_path: Path) -> None:
    refuse_network_disk(tmp_path)
    assert kind_of_disk(str(tmp_path), Path("/proc/self/mountinfo").read_text("utf-8"))


async def test_a_database_on_a_network_disk_is_refused(tmp_path: Path) -> None:
    far = tmp_path / "far"
    far.mkdir()
    with far_disk(far) as reason:
        if reason:
            pytest.skip(reason)
        assert far.stat().st_mode & 0o777 == 0o700, "the control: it is there and can be looked at"
        with pytest.raises(DatabaseError, match="network disk"):
            await Database.open(far / "qa-player.db", KEY)
    await (await Database.open(far / "qa-player.db", KEY)).aclose()
