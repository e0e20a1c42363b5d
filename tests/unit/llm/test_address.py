"""What people and OLLAMA_HOST write for the server's address."""

import pytest

from readingroom.core.addresses import is_local
from readingroom.core.errors import UserFixableError
from readingroom.llm.address import parse_address, resolve_address


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("127.0.0.1:9999", "http://127.0.0.1:9999"),
        (":9999", "http://127.0.0.1:9999"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:1234", "http://127.0.0.1:1234"),
        ("http://0.0.0.0:1234/", "http://127.0.0.1:1234"),
        ("localhost", "http://localhost:11434"),
        ("  http://localhost:11434/  ", "http://localhost:11434"),
        ('"localhost:11434"', "http://localhost:11434"),
        ("http://box", "http://box:80"),
        ("https://box.example.org", "https://box.example.org:443"),
        ("HTTPS://Box.example.org:8443/ollama/", "https://box.example.org:8443/ollama"),
        ("my_box:11434", "http://my_box:11434"),
        ("[::1]:11434", "http://[::1]:11434"),
        ("::1", "http://[::1]:11434"),
        ("::", "http://[::1]:11434"),
        ("[::]", "http://[::1]:11434"),
        ("http://[fe80::2]:80", "http://[fe80::2]:80"),
    ],
)
def test_every_usual_form_becomes_one(written: str, address: str) -> None:
    assert parse_address(written) == address
    assert parse_address(address) == address


@pytest.mark.parametrize(
    "written",
    [
        "",
        "http://",
        "ftp://box",
        "file:///etc/passwd",
        "box:port",
        "box:70000",
        "box:0",
        "1.2.3.999",
        "two words",
        "http://user:secret@box",
        "http://box?x=1",
        "http://[::1",
        "bad..name",
    ],
)
def test_nonsense_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(UserFixableError) as caught:
        parse_address(written)
    assert "http://127.0.0.1:11434" in caught.value.hint


def test_setting_comes_before_environment_before_default() -> None:
    environ = {"OLLAMA_HOST": "0.0.0.0:5000"}
    assert resolve_address("box:1", environ) == "http://box:1"
    assert resolve_address("  ", environ) == "http://127.0.0.1:5000"
    assert resolve_address("", {"OLLAMA_HOST": ""}) == "http://127.0.0.1:11434"
    assert resolve_address("", {}) == "http://127.0.0.1:11434"


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("http://127.0.0.1:11434", True),
        ("http://127.8.8.8:1", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("http://192.168.1.5:11434", False),
        ("https://box.example.org:443", False),
        ("http://127.0.0.1.example.org:80", False),
    ],
)
def test_only_this_computer_is_local(address: str, local: bool) -> None:
    assert is_local(address) is local
