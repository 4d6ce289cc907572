"""A browser by WebDriver (https://www.w3.org/TR/webdriver2/): Debian's chromium and chromedriver, and Python's own library.

    with Browser() as browser:
        browser.open("http://127.0.0.1:8000/")
        browser.find("h1").text
"""

import base64
import http.client
import json
import os
import shutil
import subprocess
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
DEADLINE = 60.0
KEYS = {"Enter": "\ue007", "Tab": "\ue004", "Escape": "\ue00c", "Down": "\ue015", "Up": "\ue013", "Left": "\ue012",
        "Right": "\ue014", "End": "\ue010", "Home": "\ue011", "PageDown": "\ue00f", "PageUp": "\ue00e", "Shift": "\ue008",
        "Control": "\ue009", "Backspace": "\ue003"}


class WebDriverError(Exception):
    pass


def eventually(what, body, deadline=DEADLINE):
    """Asks again until the body gives something true, and gives that; elements that have gone meanwhile are no error."""
    end = time.monotonic() + deadline
    while True:
        last = None
        try:
            value = body()
            if value:
                return value
        except WebDriverError as error:
            last = error
        if time.monotonic() > end:
            raise AssertionError(f"it never came to this: {what}" + (f" ({last})" if last else ""))
        time.sleep(0.03)


class Element:
    def __init__(self, browser, reference):
        self.browser, self.reference = browser, reference

    def _ask(self, method, path, body=None):
        return self.browser.ask(method, f"/element/{self.reference}{path}", body)

    @property
    def text(self):
        return self._ask("GET", "/text")

    def attribute(self, name):
        return self._ask("GET", f"/attribute/{name}")

    def value_of(self, name):
        return self._ask("GET", f"/property/{name}")

    @property
    def is_shown(self):
        return self._ask("GET", "/displayed")

    def click(self):
        self._ask("POST", "/click", {})

    def type(self, text):
        self._ask("POST", "/value", {"text": text})

    def clear(self):
        self._ask("POST", "/clear", {})

    def find_all(self, selector):
        found = self._ask("POST", "/elements", {"using": "css selector", "value": selector})
        return [Element(self.browser, one[ELEMENT]) for one in found]


class Browser:
    """Chromium without a window, and its driver; both end with it, and so does their directory."""

    def __init__(self, work, width=1440, height=900, scale=1, is_dark=False, has_touch=False):
        self.work = work
        os.makedirs(work, exist_ok=True)
        environment = {**os.environ, "HOME": work, "TMPDIR": work, "XDG_CONFIG_HOME": work, "XDG_CACHE_HOME": work}
        self.log = open(os.path.join(work, "chromedriver.log"), "ab")
        self.process = subprocess.Popen(
            [shutil.which("chromedriver") or "chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=self.log, env=environment,
            text=True, start_new_session=True)
        self.port = self._port()
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars=false",
            f"--window-size={width},{height}", f"--force-device-scale-factor={scale}", f"--user-data-dir={work}/profile",
            "--force-prefers-reduced-motion", f"--blink-settings=preferredColorScheme={0 if is_dark else 1}"]
        if has_touch:
            arguments.append("--touch-events=enabled")
        capabilities = {"alwaysMatch": {
            "browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": arguments, "binary": shutil.which("chromium") or "chromium"}}}
        self.session = None
        answer = self.ask("POST", "/session", {"capabilities": capabilities}, whole=True)
        self.session = answer["sessionId"]
        self.ask("POST", "/timeouts", {"script": 30_000, "pageLoad": 60_000, "implicit": 0})
        self.resize(width, height)

    def _port(self):
        for line in self.process.stdout:
            if "successfully on port" in line:
                return int(line.rstrip(".\n").rsplit(" ", 1)[1])
        raise WebDriverError("chromedriver has ended; apt-get install chromium-driver")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        try:
            if self.session:
                self.ask("DELETE", "")
        except (OSError, WebDriverError):
            pass
        try:
            os.killpg(self.process.pid, 15)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def ask(self, method, path, body=None, whole=False):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        prefix = f"/session/{self.session}" if self.session else ""
        payload = None if method in ("GET", "DELETE") else json.dumps(body if body is not None else {})
        connection.request(method, prefix + path, payload, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        document = json.loads(answer.read())
        connection.close()
        value = document["value"]
        if answer.status != 200:
            raise WebDriverError(f"{value.get('error')}: {value.get('message', '').splitlines()[0]}")
        return value if not whole else value

    # What one does.

    def resize(self, width, height):
        """So large is what is seen; a window has a least size, this has none."""
        self.cdp("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 0, "mobile": False})

    def cdp(self, command, parameters=None):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters or {}})

    def scheme(self, name):
        self.cdp("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]})

    def open(self, address):
        self.ask("POST", "/url", {"url": address})

    @property
    def address(self):
        return self.ask("GET", "/url")

    @property
    def title(self):
        return self.ask("GET", "/title")

    def run(self, script, *arguments):
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait_for(self, script, *arguments):
        """The value that a script of promises gives."""
        return self.ask("POST", "/execute/async", {
            "script": f"const done = arguments[arguments.length - 1]; (async (...args) => {{ {script} }})(...arguments).then(done, error => done({{ error: String(error) }}))",
            "args": list(arguments)})

    def find_all(self, selector):
        return [Element(self, one[ELEMENT]) for one in self.ask("POST", "/elements", {"using": "css selector", "value": selector})]

    def find(self, selector, text=None):
        """The first that is shown, and has the text in it; waits for it."""
        def look():
            for element in self.find_all(selector):
                if element.is_shown and (text is None or text in element.text):
                    return element
            return None
        return eventually(f"{selector} with {text!r}" if text else selector, look)

    def press(self, *names):
        """Presses these keys together, and lets go of them."""
        keys = [KEYS.get(name, name) for name in names]
        actions = [{"type": "keyDown", "value": key} for key in keys] + [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def wheel(self, element, x, y, by_y, by_x=0):
        self.ask("POST", "/actions", {"actions": [{"type": "wheel", "id": "wheel", "actions": [{
            "type": "scroll", "x": x, "y": y, "deltaX": by_x, "deltaY": by_y, "duration": 0,
            "origin": {ELEMENT: element.reference}}]}]})

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.ask("GET", "/screenshot")))

    def messages(self):
        """What stands in the console since this was asked for last: errors, warnings, and what the policy has refused."""
        return [f"{entry['level']}: {entry['message']}" for entry in self.ask("POST", "/se/log", {"type": "browser"})]
