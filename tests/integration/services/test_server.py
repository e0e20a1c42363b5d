"""Workspaces move to a Qdrant server and back over a real socket; nothing is embedded again, nothing is lost."""

import datetime as dt
import ipaddress
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from helpers.fake_qdrant import FakeQdrant
from helpers.placed import Placed, Secrets
from helpers.room import Room, open_room
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled, UserFixableError, VectorStoreUnavailable
from readingroom.core.models import Workspace
from readingroom.core.remote import Server
from readingroom.services import aside
from readingroom.services import server as server_module
from readingroom.services.ingest import IngestService
from readingroom.vectors.checking import check_server
from readingroom.vectors.client import ClientVectorStores

TEXTS = {f"report {number}.txt": f"The budget of year{number} was approved." for number in range(12)}


@pytest.fixture
def workspace(room: Room, tmp_path: Path) -> Workspace:
    folder = tmp_path / "reports"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text)
    made = room.workspaces.create("Budget")
    room.sources.add(made.id, [folder])
    room.ingest.start()
    room.settle()
    room.ingest.stop()
    return made


@pytest.fixture
def placed(room: Room) -> Iterator[Placed]:
    made = Placed(room)
    yield made
    made.stores.reconnect()


@pytest.fixture
def server() -> Iterator[FakeQdrant]:
    with FakeQdrant(api_key="secret") as running:
        yield running


def test_a_workspace_moves_to_the_server_and_back_with_the_same_answers(
    placed: Placed, workspace: Workspace, server: FakeQdrant, tmp_path: Path
) -> None:
    before, embedded = placed.found(workspace), list(placed.room.embedder.texts)
    placed.service.save(Server(server.address, "secret"))
    placed.move(workspace, to_server=True)
    assert placed.service.is_on_server(workspace.id)
    assert not (tmp_path / "data" / "vectors" / str(workspace.id)).exists()
    asked = len(server.requests)
    assert placed.found(workspace) == before
    assert len(server.requests) > asked
    placed.move(workspace, to_server=False)
    assert placed.found(workspace) == before
    assert not placed.stores.server.open(workspace.id, placed.room.catalog.indexes()[0].id, 8).count()
    assert list(placed.room.embedder.texts) == embedded


def test_a_move_that_broke_off_goes_on_where_it_was(
    placed: Placed, workspace: Workspace, server: FakeQdrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "_AT_ONCE", 3)
    before = placed.found(workspace)
    placed.service.save(Server(server.address, "secret"))
    server.fail_after_upserts = 2
    with pytest.raises(VectorStoreUnavailable):
        placed.move(workspace, to_server=True)
    assert not placed.service.is_on_server(workspace.id)
    assert placed.found(workspace) == before
    server.fail_after_upserts = None
    steps = list(placed.service.move(workspace.id, to_server=True, cancel=CancelToken()))
    assert (steps[0].done, steps[-1].done) == (6, 12)
    assert server.upserts == 4
    assert placed.found(workspace) == before


@pytest.mark.parametrize("die_after", range(1, 9))
def test_a_kill_at_any_step_of_a_move_loses_nothing(
    room: Room, workspace: Workspace, server: FakeQdrant, tmp_path: Path, die_after: int
) -> None:
    before = Placed(room).found(workspace)
    room.close()
    data = tmp_path / "data"
    for to_server in (True, False):
        move_in_a_child(data, server, to_server=to_server, die_after=die_after)
        again = open_room(data)
        try:
            placed = Placed(again)
            placed.service.save(Server(server.address, "secret"))
            assert placed.found(workspace) == before, "wherever it is now"
            placed.move(workspace, to_server=to_server)
            placed.service.clean_up()
            assert placed.found(workspace) == before
            assert placed.service.is_on_server(workspace.id) == to_server
            there = data / "vectors" / str(workspace.id)
            assert there.exists() != to_server
            collections = server.answer("GET", "/collections", {}).collections
            assert bool(collections) == to_server, "nothing is left in the other place"
            placed.stores.reconnect()
        finally:
            again.close()


def move_in_a_child(data: Path, server: FakeQdrant, *, to_server: bool, die_after: int) -> None:
    """Begin a move and kill it once it has taken that many steps that leave a trace; see `helpers.placed`."""
    tests = Path(__file__).parents[2]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "helpers.placed",
            str(data),
            server.address,
            str(int(to_server)),
            str(die_after),
        ],
        check=False,
        env=os.environ | {"PYTHONPATH": f"{tests}{os.pathsep}{tests.parent / 'src'}"},
    )
    assert done.returncode == -signal.SIGKILL


def test_a_move_can_be_stopped(
    placed: Placed, workspace: Workspace, server: FakeQdrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "_AT_ONCE", 3)
    placed.service.save(Server(server.address, "secret"))
    token = CancelToken()
    moving = placed.service.move(workspace.id, to_server=True, cancel=token)
    next(moving)
    next(moving)
    token.cancel()
    with pytest.raises(Cancelled):
        list(moving)
    assert not placed.service.is_on_server(workspace.id)
    placed.move(workspace, to_server=True)
    assert placed.service.is_on_server(workspace.id)


def test_an_embedding_that_the_cache_lost_is_owed_after_the_move(
    placed: Placed, workspace: Workspace, server: FakeQdrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placed.room.cache, "get", lambda model, hashes: {})
    placed.service.save(Server(server.address, "secret"))
    placed.move(workspace, to_server=True)
    assert placed.room.catalog.has_pending_work(workspace.id)


def test_other_workspaces_are_indexed_while_the_server_of_one_is_away(
    placed: Placed, workspace: Workspace, server: FakeQdrant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "_TRY_AGAIN_S", 0.2)
    placed.service.save(Server(server.address, "secret"))
    placed.move(workspace, to_server=True)
    server.stop()
    room = placed.room
    (tmp_path / "reports" / "late.txt").write_text("The budget of year7 was late.")
    here = tmp_path / "here"
    here.mkdir()
    (here / "note.txt").write_text("The budget of year7 was noted.")
    other = room.workspaces.create("Here")
    room.sources.add(other.id, [here])
    room.sources.reconcile_all(workspace.id)
    ingest = IngestService(
        room.catalog,
        room.cache,
        placed.stores,
        room.reader,
        room.embedder,
        room.preferences,
        free_bytes=lambda: 10**12,
    )
    ingest.start()
    try:
        ingest.wait_until_idle(other.id, cancel=CancelToken(), tick=ingest.wake)
        assert placed.found(other) == ["note.txt"]
        assert isinstance(ingest.problem, VectorStoreUnavailable)
        server.start()
        ingest.wait_until_idle(None, cancel=CancelToken(), tick=ingest.wake)
        assert "late.txt" in placed.found(workspace)
        assert ingest.problem is None
    finally:
        ingest.stop()


def test_what_cannot_be_deleted_behind_a_move_is_deleted_later(
    placed: Placed, workspace: Workspace, server: FakeQdrant
) -> None:
    placed.service.save(Server(server.address, "secret"))
    placed.move(workspace, to_server=True)
    moving = placed.service.move(workspace.id, to_server=False, cancel=CancelToken())
    steps = [next(moving), next(moving)]
    server.stop()
    list(moving)
    assert steps
    assert not placed.service.is_on_server(workspace.id)
    assert placed.found(workspace)
    assert placed.room.preferences.settings.qdrant_left
    server.start()
    placed.service.clean_up()
    assert not placed.room.preferences.settings.qdrant_left


def test_the_key_is_in_the_keyring_and_not_in_the_catalog(
    placed: Placed, workspace: Workspace, tmp_path: Path
) -> None:
    assert placed.service.save(Server("http://localhost", "s3cr3t-key")) == ""
    assert placed.secrets.kept == {"qdrant server": "s3cr3t-key"}
    assert placed.service.current == Server("http://localhost:6333", "s3cr3t-key")
    placed.room.catalog.close()
    for file in (tmp_path / "data").glob("catalog.sqlite*"):
        assert b"s3cr3t-key" not in file.read_bytes()
    assert "s3cr3t-key" not in repr(placed.service.current)


def test_without_a_keyring_the_key_holds_for_this_run_and_that_is_said(
    room: Room, server: FakeQdrant
) -> None:
    placed = Placed(room, Secrets(there=False))
    assert "until Reading Room is closed" in placed.service.save(Server(server.address, "secret"))
    assert "lets you in" in placed.service.test(placed.service.current)


def test_a_server_on_which_workspaces_are_kept_is_not_forgotten(
    placed: Placed, workspace: Workspace, server: FakeQdrant
) -> None:
    placed.service.save(Server(server.address, "secret"))
    placed.move(workspace, to_server=True)
    with pytest.raises(UserFixableError, match="Workspaces are kept"):
        placed.service.save(Server(""))


@pytest.mark.parametrize(
    ("version", "key", "front_page", "words"),
    [
        ("1.16.0", "secret", None, ""),
        ("1.16.0", "wrong", None, "refused the API key"),
        ("1.16.0", "", None, "asks for an API key"),
        ("1.9.2", "secret", None, "too old: version 1.9.2"),
        ("1.16.0", "secret", "<html>Welcome to nginx</html>", "not a Qdrant server"),
    ],
)
def test_the_connection_test_says_what_is_wrong(
    version: str, key: str, front_page: str | None, words: str
) -> None:
    with FakeQdrant(version=version, api_key="secret", front_page=front_page) as server:
        if not words:
            assert check_server(Server(server.address, key)) == "1.16.0"
            return
        with pytest.raises(VectorStoreUnavailable, match=words) as caught:
            check_server(Server(server.address, key))
        assert caught.value.hint


def test_the_connection_test_says_that_nothing_answers() -> None:
    with FakeQdrant() as server:
        address = server.address
    with pytest.raises(VectorStoreUnavailable, match="Nothing answers"):
        check_server(Server(address))


def test_a_certificate_is_trusted_once_its_authority_is_given(tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path)
    with FakeQdrant(api_key="secret", certificate=(certificate, key)) as server:
        with pytest.raises(VectorStoreUnavailable, match="not trusted"):
            check_server(Server(server.address, "secret"))
        trusted = Server(server.address, "secret", str(certificate))
        assert check_server(trusted) == server.version
        stores = ClientVectorStores(server.address, api_key="secret", ca_file=str(certificate))
        assert stores.open(1, 2, 4).count() == 0  # type: ignore[arg-type]
        stores.close()
        with pytest.raises(VectorStoreUnavailable, match="does not speak"):
            check_server(Server(server.address.replace("https", "http"), "secret"))


def own_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate, key = folder / "own.pem", folder / "own.key"
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, key
