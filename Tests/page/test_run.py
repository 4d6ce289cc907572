"""Run: its output, whatever is in it and however much of it there is."""

import time

from setting import PageTest, few
from host import Host


class RunTests(PageTest):
    def lines(self):
        return self.browser.run("return [...document.querySelectorAll('.log > .log-scroll .line .what')].map(one => one.textContent)")

    def tool(self, text):
        self.browser.find(".log-tools button", text).click()

    def test_colours_and_carriage_returns(self):
        host = few()
        self.go(host, f"#/run/{host.newest('colours')}")
        self.eventually("its lines", lambda: self.lines() == ["red orange ground", "100%"])
        self.assertEqual(self.browser.run("return document.querySelector('.log .f1').textContent"), "red")
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('.log .what span')].map(one => one.style.color || one.style.backgroundColor)")[1:],
                         ["rgb(255, 135, 0)", "rgb(255, 255, 255)"])

    def test_streams_apart_the_first_error_and_times(self):
        host = few()
        self.go(host, f"#/run/{host.run('two', 'for n in $(seq 1 200); do echo out $n; done; sleep 0.05; echo bad >&2; sleep 0.05; for n in $(seq 1 200); do echo out $n; done')}")
        self.eventually("both", lambda: "out 1" in self.lines())
        self.tool("First error")
        self.eventually("the line of stderr", lambda: self.browser.run("return document.querySelector('.line.is-marked .what')?.textContent") == "bad")
        self.assertEqual(self.browser.run("return document.querySelector('.line.is-marked .at').textContent"), "201")
        self.tool("stderr")
        self.eventually("stderr alone", lambda: self.lines() == ["bad"])
        self.tool("stdout")
        self.eventually("stdout alone", lambda: "bad" not in self.lines() and len(self.lines()) > 5)
        self.tool("Times")
        self.assertRegex(self.text(".line .when"), r"^\d\d:\d\d:\d\d\.\d{3}$")
        self.tool("Times")

    def test_a_line_has_a_link_that_leads_to_it(self):
        host = few()
        run = host.run("long", "seq 1 5000")
        self.go(host, f"#/run/{run}")
        self.browser.find(".line .at").click()
        self.eventually("the address", lambda: "at=0" in self.browser.address)
        # The byte before line 4001: 9 * 2 + 90 * 3 + 900 * 4 + 3001 * 5
        offset = 9 * 2 + 90 * 3 + 900 * 4 + 3001 * 5
        self.go(host, f"#/run/{run}?at={offset}")
        self.eventually("the line", lambda: self.browser.run("return document.querySelector('.line.is-marked .what')?.textContent") == "4001")
        self.assertEqual(self.browser.run("return document.querySelector('.line.is-marked .at').textContent"), "4001")

    def test_search_finds_marks_and_steps(self):
        host = few()
        self.go(host, f"#/run/{host.run('hay', 'for n in $(seq 1 3000); do echo straw $n; done; echo Needle one; seq 1 2000; echo needle two')}?find=needle")
        self.browser.find(".found", "1 of 2")
        self.eventually("it is shown", lambda: "Needle one" in self.lines())
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('.log mark')].map(one => one.textContent)"), ["Needle"])
        self.browser.find("input[type=search]").type("")
        self.browser.find(".finder input").click()
        self.browser.press("Enter")
        self.eventually("the next", lambda: "needle two" in self.lines())
        self.assertEqual(self.text(".found"), "2 of 2")
        self.expect_looks("search")

    def test_what_is_printed_is_followed_until_one_scrolls_up(self):
        host = few()
        run = host.start("teller", "for n in $(seq 1 500); do echo line $n; done; n=500; while :; do n=$((n+1)); echo line $n; sleep 0.1; done")
        self.go(host, f"#/run/{run}")
        self.browser.find(".log-tools button", "Following")
        self.eventually("more", lambda: any(line == "line 505" for line in self.lines()))
        scroll = self.browser.find(".log-scroll")
        self.browser.wheel(scroll, 0, 0, -400)
        self.browser.find(".log-tools button", "Follow")
        first = self.lines()[0]
        time.sleep(0.5)
        self.assertEqual(self.lines()[0], first)
        self.tool("Follow")
        last = self.eventually("it is at the end", lambda: self.lines()[-1])
        self.eventually("and goes on", lambda: self.lines()[-1] != last)
        host.stop_run(run)
        self.browser.find(".run-head .state", "Stopped")

    def test_keys_scroll_it(self):
        host = few()
        self.go(host, f"#/run/{host.run('long', 'seq 1 5000')}")
        self.eventually("the beginning", lambda: self.lines()[:1] == ["1"])
        self.browser.run("document.querySelector('.log-scroll').focus()")
        self.browser.press("End")
        self.eventually("the end", lambda: self.lines()[-1:] == ["5000"])
        self.browser.press("Home")
        self.eventually("the beginning", lambda: self.lines()[:1] == ["1"])
        self.browser.press("PageDown")
        self.eventually("further", lambda: 10 < int(self.lines()[0]) < 100)

    def test_everything_that_show_tells(self):
        host = few()
        self.go(host, f"#/run/{host.newest('build')}")
        facts = self.eventually("the facts", lambda: self.text(".run-facts"))
        for words in ("Created", "Running", "Completed", "warning", "a.c:4: warning: unused", "exit code 0", "Command", "linked", "Memory"):
            self.assertIn(words, facts)

    def test_a_replay_takes_the_time_that_it_took_and_goes_anywhere(self):
        host = few()
        self.go(host, f"#/run/{host.run('slow', 'for n in 1 2 3 4 5 6; do echo step $n; sleep 0.4; done')}")
        self.eventually("all of it", lambda: len(self.lines()) == 6)
        self.tool("Replay")
        self.browser.find(".replay-bar .clock", "of")
        self.eventually("some of it", lambda: 0 < len(self.lines()) < 6)
        self.eventually("all of it", lambda: len(self.lines()) == 6)
        self.browser.run("const slider = document.querySelector('.replay input'); slider.value = 500; slider.dispatchEvent(new Event('input', { bubbles: true }))")
        self.eventually("half of it", lambda: 2 <= len(self.lines()) <= 5)
        self.tool("Replay")
        self.eventually("all of it", lambda: len(self.lines()) == 6)

    allowed = ("404 (Not Found)",)

    def test_one_that_is_not_there_and_output_that_was_not_captured(self):
        host = few()
        self.go(host, "#/run/06h0000000000000")
        self.browser.find(".nothing", "There is no such run")
        self.go(host, f"#/run/{host.run('bare', 'echo x', '-b')}")
        self.browser.find(".log-place", "not captured")

    def test_two_hundred_megabytes(self):
        host = Host()
        try:
            run = host.run("big", 'seq 1 3200000 | sed "s/^/2026-11-29T14:00:00.000Z INFO worker took job number /"; echo the last line >&2')
            host.serve()
            start = time.monotonic()
            self.go(host, f"#/run/{run}")
            self.eventually("its first lines", lambda: self.lines()[:1] and self.lines()[0].endswith("number 1"))
            opened = time.monotonic() - start
            self.browser.run("""
                window.frames_ = []; let before = performance.now();
                const step = now => { window.frames_.push(now - before); before = now; requestAnimationFrame(step); }; requestAnimationFrame(step);""")
            self.tool("End")
            self.eventually("its last", lambda: self.lines()[-1:] == ["the last line"])
            self.assertEqual(self.browser.run("return [...document.querySelectorAll('.log > .log-scroll .line .at')].at(-1).textContent"), "3200001")
            self.browser.run("const scroll = document.querySelector('.log-scroll'); scroll.scrollTop = scroll.scrollHeight / 2")
            self.eventually("its middle", lambda: self.lines() and 1_500_000 < int(self.lines()[0].rsplit(" ", 1)[1] if "number" in self.lines()[0] else 0) < 1_700_000)
            number = self.browser.run("const line = document.querySelector('.log > .log-scroll .line'); return [line.querySelector('.at').textContent, line.querySelector('.what').textContent]")
            self.assertTrue(number[1].endswith(f" {number[0]}"), number)
            scroll = self.browser.find(".log-scroll")
            before = int(number[0])
            for _ in range(20):
                self.browser.wheel(scroll, 0, 0, 600)
            self.eventually("steps go line by line", lambda: before + 500 < int(self.browser.run("return document.querySelector('.log > .log-scroll .line .at').textContent")) < before + 700)
            self.assertLess(self.count("*"), 2000)
            self.browser.find(".finder input").type("number 3199999")
            self.browser.find(".found", "1 of 1")
            memory = self.browser.run("return performance.memory.usedJSHeapSize") / 1e6
            slow = sorted(self.browser.run("return window.frames_"))[-3:]
            print(f"\n200 MB: open {opened:.2f} s, slowest frames {[round(one) for one in slow]} ms, heap {memory:.0f} MB")
            self.assertLess(memory, 150)
        finally:
            self.close(host)
