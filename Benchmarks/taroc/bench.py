"""The figures of taroc, beside its peers, in turn and in one run: a loop of bare ssh under xargs -P, and under GNU parallel
where it is installed. Real sshd processes on this host, one ledger for each host.

    python3 bench.py TARO TAROC LEDGER-WORKER [NAME]...

NAME: only these of ps, hosts, listen. Needs root (sshd's own directory is in a mount namespace) and openssh-server, installed
or unpacked (Tests/unpacked.sh). The far sides run on the same processors. BENCH_HOSTS=N: of ps, 50 without; BENCH_ROUNDS=N: 5;
BENCH_LISTEN=HOSTS,SECONDS: 20,20.
"""

import contextlib
import datetime
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ADDRESS = "127.81.7.3"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
HOSTS = int(os.environ.get("BENCH_HOSTS", "50"))
LISTEN = [int(n) for n in os.environ.get("BENCH_LISTEN", "20,20").split(",")]
# Events a second of each host that is listened to, three of a run.
RUNS_PER_SECOND = 17
BROKEN = 10
UNPACKED = pathlib.Path(__file__).resolve().parents[2] / ".build/openssh-server"


def report(what, figure, comparison="", goal=""):
    print(f"{what:<44}{figure:<40} {comparison:<58} {goal}".rstrip(), flush=True)


class Fleet:
    def __init__(self, taro, taroc, count):
        self.taro, self.taroc, self.count = taro, taroc, count
        # Short: names of sockets are made below it.
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="tb", dir="/var/tmp"))
        for name in ("bin", "home", "run", "far"):
            (self.root / name).mkdir()
        (self.root / "run").chmod(0o700)
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.root / key], check=True)
        shutil.copy(self.root / "user.pub", self.root / "authorized_keys")
        key = (self.root / "host.pub").read_text().split()[:2]
        (self.root / "known_hosts").write_text("* " + " ".join(key) + "\n")
        os.symlink(taro, self.root / "far/taro")
        (self.root / "bin/ssh").write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {self.root}/config "$@"\n')
        (self.root / "bin/ssh").chmod(0o755)
        self.names = [f"h{n}" for n in range(count)]
        (self.root / "config").write_text(
            "".join(f"Host {name}\n  Port {3000 + n}\n" for n, name in enumerate(self.names))
            + f"Host *\n  HostName {ADDRESS}\n  IdentityFile {self.root}/user\n  IdentitiesOnly yes\n"
            f"  UserKnownHostsFile {self.root}/known_hosts\n  GlobalKnownHostsFile /dev/null\n")
        self.daemons = [self.start(first) for first in range(0, count, 16)]
        hosts = "".join(f"  {name}: {{ledger: {self.ledger(name)}}}\n" for name in self.names)
        (self.root / "home/.config/taroc").mkdir(parents=True)
        (self.root / "home/.config/taroc/hosts.yaml").write_text("hosts:\n" + hosts)
        self.environment = {
            "PATH": f"{self.root}/bin:/usr/bin:/bin", "HOME": f"{self.root}/home",
            "XDG_RUNTIME_DIR": f"{self.root}/run", "TARO_LEDGER": f"{self.root}/ledger"}
        first = self.ledger(self.names[0])
        subprocess.run([taro, "exec", "--ledger", first, "true"], check=True, env=self.environment)
        for name in self.names[1:]:
            shutil.copytree(first, self.ledger(name))
        for port in range(3000, 3000 + count):
            self.wait_for(port)

    @staticmethod
    def wait_for(port):
        for _ in range(3000):
            with socket.socket() as probe:
                if probe.connect_ex((ADDRESS, port)) == 0:
                    return
            time.sleep(0.02)
        raise SystemExit(f"no sshd listens on {ADDRESS}:{port}")

    def ledger(self, name):
        return f"{self.root}/ledger-{name}"

    def start(self, first):
        # One sshd listens on at most 16 ports (MAX_LISTEN_SOCKS).
        ports = "".join(f"Port {3000 + n}\n" for n in range(first, min(first + 16, self.count)))
        path = self.root / f"sshd-{first}"
        path.write_text(
            f"HostKey {self.root}/host\nAuthorizedKeysFile {self.root}/authorized_keys\nPidFile none\nUsePAM no\n"
            f"StrictModes no\nPermitRootLogin yes\nMaxStartups 1000\nLogLevel QUIET\nListenAddress {ADDRESS}\n"
            f"SetEnv PATH={self.root}/far:/usr/bin:/bin HOME={self.root}/home XDG_RUNTIME_DIR={self.root}/run "
            f"TARO_LEDGER={self.root}/ledger\n{ports}")
        sshd, environment = "/usr/sbin/sshd", dict(os.environ)
        if not os.path.exists(sshd):
            sshd = f"{UNPACKED}/usr/sbin/sshd"
            environment["LD_LIBRARY_PATH"] = ":".join(map(str, UNPACKED.glob("usr/lib/*-linux-gnu")))
        # For root it wants a directory and an account of its own: its process alone has them.
        return subprocess.Popen(
            ["unshare", "-m", "sh", "-c",
             "mount -t tmpfs none /run && mkdir /run/sshd && cp /etc/passwd /run/passwd && "
             "{ grep -q ^sshd: /run/passwd || echo sshd:x:65533:65534::/run/sshd:/bin/false >> /run/passwd; } && "
             'mount --bind /run/passwd /etc/passwd && exec "$0" -D -e -f "$1"', sshd, path], env=environment)

    def sessions(self, daemon):
        """The processes of a daemon's connections."""
        words = pathlib.Path(f"/proc/{daemon.pid}/task/{daemon.pid}/children").read_text().split()
        return [int(pid) for pid in words]

    def close(self):
        for daemon in self.daemons:
            children = self.sessions(daemon)
            daemon.kill()
            daemon.wait()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        time.sleep(1)
        shutil.rmtree(self.root, ignore_errors=True)

    def run(self, *words, **options):
        return subprocess.run(words, env=self.environment, capture_output=True, text=True, **options)

    def timed(self, *words):
        start = time.monotonic()
        result = self.run(*words)
        if result.returncode != 0:
            raise SystemExit(f"{words}: {result.returncode}\n{result.stderr}")
        return time.monotonic() - start

    def forget(self):
        """Ends the connections that are shared."""
        for socket in (self.root / "run/taroc").glob("*") if (self.root / "run/taroc").exists() else []:
            self.run("/usr/bin/ssh", "-O", "exit", "-S", str(socket), "x")


def median(values):
    return statistics.median(values)


def measure_ps(taro, taroc):
    fleet = Fleet(taro, taroc, HOSTS)
    try:
        # The same words on the far side, with a connection each.
        listing = "\n".join(fleet.names)
        script = (
            f"printf '%s\\n' '{listing}' | xargs -P {HOSTS} -I@ ssh -T -o BatchMode=yes -- @ "
            f"taro ps --ledger {fleet.root}/ledger-@ -f jsonl")
        # moreutils has another program of this name.
        version = fleet.run("sh", "-c", "parallel --version 2>/dev/null").stdout
        peer = (
            f"printf '%s\\n' '{listing}' | parallel --will-cite -j {HOSTS} ssh -T -o BatchMode=yes -- {{}} "
            f"taro ps --ledger {fleet.root}/ledger-{{}} -f jsonl") if "GNU parallel" in version else None
        cold, alone, shared, parallel = [], [], [], []
        for _ in range(ROUNDS):
            fleet.forget()
            alone.append(fleet.timed("sh", "-c", script))
            if peer:
                parallel.append(fleet.timed("sh", "-c", peer))
            cold.append(fleet.timed(taroc, "ps", "--no-share", "-f", "jsonl"))
        fleet.run(taroc, "ps")
        for _ in range(ROUNDS):
            shared.append(fleet.timed(taroc, "ps", "-f", "jsonl"))
        report(
            f"taroc ps, {HOSTS} hosts, cold", f"{median(cold):.2f} s",
            f"xargs -P {HOSTS} ssh {median(alone):.2f} s: {median(cold) / median(alone):.2f} times"
            + (f", parallel {median(parallel):.2f} s" if parallel else ""),
            "no slower")
        report(
            "the same over shared connections", f"{median(shared):.2f} s",
            f"{median(cold) / median(shared):.1f} times faster than cold", "3 times faster")
        # What taroc itself uses, without its children, as far as it was seen last.
        process = subprocess.Popen(
            [taroc, "ps", "-f", "jsonl"], env=fleet.environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        peak, own = 0, 0.0
        while process.poll() is None:
            with contextlib.suppress(OSError, IndexError, ValueError):
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
                peak = max(peak, int(status.split("VmHWM:")[1].split()[0]))
                # Nanoseconds of its one thread.
                own = max(own, int(pathlib.Path(f"/proc/{process.pid}/schedstat").read_text().split()[0]) / 1e9)
            time.sleep(0.005)
        report(
            "taroc itself, a host", f"{own / HOSTS * 1000:.1f} ms of processor time",
            f"{peak / 1024:.1f} MiB in all, {peak / 1024 / HOSTS:.2f} a host", "5 ms, 1 MiB")
    finally:
        fleet.forget()
        fleet.close()


def measure_hosts(taro, taroc):
    count = 200
    fleet = Fleet(taro, taroc, count)
    try:
        seconds = []
        for _ in range(max(1, ROUNDS // 2)):
            seconds.append(fleet.timed(
                "sh", "-c", f"ulimit -n 1024; exec {taroc} ps --no-share --connect-timeout 30s -t 120s -f jsonl"))
        cold = median(seconds)
        fleet.run(taroc, "ps", "--connect-timeout", "30s", "-t", "120s")
        shared = median([fleet.timed(taroc, "ps", "-t", "120s", "-f", "jsonl") for _ in range(max(1, ROUNDS // 2))])
        report(f"taroc ps, {count} hosts, 1,024 descriptors", f"{cold:.2f} s, shared {shared:.2f} s", "", "works")
        # Both ends of each connection run on this machine; elsewhere the far one does not.
        cores = os.cpu_count() or 1
        report(
            "reckoned for 1,000 hosts on 8 processors",
            f"{cold / count * 1000 * cores / 8:.1f} s", "both ends on these processors; the far ends do not count there",
            "52 s")
    finally:
        fleet.forget()
        fleet.close()


def measure_listen(taro, taroc, worker):
    count, seconds = LISTEN
    fleet = Fleet(taro, taroc, count)
    try:
        listener = subprocess.Popen(
            [taroc, "listen", "-f", "jsonl"], env=fleet.environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        late, seen, followed, twice, said = [], set(), set(), 0, []

        def read():
            nonlocal twice
            for line in listener.stdout:
                now = time.time()
                event = json.loads(line)
                followed.add(event["host"])
                if event["job"] != "paced":
                    continue
                twice += (event["host"], event["seq"]) in seen
                seen.add((event["host"], event["seq"]))
                at = datetime.datetime.fromisoformat(event["at"].replace("Z", "+00:00")).timestamp()
                late.append(now - at)

        def read_errors():
            for line in listener.stderr:
                said.append(line)

        readers = [threading.Thread(target=read), threading.Thread(target=read_errors)]
        for reader in readers:
            reader.start()
        # Each is followed when it has told something.
        while len(followed) < count:
            for name in set(fleet.names) - followed:
                fleet.run(taro, "exec", "--ledger", fleet.ledger(name), "true")
            time.sleep(0.2)
        workers = [
            subprocess.Popen(
                [worker, "pace", fleet.ledger(name), str(RUNS_PER_SECOND), str(seconds * 1000)],
                stdout=subprocess.PIPE, text=True) for name in fleet.names]

        def breaks():
            return sum("connection broke" in line for line in said)

        for broken in range(BROKEN):
            time.sleep(seconds / (BROKEN + 1))
            # Of one host after the other: the daemons' children are in the order of their connections. One may be broken
            # already, and is passed over.
            sessions = [pid for daemon in fleet.daemons for pid in fleet.sessions(daemon)]
            before = breaks()
            for session in sessions[broken % len(sessions):] + sessions[:broken % len(sessions)]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(session, signal.SIGKILL)
                waited = time.monotonic() + 1
                while breaks() == before and time.monotonic() < waited:
                    time.sleep(0.01)
                if breaks() > before:
                    break
        wanted = 3 * sum(int(one.communicate()[0]) for one in workers)
        end = time.monotonic() + 60
        while len(seen) < wanted and time.monotonic() < end:
            time.sleep(0.1)
        listener.terminate()
        for reader in readers:
            reader.join()
        broke = breaks()
        late.sort()
        beyond = [late[len(late) * share // 100] * 1000 - 300 for share in (50, 99)]
        report(
            f"listen, {count} hosts, {3 * RUNS_PER_SECOND} events/s each",
            f"p50 {beyond[0]:.0f} ms, p99 {beyond[1]:.0f} ms beyond the bound",
            f"{len(seen)} events of {wanted}, {twice} twice, {broke} broken connections", "p50 50 ms, none lost")
    finally:
        fleet.forget()
        fleet.close()


if __name__ == "__main__":
    taro, taroc, worker = (os.path.abspath(path) for path in sys.argv[1:4])
    measures = {
        "ps": lambda: measure_ps(taro, taroc), "hosts": lambda: measure_hosts(taro, taroc),
        "listen": lambda: measure_listen(taro, taroc, worker)}
    for name in sys.argv[4:] or measures:
        measures[name]()
