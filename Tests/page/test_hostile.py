"""What a job is called and prints is data, in every view."""

from host import Host
from setting import PageTest

ID = '<img src=x onerror="window.evil=1">'
SCRIPT = r"""printf '<script>window.evil=1</script>\n\033]0;evil title\007\033[2J\033[31mred\033[0m\nabc\342\200\256fed.exe\n'
printf '\033]8;;http://evil.example\033\\click me\033]8;;\033\\ https://example.org/a?b=c javascript:window.evil=1\n'
printf '\377\376binary\000\n'; head -c 300000 /dev/zero | tr '\000' x; echo; exit 3"""


class HostileTests(PageTest):
    def test_nothing_of_it_is_markup_or_runs(self):
        host = Host()
        try:
            run = host.run(ID, SCRIPT, "--param", "<b>x</b>=<script>window.evil=1</script>", "--warn-output", "<script>")
            host.run("bidi\u202ecod.exe", "exit 1")
            host.run("..", "true")
            host.run("a/../b?c#d%2f", "true")
            live = host.start(ID, "echo '</bdi><script>window.evil=1</script>'; exec sleep 1000")
            host.serve()
            job = "%3Cimg%20src%3Dx%20onerror%3D%22window.evil%3D1%22%3E"
            for view in ("", "#/timeline", "#/history", "#/jobs", f"#/job/{job}", "#/job/..", "#/job/a%2F..%2Fb%3Fc%23d%252f", f"#/run/{run}", f"#/run/{live}", "#/events", "#/host"):
                self.go(host, view)
                self.eventually(view, lambda: self.count("main h1") == 1)
                self.eventually(view, lambda: self.browser.run("return document.querySelectorAll('main *').length") > 5)
                faults = self.browser.run("""return [window.evil, document.querySelectorAll('main img, main script, main iframe, main [onerror], main b').length,
                    [...document.querySelectorAll('main a[href]')].filter(link => !/^(#|\\/|https?:)/.test(link.getAttribute('href'))).length,
                    document.body.innerText.includes('\\u202e')]""")
                self.assertEqual(faults, [None, 0, 0, False], view)
                self.expect_looks(view)
            self.go(host, f"#/run/{run}")
            lines = self.eventually("its lines", lambda: self.browser.run("return [...document.querySelectorAll('.log > .log-scroll .line .what')].map(one => one.textContent)"))
            self.browser.find(".log-tools button", "Start").click()
            lines = self.eventually("its first lines", lambda: (found := self.browser.run("return [...document.querySelectorAll('.log > .log-scroll .line .what')].map(one => one.textContent)")) and found[0].startswith("<script>") and found)
            self.assertEqual(lines[1], "red")
            self.assertEqual(lines[2], "abc\u27e8202E\u27e9fed.exe")
            self.assertEqual(lines[3], "click me https://example.org/a?b=c javascript:window.evil=1")
            self.assertEqual(lines[4], "\ufffd\ufffdbinary")
            self.assertLess(len(lines[5]), 21_000)
            links = self.browser.run("return [...document.querySelectorAll('.line .what a')].map(link => [link.href, link.rel, link.target])")
            self.assertEqual(links, [["https://example.org/a?b=c", "noopener noreferrer", "_blank"]])
            self.assertNotIn("evil title", self.browser.title)
            # Its resources are reached by its name.
            self.go(host, "#/job/a%2F..%2Fb%3Fc%23d%252f")
            self.browser.find("main h1", "a/../b?c#d%2f")
            self.eventually("its run", lambda: self.count(".run-row") == 1)
            host.stop_run(live)
        finally:
            self.close(host)

    def test_a_storm_leaves_the_page_quick(self):
        host = Host()
        try:
            host.run("quiet", "true")
            host.serve()
            self.go(host)
            self.browser.run("window.slow = 0; let before = performance.now(); const step = now => { window.slow = Math.max(window.slow, now - before); before = now; requestAnimationFrame(step); }; requestAnimationFrame(step)")
            host.fill(3000, "failing")
            self.eventually("all of it is told", lambda: self.count(".failed-row") >= 5)
            self.assertLess(self.browser.run("return window.slow"), 5000)
            # Many failures of a job are one row.
            self.assertLessEqual(self.count(".failed-row"), 12)
            self.browser.find(".failed-row .all", "all ")
            for view in ("#/jobs", "#/timeline", "#/job/metrics"):
                self.go(host, view)
                self.eventually(view, lambda: self.count("main h1") == 1)
                self.expect_looks(view)
        finally:
            self.close(host)
