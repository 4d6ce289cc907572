"""A ledger, jobs and a server for the tests of the page, in a directory of their own that goes with them."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from webdriver import eventually

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAMS = pathlib.Path(os.environ.get("TARO_PAGE_PROGRAMS", ROOT / ".build-tests/release"))


class Host:
    def __init__(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="taro-page-", dir=os.environ.get("TMPDIR", "/var/tmp")))
        os.chmod(self.work, 0o755)
        self.ledger = self.work / "ledger"
        self.environment = {
            **os.environ, "TARO_LEDGER": str(self.ledger), "HOME": str(self.work / "home"), "TMPDIR": str(self.work),
            "XDG_CONFIG_HOME": str(self.work / "home"), "LANG": "C.UTF-8"}
        (self.work / "home").mkdir()
        self.children = []
        self.server = None
        self.port = 0

    def end(self):
        for child in self.children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in self.children:
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        if self.server:
            self.stop()
        shutil.rmtree(self.work)

    # Jobs.

    def taro(self, *words, check=True):
        done = subprocess.run(
            [PROGRAMS / "taro", *words], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.work)
        if check and done.returncode not in (0, 1):
            raise AssertionError(f"taro {words}: {done.returncode} {done.stderr.decode(errors='replace')}")
        return done.stdout

    def run(self, job, script, *options):
        """Runs a job to its end, whatever that is; gives the id of the run."""
        subprocess.run(
            [PROGRAMS / "taro", "exec", "--id", job, *options, "sh", "-c", script], env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.work)
        return self.newest(job)

    def start(self, job, script, *options, words=None):
        """Starts a job that goes on, and waits until it is there; gives the id of the run."""
        before = {run["instance"] for run in self.live()}
        self.children.append(subprocess.Popen(
            [PROGRAMS / "taro", "exec", "--id", job, *options, *(words or ["sh", "-c", script])], env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.work, start_new_session=True))
        return eventually(f"{job} is there", lambda: next(
            (run["instance"] for run in self.live() if run["job"] == job and run["instance"] not in before), None))

    def stop_run(self, run):
        self.taro("stop", "--force", run)

    def live(self):
        return [json.loads(line) for line in self.taro("ps", "-f", "jsonl").splitlines()]

    def newest(self, job):
        lines = self.taro("hist", "-f", "jsonl", "-n", "1", job).splitlines()
        return json.loads(lines[0])["instance"] if lines else None

    def state(self, run):
        return json.loads(self.taro("show", run, "-f", "json"))["state"]

    def fill(self, runs, kind="mixed"):
        subprocess.run([PROGRAMS / "ledger-worker", "weeks", self.ledger, str(runs), kind], env=self.environment, check=True, stdout=subprocess.DEVNULL)

    # The server.

    def serve(self):
        """Starts it, at the same port as before; gives the address of the page."""
        self.server = subprocess.Popen(
            [PROGRAMS / "taros", "--bind", f"127.0.0.1:{self.port}", "--set", "log.format=json"], env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=self.work)
        for line in self.server.stderr:
            entry = json.loads(line)
            if entry["message"] == "listening":
                self.port = int(entry["address"].rsplit(":", 1)[1])
            if entry["message"] == "ready":
                return self.address
        raise AssertionError("taros has ended")

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}/"

    def stop(self, kind=signal.SIGTERM):
        self.server.send_signal(kind)
        self.server.wait(20)
        self.server.stderr.close()
        self.server = None

    def get(self, path, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body
