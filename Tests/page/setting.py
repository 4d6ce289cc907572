"""What the tests of the page share: a browser, and a ledger with a few jobs of every kind behind a server."""

import os
import pathlib
import shutil
import tempfile
import unittest

from host import Host
from webdriver import Browser, eventually

HERE = pathlib.Path(__file__).resolve().parent
PICTURES = os.environ.get("TARO_PAGE_PICTURES")
LOOKS = (HERE / "looks.js").read_text()
VIEWS = ["", "#/timeline", "#/history", "#/jobs", "#/events", "#/host"]

_browser = None
_work = None
_few = None


def browser():
    global _browser, _work
    if _browser is None:
        _work = tempfile.mkdtemp(prefix="taro-page-", dir=os.environ.get("TMPDIR", "/var/tmp"))
        _browser = Browser(_work)
    return _browser


def few():
    """Of every kind some: completed, failed, not startable, disabled, with warnings, running, paused, waiting."""
    global _few
    if _few is None:
        _few = Host()
        for _ in range(4):
            _few.run("mirror/debian", 'for n in $(seq 1 40); do echo "get pool/$n.deb"; done', "--param", "suite=bookworm")
        _few.run("backup", "echo reading /home; sleep 0.05; echo 'cannot read /home/old: Input/output error' >&2; exit 2")
        _few.run("backup", "echo reading /home; echo done")
        _few.run("colours", r"printf '\033[31mred\033[0m \033[38;5;208morange\033[0m \033[48;2;10;20;120mground\033[0m\n10%%\r100%%\n'")
        _few.taro("exec", "--id", "typo", "/nowhere/at/all", check=False)
        _few.taro("disable", "nightly*", "--reason", "the tape is full")
        _few.taro("exec", "--id", "nightly-sync", "true", check=False)
        _few.run("build", "echo 'a.c:4: warning: unused' >&2; echo linked", "--warn-output", "warning")
        _few.clock = _few.start("clock", "n=0; while :; do n=$((n+1)); echo tick $n; sleep 0.2; done")
        _few.copy = _few.start("copy", "echo 'copied [25/100]'; exec sleep 1000")
        _few.deploy = _few.start("deploy", "echo deployed", "--pending", "release-42")
        _few.serve()
    return _few


def end():
    global _browser, _few
    if _browser:
        _browser.end()
        shutil.rmtree(_work, ignore_errors=True)
    if _few:
        _few.end()
    _browser = _few = None


class PageTest(unittest.TestCase):
    """After each test the console has to be empty: what went wrong is told there, and what the policy has refused."""

    # What may stand there all the same, as parts of messages.
    allowed = ()

    def setUp(self):
        self.browser = browser()
        self.browser.resize(1440, 900)
        self.browser.scheme("light")
        self.browser.open("about:blank")
        self.browser.messages()

    def tearDown(self):
        messages = [line for line in self.browser.messages() if not any(part in line for part in self.allowed)]
        if PICTURES:
            os.makedirs(PICTURES, exist_ok=True)
            self.browser.picture(os.path.join(PICTURES, f"{self.id().rsplit('.', 1)[1]}.png"))
        self.assertEqual(messages, [])

    def go(self, host, where=""):
        """Opens a view, and waits until it is there."""
        self.browser.open("about:blank")
        self.browser.open(host.address + where)
        self.browser.find("main > *")
        eventually("it is live", lambda: self.browser.find(".link-state").text == "live")

    def close(self, host):
        """Ends a host of the test's own; the page is left first, or it would tell of the loss."""
        self.browser.open("about:blank")
        host.end()

    def expect_looks(self, what):
        faults = self.browser.run(LOOKS)
        self.assertEqual(faults, [], what)

    def text(self, selector):
        return self.browser.find(selector).text

    def eventually(self, what, body):
        return eventually(what, body)

    def count(self, selector):
        return self.browser.run("return document.querySelectorAll(arguments[0]).length", selector)
