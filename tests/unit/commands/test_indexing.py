"""What `add` and `sync` say at the end."""

from argparse import Namespace

import pytest

from readingroom.commands.indexing import _print_counts
from readingroom.core.models import IngestCounts


@pytest.mark.parametrize(("found", "said"), [(0, "0 files found"), (1, "1 file found"), (2, "2 files found")])
def test_one_file_is_one_file(found: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    _print_counts(Namespace(json=False), IngestCounts(found=found), sync=False)
    assert capsys.readouterr().out.startswith(f"{said}:")
