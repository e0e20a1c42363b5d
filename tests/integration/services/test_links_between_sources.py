"""Links from one linked folder into another."""

from pathlib import Path

from readingroom.services.folder_scan import FolderScan


def test_a_link_from_an_inner_linked_folder_into_its_outer_one_is_not_followed(tmp_path: Path) -> None:
    """The outer folder has those files already."""
    inner = tmp_path / "home" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "home" / "one").mkdir()
    (tmp_path / "home" / "one" / "rent.txt").write_text("The rent is due on the first.")
    (inner / "link").symlink_to(tmp_path / "home" / "one")
    (inner / "file link.txt").symlink_to(tmp_path / "home" / "one" / "rent.txt")
    look = FolderScan(str(inner), [str(tmp_path / "home"), str(inner)]).everything()
    assert not look.files
    assert not look.links


def test_a_link_within_an_inner_linked_folder_is_followed_out_of_both(tmp_path: Path) -> None:
    inner, outside = tmp_path / "home" / "inner", tmp_path / "outside"
    inner.mkdir(parents=True)
    outside.mkdir()
    (outside / "rent.txt").write_text("The rent is due on the first.")
    (inner / "link").symlink_to(outside)
    look = FolderScan(str(inner), [str(tmp_path / "home"), str(inner)]).everything()
    assert list(look.files) == [str(inner / "link" / "rent.txt")]
