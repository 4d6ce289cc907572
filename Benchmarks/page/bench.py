"""The figures of the page, in a Chromium without a window on the same two processors as the server.

    bench.py PROGRAMS [NAME]...

PROGRAMS: the directory of taro, taros and ledger-worker. NAME: only these of views, events, output, timeline. Needs chromium and
chromium-driver. A short trial: TARO_BENCH_RUNS=1000 TARO_BENCH_GB=0.1.
"""

import contextlib
import datetime
import json
import os
import pathlib
import shutil
import statistics
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests/page"))
os.environ["TARO_PAGE_PROGRAMS"] = str(pathlib.Path(sys.argv[1]).resolve())

from host import Host  # noqa: E402
from webdriver import Browser, eventually  # noqa: E402

RUNS = int(os.environ.get("TARO_BENCH_RUNS", 100_000))
GIGABYTES = float(os.environ.get("TARO_BENCH_GB", 1))
ROUNDS = 15
# Told by the page itself when a selector is there for the first time, in milliseconds since its address was opened.
NOTICE = """
    window.there = {};
    new MutationObserver(() => {
      for (const selector of ['.figures .failed, .figures', '.log > .log-scroll .line']) {
        if (!window.there[selector] && document.querySelector(selector)) window.there[selector] = performance.now();
      }
    }).observe(document, { childList: true, subtree: true });"""
FRAMES = """
    window.frames_ = []; let before = performance.now();
    const step = now => { window.frames_.push(now - before); before = now; requestAnimationFrame(step); }; requestAnimationFrame(step);"""


def row(what, figure, beside, goal):
    print(f"{what:<46}{figure:<37}{beside:<60}{goal}", flush=True)


def spread(times):
    times = sorted(times)
    return f"p50 {statistics.median(times):.0f} ms, worst {times[-1]:.0f} ms"


class Bench:
    def __init__(self, browser):
        self.browser = browser
        browser.cdp("Page.enable")
        browser.cdp("Page.addScriptToEvaluateOnNewDocument", {"source": NOTICE})

    def opened(self, address, selector):
        """Opens it anew, and gives the time until that is there."""
        self.browser.open("about:blank")
        self.browser.open(address)
        return eventually(selector, lambda: self.browser.run("return (window.there ?? {})[arguments[0]]", selector))

    @contextlib.contextmanager
    def host(self):
        host = Host()
        try:
            yield host
        finally:
            self.browser.open("about:blank")
            host.end()

    def views(self):
        with self.host() as host:
            host.fill(RUNS)
            run = host.run("import/orders", "seq 200")
            host.serve()
            first = ".figures .failed, .figures"
            self.opened(host.address, first)
            times = [self.opened(host.address, first) for _ in range(ROUNDS)]
            row(f"first view over {RUNS} runs", spread(times), "files kept by the browser", "300 ms")
            line = ".log > .log-scroll .line"
            times = [self.opened(f"{host.address}#/run/{run}", line) for _ in range(ROUNDS)]
            row("a run by its address, with its first lines", spread(times), "the whole page is started", "")
            times = []
            for _ in range(ROUNDS):
                self.opened(host.address, first)
                times.append(self.browser.wait_for("""
                    const start = performance.now();
                    location.hash = `#/run/${args[0]}`;
                    while (!document.querySelector('.log > .log-scroll .line')) await new Promise(requestAnimationFrame);
                    return performance.now() - start;""", run))
            row("a run opened from there, with its first lines", spread(times), "", "150 ms")

    def events(self):
        with self.host() as host:
            host.fill(RUNS)
            host.serve()
            self.opened(host.address, ".figures .failed, .figures")
            self.browser.run("""
                window.seen = {};
                new MutationObserver(() => {
                  for (const link of document.querySelectorAll('.live-row .job')) window.seen[link.hash.split('/')[2]] ??= Date.now();
                }).observe(document.querySelector('.live'), { childList: true, subtree: true });""")
            delays = []
            for _ in range(ROUNDS):
                run = host.start("short", "exec sleep 1000")
                seen = eventually("it is seen", lambda: self.browser.run("return window.seen[arguments[0]]", run))
                events = map(json.loads, host.get(f"/instances/{run}/events")[1].splitlines())
                created = next(event for event in events if event["kind"] == "created")
                delays.append(seen - datetime.datetime.fromisoformat(created["at"].replace("Z", "+00:00")).timestamp() * 1000)
                host.stop_run(run)
                eventually("it is gone", lambda: not self.browser.find_all(".live-row"))
            row("an event to the screen", spread(delays), f"{RUNS} runs in the ledger", "150 ms")

    def output(self):
        with self.host() as host:
            lines = int(GIGABYTES * 1e9 / 62)
            run = host.run("big", f'seq 1 {lines} | sed "s/^/2026-11-29T14:00:00.000Z INFO worker took job number /"')
            host.serve()
            opened = self.opened(f"{host.address}#/run/{run}", ".log > .log-scroll .line")
            self.browser.run(FRAMES)
            ended = self.browser.wait_for("""
                const start = performance.now();
                [...document.querySelectorAll('.log-tools button, button')].find(button => ['End', 'Follow', 'Following'].includes(button.textContent.trim())).click();
                const last = () => [...document.querySelectorAll('.log > .log-scroll .line .what')].at(-1)?.textContent ?? '';
                while (!last().endsWith(` ${args[0]}`)) await new Promise(requestAnimationFrame);
                return performance.now() - start;""", str(lines))
            scroll = self.browser.find(".log-scroll")
            for part in range(20):
                self.browser.run("const scroll = document.querySelector('.log-scroll'); scroll.scrollTop = scroll.scrollHeight * arguments[0]", part / 20)
                for _ in range(3):
                    self.browser.wheel(scroll, 0, 0, 600)
            frames = sorted(self.browser.run("return window.frames_"))
            memory = self.browser.run("return performance.memory.usedJSHeapSize") / (1 << 20)
            row(f"{GIGABYTES:g} GB of output: its first lines", f"{opened:.0f} ms", "", "")
            row("  jump to the end", f"{ended:.0f} ms", "", "")
            row("  frames while it is scrolled", f"p99 {frames[int(len(frames) * 0.99)]:.0f} ms, worst {frames[-1]:.0f} ms", f"{len(frames)} frames", "100 ms")
            row("  memory of the page's script", f"{memory:.0f} MiB", "", "150 MiB in the tab")

    def timeline(self):
        with self.host() as host:
            host.fill(10_000)
            host.serve()
            self.browser.open("about:blank")
            self.browser.open(f"{host.address}#/timeline?span=30d")
            eventually("thousands of runs", lambda: int("".join(filter(
                str.isdigit, self.browser.find(".said").text.split(" run")[0])) or 0) > 5000)
            frames, script = self.browser.wait_for("""
                const canvas = document.querySelector('canvas'); const original = window.requestAnimationFrame; let spent = 0;
                window.requestAnimationFrame = draw => original.call(window, now => { const start = performance.now(); draw(now); spent += performance.now() - start; });
                const start = performance.now();
                for (let i = 0; i < 120; i += 1) {
                  canvas.dispatchEvent(new WheelEvent('wheel', { deltaX: i < 60 ? -40 : 40, bubbles: true, cancelable: true }));
                  await new Promise(resolve => original.call(window, resolve));
                }
                const all = performance.now() - start; window.requestAnimationFrame = original;
                return [all / 120, spent / 120];""")
            row("timeline of 10,000 runs while it is panned", f"{1000 / frames:.0f} frames/s", f"{script:.1f} ms of script a frame", "50 frames/s")


def main():
    names = sys.argv[2:] or ["views", "events", "output", "timeline"]
    work = tempfile.mkdtemp(prefix="taro-bench-", dir=os.environ.get("TMPDIR", "/var/tmp"))
    with contextlib.ExitStack() as ends:
        ends.callback(shutil.rmtree, work, ignore_errors=True)
        bench = Bench(ends.enter_context(Browser(work)))
        for name in names:
            getattr(bench, name)()


main()
