"""Now: what runs is seen as it happens, and can be asked for something."""

import datetime
import json
import time

from setting import PageTest, few


class NowTests(PageTest):
    def test_what_runs_waits_failed_and_is_disabled_is_seen(self):
        host = few()
        self.go(host)
        self.eventually("all that is live", lambda: self.count(".live .live-row") == 3)
        self.browser.find(".live-row", "copied [25/100]")
        self.assertEqual(self.browser.run("return document.querySelector('.live-row .meter:not([hidden])').getAttribute('aria-valuenow')"), "25")
        self.browser.find(".live-row", "for latch release-42")
        failed = self.text(".failed")
        for words in ("backup", "exit code 2", "typo", "no such file"):
            self.assertIn(words, failed)
        self.assertIn("the tape is full", self.text("#disabled"))
        figures = [element.text.split("\n")[0] for element in self.browser.find_all(".figure")]
        self.assertEqual(figures, ["2", "1", "2", "1"])

    def test_what_happens_is_on_the_screen_soon(self):
        host = few()
        self.go(host)
        self.browser.find(".live .job", "clock")
        self.browser.run("""
            window.seen = {};
            new MutationObserver(() => {
              for (const link of document.querySelectorAll('.live-row .job')) window.seen[link.hash.split('/')[2]] ??= Date.now();
            }).observe(document.querySelector('.live'), { childList: true, subtree: true });""")
        delays = []
        for _ in range(3):
            run = host.start("short", "exec sleep 1000")
            seen = self.eventually("it is seen", lambda: self.browser.run("return window.seen[arguments[0]]", run))
            [created] = [event for event in map(json.loads, host.get(f"/instances/{run}/events")[1].splitlines()) if event["kind"] == "created"]
            delays.append(seen - datetime.datetime.fromisoformat(created["at"].replace("Z", "+00:00")).timestamp() * 1000)
            host.stop_run(run)
        print(f"\nfrom an event to the screen: {', '.join(f'{delay:.0f}' for delay in delays)} ms")
        # And the last line of a job goes on.
        say = self.text(".live-row .say")
        self.eventually("the clock goes on", lambda: self.text(".live-row .say") != say)

    def test_a_row_stays_where_it_is_and_keeps_its_focus(self):
        host = few()
        self.go(host)
        self.browser.find(".live .job", "clock")
        self.browser.run("const link = [...document.querySelectorAll('.live-row .job')].find(one => one.textContent === 'clock'); link.focus(); window.focused = link; window.top0 = link.getBoundingClientRect().top;")
        run = host.start("later", "exec sleep 1000")
        self.browser.find(".live .job", "later")
        self.assertTrue(self.browser.run("return document.activeElement === window.focused && window.focused.getBoundingClientRect().top === window.top0"))
        host.stop_run(run)
        self.eventually("it is gone", lambda: "later" not in self.text(".live"))

    def test_stop_asks_back_and_stops(self):
        host = few()
        run = host.start("victim", "exec sleep 1000")
        self.go(host)
        row = self.browser.find(".live-row", "victim")
        [button] = [one for one in row.find_all("button") if one.text == "Stop"]
        button.click()
        dialog = self.browser.find("dialog", "Stop victim@")
        [cancel] = [one for one in dialog.find_all("button") if one.text == "Cancel"]
        cancel.click()
        self.assertEqual(host.state(run), "RUNNING")
        button.click()
        self.browser.find("dialog input").type("because")
        self.browser.press("Enter")
        self.eventually("it is stopped", lambda: host.state(run) == "STOPPED")
        self.eventually("and gone", lambda: "victim" not in self.text(".live"))
        self.assertEqual(self.count("dialog"), 0)

    def test_pause_resume_kill_and_release(self):
        host = few()
        run = host.start("victim", "exec sleep 1000", "--pending", "now")
        self.go(host, f"#/run/{run}")
        self.browser.find(".run-head button", "Release").click()
        self.browser.find("dialog button.main, dialog button.danger").click()
        self.browser.find(".run-head .state", "Running")
        self.browser.find(".run-head button", "Pause").click()
        self.browser.find(".run-head .state", "Paused")
        self.browser.find(".run-head button", "Resume").click()
        self.browser.find(".run-head .state", "Running")
        self.browser.find(".run-head .menu > button").click()
        self.browser.find("[role=menuitem]", "Kill").click()
        self.browser.find("dialog button.danger").click()
        # SIGKILL that was asked for: stopped.
        self.eventually("it has ended", lambda: host.state(run) not in ("RUNNING", "PENDING"))
        self.eventually("that is shown", lambda: "Running" not in self.text(".run-head"))

    def test_disable_and_enable(self):
        host = few()
        self.go(host)
        self.browser.find("#disabled button", "Disable jobs").click()
        self.browser.find("dialog input").type("weekly*")
        self.browser.press("Enter")
        self.browser.find(".disabled-row", "weekly*")
        self.assertIn(b"weekly*", host.taro("list-disabled"))
        row = self.browser.find(".disabled-row", "weekly*")
        row.find_all("button")[0].click()
        self.eventually("it is enabled", lambda: "weekly*" not in self.text("#disabled"))
        self.assertNotIn(b"weekly*", host.taro("list-disabled"))

    def test_by_the_keyboard_alone(self):
        host = few()
        run = host.start("victim", "exec sleep 1000")
        self.go(host)
        self.browser.find(".live-row", "victim")
        self.browser.press("Control", "k")
        self.browser.find("dialog.palette input").type("vict")
        self.browser.find(".palette li", "Run")
        self.browser.press("Down")
        self.browser.press("Enter")
        self.eventually("it leads somewhere", lambda: "victim" in self.text("main h1"))
        self.browser.run("location.hash = arguments[0]", f"#/run/{run}")
        self.browser.find(".run-head .state", "Running")
        for _ in range(60):
            self.browser.press("Tab")
            if self.browser.run("return document.activeElement.textContent") == "Stop":
                break
        # What has the focus is seen.
        self.assertNotEqual(self.browser.run("return getComputedStyle(document.activeElement).outlineStyle"), "none")
        self.browser.press("Enter")
        self.browser.find("dialog", "Stop victim@")
        self.browser.press("Enter")
        self.eventually("it is stopped", lambda: host.state(run) == "STOPPED")

    def test_a_hidden_page_keeps_no_connection(self):
        host = few()
        self.go(host)
        # As a browser tells it of a page that nobody sees.
        self.browser.run("""
            Object.defineProperty(document, 'hidden', { configurable: true, get: () => window.isHidden });
            window.isHidden = true; document.dispatchEvent(new Event('visibilitychange'));""")
        run = host.start("unseen", "exec sleep 1000")
        time.sleep(0.3)
        self.assertNotIn("unseen", self.text(".live"))
        self.browser.run("window.isHidden = false; document.dispatchEvent(new Event('visibilitychange'));")
        self.browser.find(".live .job", "unseen")
        host.stop_run(run)
