"""How the page is served, who may have it, what happens to the connection."""

import os
import re
import signal
import subprocess
import sys
import time
import unittest

from setting import HERE, LOOKS, VIEWS, PageTest, few
from host import Host, ROOT
from webdriver import KEYS

FILES = ROOT / "Sources/Server/Page/Files"


class ServedTests(PageTest):
    def test_every_file_is_served_as_it_is_and_may_be_kept(self):
        host = few()
        answer, body = host.get("/")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.getheader("Content-Security-Policy").split(";")[0], "default-src 'self'")
        self.assertEqual(answer.getheader("Cache-Control"), "no-cache")
        version = re.search(rb"page/([0-9a-f]{16})/main.js", body).group(1).decode()
        self.assertEqual(body, (FILES / "index.html").read_bytes().replace(b"{version}", version.encode()))
        again, nothing = host.get("/", {"If-None-Match": answer.getheader("ETag")})
        self.assertEqual((again.status, nothing), (304, b""))
        for file in FILES.iterdir():
            if file.name == "index.html":
                continue
            answer, body = host.get(f"/page/{version}/{file.name}")
            self.assertEqual((answer.status, body), (200, file.read_bytes()), file.name)
            self.assertIn("immutable", answer.getheader("Cache-Control"))
            self.assertEqual(answer.getheader("X-Content-Type-Options"), "nosniff")
        for path in ("/page/0000000000000000/main.js", f"/page/{version}/index.html", f"/page/{version}/..%2fmain.js", f"/page/{version}/"):
            self.assertEqual(host.get(path)[0].status, 404, path)

    def test_it_asks_nobody_but_its_server(self):
        for file in FILES.iterdir():
            text = file.read_text()
            for found in re.findall(r"https?://[^\s'\"`)]+", text):
                self.assertIn(found, ("http://www.w3.org/2000/svg",), file.name)
            for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser", "javascript:"):
                self.assertNotIn(word, text, file.name)

    def test_its_files_are_small_and_few_enough(self):
        sizes = {file.name: file.stat().st_size for file in FILES.iterdir()}
        self.assertLess(sum(sizes.values()), 250_000)
        for file in FILES.glob("*.js"):
            self.assertLessEqual(len(file.read_text().splitlines()), 400, file.name)

    @unittest.skipUnless(os.geteuid() == 0, "becomes another user")
    def test_who_needs_a_token_is_asked_for_one(self):
        host = few()
        forward = subprocess.Popen(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, HERE / "forward.py", str(host.port)],
            stdout=subprocess.PIPE, text=True)
        try:
            port = forward.stdout.readline().strip()
            self.browser.open(f"http://127.0.0.1:{port}/")
            field = self.browser.find("dialog input")
            self.assertIn("taros token add", self.text("dialog"))
            field.type("taro_wrong" + KEYS["Enter"])
            self.browser.find("dialog .wrong", "not valid")
            token = subprocess.run([host.server.args[0], "token", "add", "looker", "--scope", "read"], env=host.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout.strip()
            field.clear()
            field.type(token + KEYS["Enter"])
            self.browser.find(".live .job", "clock")
            # Who may only look has no buttons to do anything, and may leave.
            self.assertEqual(self.count(".live button"), 0)
            self.browser.find("button", "Sign out looker").click()
            self.browser.find("dialog input")
        finally:
            forward.terminate()
            forward.wait()
            forward.stdout.close()

    allowed = ("401 (Unauthorized)", "ERR_CONNECTION", "ERR_INCOMPLETE", "ERR_EMPTY_RESPONSE", "Failed to load resource: net::")

    def test_a_restart_is_not_noticed_and_a_loss_is_shown(self):
        host = Host()
        try:
            host.run("first", "echo one")
            host.serve()
            self.go(host)
            self.browser.run("window.isTheSame = true")
            host.stop(signal.SIGKILL)
            self.eventually("it is told", lambda: "no connection" in self.text(".link-state"))
            clock = host.start("clock", "while :; do echo tick; sleep 0.2; done")
            host.serve()
            self.eventually("it goes on", lambda: self.text(".link-state") == "live")
            self.browser.find(".live .job", "clock")
            self.assertTrue(self.browser.run("return window.isTheSame"))
            # As quick as a restart is, it is live all the time.
            self.browser.run("window.states = []; new MutationObserver(() => window.states.push(document.querySelector('.link-state').textContent)).observe(document.querySelector('.link-state'), { childList: true, characterData: true, subtree: true })")
            host.stop(signal.SIGKILL)
            host.serve()
            host.stop_run(clock)
            self.eventually("its end is seen", lambda: self.count(".live .live-row") == 0)
            self.assertEqual(self.browser.run("return window.states"), [])
        finally:
            self.close(host)

    def test_an_empty_ledger_says_what_to_do(self):
        host = Host()
        try:
            host.serve()
            self.go(host)
            self.assertIn("taro exec --id backup", self.text(".now .nothing"))
            for view in VIEWS[1:]:
                self.go(host, view)
                self.expect_looks(view)
            # And the first run is seen at once.
            self.go(host)
            run = host.start("first", "exec sleep 1000")
            self.browser.find(".live .job", "first")
            host.stop_run(run)
        finally:
            self.close(host)

    def test_every_view_looks_right_at_every_width_dark_and_light(self):
        host = few()
        run = host.newest("backup")
        for scheme in ("light", "dark"):
            self.browser.scheme(scheme)
            for width in (360, 800, 1440, 2560) if scheme == "light" else (360, 1440):
                self.browser.resize(width, 900)
                for view in [*VIEWS, "#/job/mirror%2Fdebian", "#/job/backup", f"#/run/{run}", f"#/run/{host.clock}"]:
                    # The parameters may stay: what is loaded stays loaded.
                    if width == 360 and view == "":
                        self.go(host, view)
                    else:
                        self.browser.run("location.hash = arguments[0]", view or "#/")
                    self.eventually(view, lambda: self.browser.run(
                        "const main = document.querySelector('main'); return main.querySelector('h1') && !main.querySelector('[role=alert]')"))
                    time.sleep(0.15)
                    self.assertEqual(self.browser.run(LOOKS), [], f"{view} {width} {scheme}")
