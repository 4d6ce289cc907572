"""The pure parts of the page, in the browser that they are for."""

import static
from setting import PageTest


class UnitTests(PageTest):
    def test_all_unit_tests_pass(self):
        server = static.serve()
        try:
            self.browser.open(f"http://127.0.0.1:{server.server_port}/unit/unit.html")
            results = self.eventually("the tests have ended", lambda: self.browser.run("return window.results || null"))
            self.assertGreater(len(results), 50)
            self.assertEqual([result for result in results if result["fault"]], [])
        finally:
            server.shutdown()
            server.server_close()
