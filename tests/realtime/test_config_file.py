"""`config.yaml` at the root: made from the settings classes, and what it says is true."""

from pathlib import Path

import pytest

from realtime.config_file import HEAD, as_yaml, document, in_force
from realtime.errors import SettingsError
from realtime.settings import Settings, load_settings, parse_settings

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_file_is_what_the_classes_say() -> None:
    written = (ROOT / "config.yaml").read_text(encoding="utf-8")
    assert written == document(), "run: python -m realtime.config_file > config.yaml"


def test_as_it_ships_it_changes_nothing() -> None:
    assert parse_settings(document()) == Settings()


def test_every_line_of_it_may_be_uncommented() -> None:
    body = document().removeprefix(HEAD)
    uncommented = "\n".join(line.removeprefix("#") for line in body.splitlines())
    assert uncommented.count("hop_s:") == 4  # nothing stayed a comment unseen
    assert parse_settings(uncommented) == Settings()


def test_what_is_in_force_reads_back(tmp_path: Path) -> None:
    settings = parse_settings(f"listen: {{similar: 9}}\ncatalog: {{directory: {tmp_path}}}")
    assert parse_settings(as_yaml(in_force(settings))) == settings


def test_a_token_is_not_shown() -> None:
    shown = as_yaml(in_force(parse_settings("server: {token: 0123456789abcdef}")))
    assert "0123456789abcdef" not in shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("listen:\n  hop_s: 1\n  similr: 7", r"c.yaml:3: listen.similr: unknown key.*similar"),
        ("a: 1", r"c.yaml:1: a: unknown key, expected one of catalog, encoder, evening, listen"),
        ("\nserver:\n  port: 99999", r"c.yaml:3: server.port: .*65535"),
        ("server:\n  port: many", r"c.yaml:2: server.port: .*integer"),
        ("server:\n  origins: [1]", r"c.yaml:2: server.origins.0: .*string"),
        ("server:\n  token: short", r"c.yaml:2: server.token: .*16"),
        ("encoder: {device: tpu}", r"c.yaml:1: encoder.device: .*'auto', 'cpu' or 'cuda'"),
        ("listen: 3", r"c.yaml:1: listen: .*dictionary"),
        ("- 1", r"c.yaml:1: expected sections"),
        ("a: {", r"c.yaml: not YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        parse_settings(text, name="c.yaml")


def test_every_finding_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings("listen: {similar: 0}\nserver: {prt: 1}")
    assert len(str(caught.value).splitlines()) == 2


def test_an_empty_file_or_section_is_the_defaults() -> None:
    assert parse_settings("") == Settings()
    assert parse_settings("listen:\nserver:\n") == Settings()


def test_a_missing_or_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "gone.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: \xff")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(tmp_path / "latin.yaml")


def test_relative_folders_stand_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("catalog: {directory: songs}\nencoder: {weights: w.st}")
    settings = load_settings(tmp_path / "c.yaml")
    assert settings.catalog.directory == tmp_path / "songs"
    assert settings.encoder.weights == tmp_path / "w.st"
