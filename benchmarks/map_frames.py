"""How many frames a second the map draws at 1,000, 10,000 and 100,000 songs.

    python hatch_build.py
    python benchmarks/map_frames.py [--gpu] [--songs 1000 10000 100000] [--seconds 6]

Opens the built page in headless Chromium, answers its requests with a made-up map (clusters of
songs, from a fixed seed), and turns the map as a hand does: one movement of the pointer a frame.
Frames are counted as WebGL's draw calls, of which the map makes one a frame. A frame's interval is
measured from draw call to draw call, so that work of the graphics process counts where it holds
the page up. A frame's script time is what its callback takes on the page's main thread, which a GPU
does not change; its processor time is that of all of Chromium's processes. Without --gpu,
Chromium draws in software, as it does by itself where there is no GPU: WebGL by SwiftShader, the
rest of the page by its software compositor.
"""

from __future__ import annotations

import argparse
import itertools
import json
import mimetypes
import os
import shutil
import statistics
import sys
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Browser, Page, Route, sync_playwright

DIST = Path(__file__).resolve().parents[1] / "realtime" / "web" / "dist"
PAGE = "http://map.test/"
SEED = 5
SOFTWARE = [
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-gpu-compositing",
    "--disable-gpu-rasterization",
    "--disable-accelerated-2d-canvas",
]
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
WAIT_MS = 60_000
COUNT_DRAWS = """
window.draws = [];
const draw = WebGL2RenderingContext.prototype.drawArrays;
WebGL2RenderingContext.prototype.drawArrays = function (...all) {
  window.draws.push(performance.now());
  return draw.apply(this, all);
};
window.scripts = [];
const request = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (run) => request((now) => {
  const [begin, drawn] = [performance.now(), window.draws.length];
  run(now);
  if (window.draws.length !== drawn) window.scripts.push(performance.now() - begin);
});
"""
POINTER = """
const frame = document.querySelector(".map-frame");
const box = frame.getBoundingClientRect();
const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
const send = (type, dx, dy, buttons) => frame.dispatchEvent(new PointerEvent(type, {
  pointerId: 1, pointerType: "mouse", isPrimary: true, bubbles: true, buttons,
  clientX: x + dx, clientY: y + dy,
}));
frame.setPointerCapture = () => undefined; // there is no such pointer
"""
TURN = (
    "async (ms) => {"
    + POINTER
    + """
  send("pointerdown", 0, 0, 1);
  const begin = performance.now();
  window.draws = [];
  window.scripts = [];
  while (performance.now() - begin < ms) {
    const t = (performance.now() - begin) / 1000;
    send("pointermove", 250 * Math.sin(t), 60 * Math.sin(2.3 * t), 1);
    await new Promise(requestAnimationFrame);
  }
  send("pointerup", 0, 0, 0);
  return window.draws;
}"""
)
HOVER = (
    "() => {"
    + POINTER
    + """
  const times = [];
  for (let at = 0; at < 100; at++) {
    const begin = performance.now();
    send("pointermove", 3 * at - 150, 2 * at - 100, 0);
    times.push(performance.now() - begin);
  }
  return times;
}"""
)
REST_MS = 3000
HELLO = {
    "v": 1,
    "type": "hello",
    "version": "benchmark",
    "encoder": {"name": "none", "fingerprint": "0", "window_s": 2.0, "tags": []},
    "catalog": {"songs": 1, "generation": 1},
    "source": {"kind": "file", "name": "none", "live": False},
}


def made_up(songs: int) -> tuple[dict[str, object], bytes]:
    """A map of clusters: what `/api/map` and `/api/map.bin` would answer."""
    rng = np.random.default_rng(SEED)
    genres = [f"genre {number}" for number in range(16)]
    centres = rng.normal(size=(len(genres) * 5, 3)) * 0.35
    cluster = rng.integers(len(centres), size=songs)
    places = centres[cluster] + rng.normal(size=(songs, 3)) * 0.08
    places -= places.mean(axis=0)
    places /= np.quantile(np.linalg.norm(places, axis=1), 0.98)
    columns = (
        np.arange(1, songs + 1, dtype="<i4"),
        places.astype("<f4"),
        (cluster % len(genres)).astype("<u2"),
        np.full(songs, 255, dtype="u1"),
        np.full(songs, 255, dtype="u1"),
    )
    header = b"NWM1" + songs.to_bytes(4, "little")
    about = {"version": f"{songs}", "count": songs, "method": "umap", "dimension": 3}
    names: dict[str, object] = {"genres": genres, "tags": [], "themes": [], "radius": 1.0}
    return {**about, **names}, header + b"".join(column.tobytes() for column in columns)


def serve(page: Page, songs: int, folder: Path) -> None:
    """Answers the page's requests from its built files and the made-up map."""
    about, places = made_up(songs)

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        file = folder / (path.strip("/") or "index.html")
        if path == "/api/map":
            route.fulfill(json=about)
        elif path == "/api/map.bin":
            route.fulfill(body=places, content_type="application/octet-stream")
        elif path.startswith("/api/") or not file.is_file():
            route.fulfill(status=404, json={"error": "not in this benchmark"})
        else:
            kind = mimetypes.guess_type(file.name)[0]
            route.fulfill(body=file.read_bytes(), content_type=kind or "text/plain")

    page.route("**/*", answer)
    page.route_web_socket("**/*", lambda socket: socket.send(json.dumps(HELLO)))


def processor_s() -> float:
    """Processor time that the children of this process and theirs have used, in seconds."""
    parents: dict[int, int] = {}
    used: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended meanwhile
        parents[int(entry.name)] = int(fields[1])
        used[int(entry.name)] = int(fields[11]) + int(fields[12])  # user and system, proc(5)
    total = 0
    for process, ticks in used.items():
        above = parents.get(process)
        while above is not None and above != os.getpid():
            above = parents.get(above)
        total += ticks if above is not None else 0
    return total / os.sysconf("SC_CLK_TCK")


def measure(
    browser: Browser, songs: int, *, folder: Path, seconds: float
) -> dict[str, float | str]:
    """One run at so many songs: frames a second, their intervals, drawing at rest, picking."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.add_init_script(COUNT_DRAWS)
    serve(page, songs, folder)
    page.goto(PAGE + "#view=map")
    page.wait_for_function("window.draws.length > 0")
    page.get_by_test_id("map").wait_for()
    page.evaluate(TURN, 1000)  # shaders are compiled, and code is, on the way
    before_s = processor_s()
    draws = page.evaluate(TURN, seconds * 1000)
    used_s = processor_s() - before_s
    scripts = page.evaluate("window.scripts")
    gaps = sorted(after - before for before, after in itertools.pairwise(draws))
    picks = sorted(page.evaluate(HOVER))
    page.wait_for_timeout(REST_MS)
    page.evaluate("window.draws = []")
    page.wait_for_timeout(REST_MS)
    box = page.locator(".map-points").bounding_box()
    result: dict[str, float | str] = {
        "fps": 1000 * len(gaps) / sum(gaps),
        "median_ms": statistics.median(gaps),
        "p95_ms": gaps[int(0.95 * len(gaps))],
        "script_ms": statistics.median(scripts),
        "processor_ms": 1000 * used_s / len(draws),
        "pick_ms": statistics.median(picks),
        "at_rest": page.evaluate("window.draws.length"),
        "canvas": f"{box['width']:.0f} x {box['height']:.0f}" if box else "?",
    }
    context.close()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--gpu", action="store_true", help="draw with this machine's GPU")
    parser.add_argument("--page", type=Path, default=DIST, help="folder of the built page")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None or not (args.page / "index.html").is_file():
        sys.exit("needs chromium on the path, and the built page: python hatch_build.py")
    flags = FLAGS + ([] if args.gpu else SOFTWARE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        found = {n: measure(browser, n, folder=args.page, seconds=args.seconds) for n in args.songs}
        browser.close()
    if args.json:
        print(json.dumps(found))
        return
    how = "GPU" if args.gpu else f"software, {len(os.sched_getaffinity(0))} cores, shared"
    print(f"\nDrawn by: {how}. Times in milliseconds.\n")
    print("| songs | canvas | frames/s | median | 95 % | script | processor | pick | at rest |")
    print("|---|---|---|---|---|---|---|---|---|")
    for songs, one in found.items():
        print(
            f"| {songs:,} | {one['canvas']} | {one['fps']:.1f} | {one['median_ms']:.0f} "
            f"| {one['p95_ms']:.0f} | {one['script_ms']:.1f} | {one['processor_ms']:.0f} "
            f"| {one['pick_ms']:.2f} "
            f"| {one['at_rest']} |"
        )


if __name__ == "__main__":
    main()
