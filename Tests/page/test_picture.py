"""The picture that `taro timeline -f svg` makes, in a browser."""

from setting import PageTest, few


class PictureTests(PageTest):
    def test_a_timeline_is_drawn_and_tells_the_facts(self):
        host = few()
        path = host.work / "night.svg"
        path.write_bytes(host.taro("timeline", "-f", "svg"))
        self.browser.open(path.as_uri())
        root, runs, titles, outside = self.browser.run("""
            const all = [...document.querySelectorAll('rect[class]:not(.lane)')];
            const whole = document.documentElement.getBoundingClientRect();
            const outside = all.filter(one => { const box = one.getBoundingClientRect(); return box.right > whole.right + 1 || box.bottom > whole.bottom + 1; });
            return [document.documentElement.tagName, all.filter(one => one.getBoundingClientRect().width > 0).length,
              [...document.querySelectorAll('title')].map(one => one.textContent), outside.length];""")
        self.assertEqual((root, outside), ("svg", 0))
        self.assertGreaterEqual(runs, 9)
        self.assertTrue(any("exit code 2" in title for title in titles), titles)
