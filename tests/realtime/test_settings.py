"""Settings: defaults, files over them, and findings with their line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from realtime.errors import SettingsError
from realtime.settings import ServerSettings, Settings, load_settings, parse_settings


def finding(text: str) -> str:
    with pytest.raises(SettingsError) as error:
        parse_settings(text)
    return str(error.value)


def test_nothing_said_means_the_defaults() -> None:
    for text in ("", "# only a remark\n", "listen:\n", "null"):
        assert parse_settings(text) == Settings()
    assert Settings().server.host == "127.0.0.1"
    assert Settings().server.token is None


def test_a_file_overrides_what_it_names_only() -> None:
    settings = parse_settings("listen:\n  similar: 7\nserver: {port: 0, origins: ['http://a:1']}\n")
    assert settings.listen.similar == 7
    assert settings.listen.hop_s == Settings().listen.hop_s
    assert settings.server.origins == ("http://a:1",)


@pytest.mark.parametrize(
    ("text", "start", "reason"),
    [
        ("listn: {}", "config.yaml:1: listn: unknown key", "listen"),
        (
            "listen:\n  hop_s: 0.5\n  similr: 7\n",
            "config.yaml:3: listen.similr: unknown",
            "similar",
        ),
        ("\n\nserver:\n  port: 70000\n", "config.yaml:4: server.port: ", "65535"),
        ("server:\n  token: short\n", "config.yaml:2: server.token: ", "16"),
        (
            "server:\n  token: ein-Schlüssel-Wort\n",
            "config.yaml:2: server.token: expected",
            "ASCII",
        ),
        ("server:\n  token: 'a-long-secret-word '\n", "config.yaml:2: server.token: ", "ASCII"),
        (
            "server:\n  origins:\n    - http://a\n    - 7\n",
            "config.yaml:4: server.origins.1",
            "str",
        ),
        ("listen: 5\n", "config.yaml:1: listen: ", ""),
        ("- a\n- b\n", "config.yaml:1: expected sections", "['a', 'b']"),
        ("listen: [\n", "config.yaml: not YAML: ", "line"),
        ("a: 1\n---\nb: 2\n", "config.yaml: not YAML: ", "document"),
        ("listen:\n  similar: 2001-99-99\n", "config.yaml: not YAML: ", "month"),
        ("listen:\n  similar: !!int abc\n", "config.yaml: not YAML: ", "abc"),
        ("listen:\n  similar: !!bool abc\n", "config.yaml: not YAML: ", "abc"),
        ("listen:\n  similar: !!timestamp abc\n", "config.yaml: not YAML: ", ""),
        ("[" * 3000, "config.yaml: not YAML: ", ""),
    ],
)
def test_a_finding_has_its_line(text: str, start: str, reason: str) -> None:
    assert finding(text).startswith(start)
    assert reason in finding(text)


def test_all_findings_are_told_at_once() -> None:
    lines = finding("listen:\n  hop_s: -1\nserver:\n  port: x\n  pot: 1\n").splitlines()
    assert [line.split(": ")[1] for line in lines] == ["listen.hop_s", "server.port", "server.pot"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.yaml: cannot be read"):
        load_settings(tmp_path / "nothing.yaml")
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read as UTF-8 text"):
        load_settings(binary)


def test_the_file_of_the_working_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings() == Settings()
    (tmp_path / "config.yaml").write_text("listen: {similar: 9}")
    assert load_settings().listen.similar == 9


def test_relative_paths_stand_relative_to_their_file(tmp_path: Path) -> None:
    path = tmp_path / "radio.yaml"
    path.write_text(
        "catalog: {directory: songs}\nencoder: {weights: own.safetensors, network: net}\n"
    )
    settings = load_settings(path)
    assert settings.catalog.directory == tmp_path / "songs"
    assert settings.encoder.weights == tmp_path / "own.safetensors"
    assert settings.encoder.network == tmp_path / "net"


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        ServerSettings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("catalog: {directory: ~nowhear-has-no-such-user/songs}", "there is no such user"),
        ("encoder: {weights: ~nowhear-has-no-such-user/w}", "encoder.weights"),
        ("encoder: {network: ~nowhear-has-no-such-user/w}", "encoder.network"),
        ('catalog: {directory: "a\\0b"}', "null character"),
    ],
)
def test_a_path_that_is_none_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(SettingsError, match=reason):
        load_settings(tmp_path / "config.yaml")
