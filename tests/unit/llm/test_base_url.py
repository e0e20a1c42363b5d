"""What people write and copy for the address of an OpenAI-compatible server."""

import pytest

from readingroom.core.errors import UserFixableError
from readingroom.llm.base_url import parse_base_url


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("localhost:1234", "http://localhost:1234/v1"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
        (" 'http://127.0.0.1:8080/v1/' ", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.1:1234/v1/chat/completions", "http://127.0.0.1:1234/v1"),
        ("https://api.openai.com/v1/models", "https://api.openai.com:443/v1"),
        ("api.openai.com", "https://api.openai.com:443/v1"),
        ("nas:8000", "http://nas:8000/v1"),
        ("192.168.1.5", "http://192.168.1.5:80/v1"),
        ("[::1]:1234", "http://[::1]:1234/v1"),
        ("https://openrouter.example/api/v1", "https://openrouter.example:443/api/v1"),
        ("https://host.example/v1beta/openai/", "https://host.example:443/v1beta/openai"),
        ("HTTPS://API.Example.ORG", "https://api.example.org:443/v1"),
    ],
)
def test_what_is_copied_from_servers_becomes_the_base_url(written: str, address: str) -> None:
    assert parse_base_url(written) == address
    assert parse_base_url(address) == address


@pytest.mark.parametrize(
    "written",
    [
        "",
        "http://",
        "ftp://host/v1",
        "https://user:secret@host/v1",
        "http://host/v1?key=1",
        "http://ho st/v1",
        "http://host:99999",
        "http://host:0",
        "javascript:alert(1)",
        "http://[::g]/v1",
    ],
)
def test_nonsense_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(UserFixableError) as caught:
        parse_base_url(written)
    assert "/v1" in caught.value.hint
