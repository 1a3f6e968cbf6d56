"""The commands that listen: listen, demo, devices."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import platformdirs
import typer

from realtime.cli.common import (
    CatalogOption,
    ConfigOption,
    JsonOption,
    ends_cleanly,
    print_json,
    print_rows,
    settings_from,
    stderr,
)

if TYPE_CHECKING:
    from realtime.settings import Settings

HostOption = Annotated[
    str | None,
    typer.Option("--host", metavar="ADDRESS", help="Address to serve on.", show_default=False),
]
PortOption = Annotated[
    int | None,
    typer.Option(
        "--port", min=0, max=65535, help="Port to serve on; 0: a free one.", show_default=False
    ),
]
TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token",
        envvar="NOWHEAR_TOKEN",
        help="Secret that clients must show; demanded on any address but loopback.",
        show_default=False,
        show_envvar=True,
    ),
]
CertificateOption = Annotated[
    Path | None,
    typer.Option(
        "--tls-cert",
        metavar="FILE",
        help="Certificate (PEM) to serve https with; a phone's browser wants that before it lends "
        "its microphone. Needs --tls-key.",
        show_default=False,
    ),
]
KeyOption = Annotated[
    Path | None,
    typer.Option(
        "--tls-key", metavar="FILE", help="Key of that certificate (PEM).", show_default=False
    ),
]


def register(app: typer.Typer) -> None:
    """Put the commands into `app`."""
    for command in (listen, demo, devices):
        app.command()(command)


@ends_cleanly
def listen(
    source: Annotated[
        str,
        typer.Option(
            "--input",
            metavar="mic[:DEVICE]|FILE|URL|-",
            help="Capture device (by number or part of its name), audio file, network stream or "
            "playlist, or raw s16le samples on standard input.",
        ),
    ] = "mic",
    fast: Annotated[
        bool,
        typer.Option(
            "--fast/--realtime", help="Go as fast as the machine can, or as the sound plays."
        ),
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="End at the end of the input.")] = False,
    rate: Annotated[
        int | None,
        typer.Option(
            "--rate", min=1000, max=768_000, help="Sample rate on standard input. [default: 44100]"
        ),
    ] = None,
    channels: Annotated[
        int | None,
        typer.Option("--channels", min=1, max=8, help="Channels there. [default: 2]"),
    ] = None,
    host: HostOption = None,
    port: PortOption = None,
    token: TokenOption = None,
    tls_cert: CertificateOption = None,
    tls_key: KeyOption = None,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: Annotated[
        bool, typer.Option("--json", help="Also print every message as a line of JSON.")
    ] = False,
    levels: Annotated[
        bool, typer.Option("--levels", help="With --json: `level` messages too.")
    ] = False,
) -> None:
    """Listen: tell the page and other programs which song plays, and which sound like it.

    The songs that it names are noted: see nowhear history. A device or stream that is lost is
    looked for again. Ends with Ctrl-C.

    [bold]Examples[/bold]

    nowhear listen

    nowhear listen --input mic:usb

    nowhear listen --input https://radio.example/stream.mp3

    arecord -f cd -t raw | nowhear listen --input -

    nowhear listen --input mix.flac --fast --once --json

    nowhear listen --host 0.0.0.0 --token SECRET --tls-cert cert.pem --tls-key key.pem
    """
    from realtime.cli.inputs import Input, open_source
    from realtime.cli.running import begin_loading, run, serving_at

    tls = {"tls_cert": tls_cert, "tls_key": tls_key}
    settings = settings_from(config, catalog)
    settings = serving_at(settings, host=host, port=port, token=token, **tls)
    if levels and not json:
        raise typer.BadParameter("--levels belongs to --json")
    loading = begin_loading(settings)
    given = Input(source, fast=fast, once=once, rate_hz=rate, channels=channels)
    opened = open_source(given, rate_hz=loading.rate_hz, settings=settings.listen)
    run(settings, opened, loading, fast=fast, once=once, json=json, levels=levels)


@ends_cleanly
def demo(
    host: HostOption = None,
    port: PortOption = None,
    token: TokenOption = None,
    tls_cert: CertificateOption = None,
    tls_key: KeyOption = None,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
) -> None:
    """Listen with the demo catalog: to the microphone, or without one to the demo programme.

    The first call makes the catalog, from the free music that comes with nowhear.

    [bold]Example[/bold]

    nowhear demo
    """
    from catalog.errors import ManifestError
    from realtime.cli.running import serving_at

    folder = catalog or Path(platformdirs.user_data_dir("nowhear")) / "demo-catalog"
    tls = {"tls_cert": tls_cert, "tls_key": tls_key}
    settings = settings_from(config, folder)
    settings = serving_at(settings, host=host, port=port, token=token, **tls)
    try:
        _demo(settings, config)
    except ManifestError as error:  # of another version or other weights, before an update
        stderr.print(str(error), markup=False)
        _make_demo_catalog(settings, config, rebuild=True)
        _demo(settings, config)


def _demo(settings: Settings, config: Path | None) -> None:
    from catalog.demo import demo_clips, demo_programme
    from realtime.cli.running import begin_loading, has_all, run, working_microphone
    from realtime.sources.file import FileSource

    if not has_all(settings.catalog, demo_clips()):
        _make_demo_catalog(settings, config)
    loading = begin_loading(settings)
    source = working_microphone(settings.listen, rate_hz=loading.rate_hz)
    if source is None:
        stderr.print("no microphone here: playing the demo programme as if it were live")
        programme = FileSource(demo_programme(), rate_hz=loading.rate_hz, loop=True)
        run(settings, programme, loading)
    else:
        run(settings, source, loading)


def _make_demo_catalog(settings: Settings, config: Path | None, *, rebuild: bool = False) -> None:
    from catalog.demo import demo_clips
    from realtime.cli.adding import add

    clips, folder = demo_clips(), settings.catalog.directory
    stderr.print(f"making the demo catalog of {len(clips)} songs in {folder}", markup=False)
    add(list(clips), catalog=folder, config=config, rebuild=rebuild)


@ends_cleanly
def devices(
    catalog: CatalogOption = None, config: ConfigOption = None, json: JsonOption = False
) -> None:
    """List the capture devices that `listen --input mic:DEVICE` can hear.

    [bold]Example[/bold]

    nowhear devices --json
    """
    from realtime.sources import portaudio

    settings_from(config, catalog)  # every command refuses settings that are wrong
    found = portaudio.devices()
    if json:
        print_json([asdict(device) for device in found])
        return
    if not found:
        stderr.print("no capture device; connect one, or listen to a file, a stream or a pipe")
        return
    rows = []
    for device in found:
        mark = "default" if device.default else ""
        rate = f"{device.rate_hz} Hz"
        rows.append(
            (str(device.index), device.name, str(device.channels), rate, device.host_api, mark)
        )
    print_rows(("device", "name", "channels", "rate", "system", ""), rows, right=(0, 2, 3))
