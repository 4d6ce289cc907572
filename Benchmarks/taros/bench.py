"""The figures of taros, each beside its peers, in turn and in one run: nginx with a file of the same bytes, and a Python
WSGI server that is made as the original's was.

    python bench.py TARO TAROS WORKER LISTENERS [NAME]...

TARO, TAROS: the programs; WORKER: ledger-worker (Tests/LedgerWorker); LISTENERS: sse-listeners. NAME: only these of
lists, instance, output, streams, start. Needs nginx, wrk and curl. The clients run on the same processors. A short trial:
BENCH_SECONDS=1 BENCH_INSTANCES=5000.
"""

import contextlib
import math
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROUNDS = 5
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
INSTANCES = int(os.environ.get("BENCH_INSTANCES", "100000"))
OUTPUT_BYTES = 100_000_000
LISTENERS = 1000
PAGE_SECONDS = 1 / 50


def report(what, figure, comparison="", goal=""):
    print(f"{what:<44}{figure:<40} {comparison:<58} {goal}".rstrip(), flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=600) as answer:
        return answer.read()


def await_answer(port, path, process):
    """Asks until there is an answer; the seconds that it took."""
    start = time.monotonic()
    while time.monotonic() - start < 60:
        if process.poll() is not None:
            sys.exit(f"{process.args[0]} has ended with {process.returncode}")
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            if connection.recv(12) == b"HTTP/1.1 200":
                return time.monotonic() - start
    sys.exit(f"{process.args[0]} does not answer")


class Wrk:
    """What wrk says: requests a second, and the 99th percentile in milliseconds."""

    def __init__(self, port, path, script=None):
        command = ["wrk", "-t", "1", "-c", "16", "-d", f"{SECONDS}s", "--latency", "--timeout", "30s"]
        if script:
            command += ["-s", script]
        text = subprocess.run(
            command + [f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True).stdout
        self.rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", text).group(1))
        found = re.search(r"99%\s+([0-9.]+)(us|ms|s|m)\n", text)
        # Without one where not a single answer came.
        self.p99 = float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[found[2]] if found else math.inf
        self.failed = sum(map(int, re.findall(r"Non-2xx or 3xx responses: ([0-9]+)", text)))
        self.failed += sum(map(int, re.findall(r"(?:connect|read|write|timeout) ([0-9]+)", text)))


class Process:
    """Of /proc: memory in MiB, processor time in seconds."""

    def __init__(self, pid):
        self.pid = pid

    def memory(self, field):
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+([0-9]+)", text).group(1)) / 1024

    def forget_peak(self):
        with contextlib.suppress(PermissionError):
            pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bench:
    def __init__(self, work, taro, taros, worker, listeners):
        self.work, self.taro, self.taros, self.worker, self.listeners = work, taro, taros, worker, listeners
        self.ledger = work / "ledger"
        self.site = work / "site"
        self.site.mkdir()
        self.ends = contextlib.ExitStack()
        self.environment = {**os.environ, "TARO_LEDGER": str(self.ledger)}

    # What runs meanwhile

    def start(self, *command, **more):
        process = subprocess.Popen(list(map(str, command)), env=self.environment, **more)

        def end():
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.ends.callback(end)
        return process

    def fill(self):
        filler = self.start(
            self.worker, "fill", self.ledger, INSTANCES, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        filler.stdout.readline()

    def start_taros(self):
        self.port = free_port()
        self.server = self.start(
            self.taros, "--ledger", self.ledger, "--bind", f"127.0.0.1:{self.port}", "--set", "limits.streams=2000",
            stderr=open(self.work / "taros.log", "ab"))
        await_answer(self.port, "/readyz", self.server)
        # The first question folds what was filled.
        get(self.port, "/instances?finished&limit=1")

    def start_nginx(self):
        self.nginx_port = free_port()
        configuration = self.work / "nginx.conf"
        configuration.write_text(f"""
            daemon off; worker_processes auto; pid {self.work}/nginx.pid; error_log {self.work}/nginx.log;
            events {{ worker_connections 4096; }}
            http {{
              access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; default_type application/hal+json;
              client_body_temp_path {self.work}/t1; proxy_temp_path {self.work}/t2; fastcgi_temp_path {self.work}/t3;
              uwsgi_temp_path {self.work}/t4; scgi_temp_path {self.work}/t5; open_file_cache max=100;
              server {{ listen 127.0.0.1:{self.nginx_port}; root {self.site}; }}
            }}""")
        (self.site / "index").write_text("ready")
        # It may change to a user of its own, which has to get through.
        self.work.chmod(0o755)
        nginx = self.start("nginx", "-c", configuration, stderr=subprocess.DEVNULL)
        await_answer(self.nginx_port, "/index", nginx)

    def start_original(self):
        self.original_port = free_port()
        original = self.start(
            sys.executable, HERE / "original.py", self.original_port, self.work / "jobs.db", INSTANCES,
            stdout=subprocess.PIPE)
        original.stdout.readline()

    # The figures

    def compare(self, what, path, original_path, goal, script=None):
        """taros, nginx with the same bytes, and the original's, in turn; medians."""
        body = get(self.port, path)
        # A name of its own: nginx keeps what it has opened.
        copy = self.site / f"body-{len(body)}"
        copy.write_bytes(body)
        copy.chmod(0o644)
        ours, nginx, original = [], [], []
        for _ in range(ROUNDS):
            ours.append(Wrk(self.port, path, script))
            nginx.append(Wrk(self.nginx_port, f"/{copy.name}"))
            original.append(Wrk(self.original_port, original_path))
        failed = sum(run.failed for run in ours)
        if not all(run.rate for run in original):
            # It takes longer for one than they had.
            start = time.monotonic()
            get(self.original_port, original_path)
            seconds = time.monotonic() - start
            for run in original:
                run.rate = 1 / seconds

        def rate(runs):
            return statistics.median(run.rate for run in runs)
        report(
            what, f"{rate(ours):.0f}/s, p99 {statistics.median(run.p99 for run in ours):.2f} ms"
            + (f", {failed} FAILED" if failed else ""),
            f"nginx {rate(nginx):.0f}/s, ratio {rate(ours) / rate(nginx):.2f}; "
            f"as the original {rate(original):.3g}/s, {rate(ours) / rate(original):.0f} times", goal)
        return body

    def lists(self):
        body = self.compare(
            f"GET /instances?finished&limit=50 of {INSTANCES}", "/instances?finished&limit=50",
            "/instances?finished&limit=50", "8,000/s, p99 20 ms, a third of nginx")
        report("its bytes", f"{len(body)}", "each has the same from nginx")

    def instance(self):
        ids = re.findall(rb'"instance_id": ?"([0-9a-z]{16})"', get(self.port, "/instances?finished&limit=1000"))
        script = self.work / "ids.lua"
        script.write_text(
            "local ids = {" + ",".join(f'"{one.decode()}"' for one in ids) + "}\nlocal n = 0\n"
            "request = function()\n  n = n % #ids + 1\n  return wrk.format(\"GET\", \"/instances/\" .. ids[n])\nend\n")
        self.compare(
            f"GET /instances/{{id}}, {len(ids)} of them", f"/instances/{ids[0].decode()}",
            f"/instances/{INSTANCES // 2:021x}", "10,000/s", str(script))

    def output(self):
        text = self.work / "text"
        # Lines as a log has them, each another.
        subprocess.run(
            ["sh", "-c", f"seq 1000000000 | sed 's/^/2026-11-22T14:00:00.000Z INFO  worker took job /' | head -c {OUTPUT_BYTES}"],
            check=True, stdout=open(text, "wb"), stderr=subprocess.DEVNULL)
        subprocess.run(
            [self.taro, "exec", "--id", "big", "cat", text], check=True, env=self.environment, stdout=subprocess.DEVNULL)
        shutil.copy(text, self.site / "output")
        (self.site / "output").chmod(0o644)
        server = Process(self.server.pid)
        server.forget_peak()

        def rate(port, path):
            speed = subprocess.run(
                ["curl", "-sS", "-f", "-o", "/dev/null", "-w", "%{size_download} %{time_total}",
                 f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True).stdout.split()
            if int(speed[0]) != OUTPUT_BYTES:
                sys.exit(f"{path}: {speed[0]} bytes instead of {OUTPUT_BYTES}")
            return OUTPUT_BYTES / float(speed[1]) / 1e6
        pairs = [(rate(self.port, "/instances/big/output"), rate(self.nginx_port, "/output")) for _ in range(ROUNDS * 2)]
        ours, nginx = (statistics.median(values) for values in zip(*pairs))
        report(
            "output of 100 MB", f"{ours:.0f} MB/s, at most {server.memory('VmHWM'):.0f} MiB",
            f"nginx {nginx:.0f} MB/s, ratio {ours / nginx:.2f}", "500 MB/s, memory bounded")

    def streams(self):
        def jobs(seconds):
            """Each has three events: created, running, completed."""
            times, begun = [], time.monotonic()
            while time.monotonic() - begun < seconds:
                start = time.monotonic()
                subprocess.run([self.taro, "exec", "--id", "beat", "true"], check=True, env=self.environment)
                times.append(time.monotonic() - start)
                time.sleep(max(0, 3 * PAGE_SECONDS - times[-1]))
            return times

        def work():
            """A job that only computes."""
            start = time.monotonic()
            subprocess.run(
                [self.taro, "exec", "--id", "work", sys.executable, "-c", "sum(i * i for i in range(8_000_000))"],
                check=True, env=self.environment)
            return time.monotonic() - start
        alone, alone_work = jobs(SECONDS * 2), [work() for _ in range(ROUNDS)]
        head = re.search(rb'"head": ?([0-9]+)', get(self.port, "/ledger")).group(1).decode()
        client = self.start(
            self.listeners, self.port, f"/events?after={head}", LISTENERS, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if client.stdout.readline() != b"ready\n":
            sys.exit("not all listeners were let in")
        server = Process(self.server.pid)
        before = server.cpu()
        time.sleep(SECONDS * 2)
        idle = (server.cpu() - before) / (SECONDS * 2)
        beside = jobs(SECONDS * 5)
        # A processor's worth of jobs is not measured beside a processor's worth of others.
        beside_work = [work() for _ in range(ROUNDS)]
        memory = server.memory("VmRSS")
        client.stdin.close()
        events, still, missed, disorder, p50, p99, worst = client.stdout.readline().split()
        wrong = [f"{int(n)} {what}" for n, what in ((missed, "MISSED"), (disorder, "OUT OF ORDER")) if int(n)]
        if int(still) < LISTENERS:
            wrong.append(f"{LISTENERS - int(still)} CUT OFF")
        report(
            f"event to all of {LISTENERS} listeners",
            f"p50 {float(p50):.1f} ms, p99 {float(p99):.1f} ms, worst {float(worst):.1f} ms",
            ", ".join([f"{int(events)} events, 50/s"] + wrong), "100 ms")
        report("memory with them", f"{memory:.0f} MiB", "", "200 MiB")
        report("processor time while nothing happens", f"{idle * 100:.1f} % of one", "", "none")
        ratio = statistics.median(beside) / statistics.median(alone)
        report(
            "taro exec true beside them", f"{statistics.median(beside) * 1000:.2f} ms",
            f"without them {statistics.median(alone) * 1000:.2f} ms, {ratio:.2f} times", "1.10 times")
        ratio = statistics.median(beside_work) / statistics.median(alone_work)
        report(
            "a job that computes beside them", f"{statistics.median(beside_work):.2f} s",
            f"without them {statistics.median(alone_work):.2f} s, {ratio:.2f} times", "1.10 times")

    def start_up(self):
        times = []
        for _ in range(ROUNDS * 2 + 1):
            port = free_port()
            begun = time.monotonic()
            process = subprocess.Popen(
                [self.taros, "--ledger", self.ledger, "--bind", f"127.0.0.1:{port}"], env=self.environment,
                stderr=subprocess.DEVNULL)
            await_answer(port, "/readyz", process)
            times.append(time.monotonic() - begun)
            process.send_signal(signal.SIGTERM)
            process.wait()
        report(
            "start until the first answer", f"{statistics.median(times[1:]) * 1000:.1f} ms",
            f"worst {max(times[1:]) * 1000:.1f} ms", "100 ms")


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    programs, wanted = sys.argv[1:5], set(sys.argv[5:])
    for name in ("nginx", "wrk", "curl"):
        if not shutil.which(name):
            sys.exit(f"{name} is missing; apt-get install nginx-light wrk curl")
    work = pathlib.Path(tempfile.mkdtemp(prefix="taros-bench-", dir="/var/tmp"))
    bench = Bench(work, *programs)
    figures = {
        "lists": bench.lists, "instance": bench.instance, "output": bench.output, "streams": bench.streams,
        "start": bench.start_up}
    if wanted - set(figures):
        sys.exit(f"there is no {' '.join(sorted(wanted - set(figures)))}; there are {' '.join(figures)}")
    try:
        with bench.ends:
            bench.fill()
            bench.start_taros()
            report("taros, when it has folded them", f"{Process(bench.server.pid).memory('VmRSS'):.0f} MiB", "", "64 MiB")
            bench.start_nginx()
            bench.start_original()
            for name, figure in figures.items():
                if not wanted or name in wanted:
                    figure()
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
