"""The figures of taroc, beside its peers, in turn and in one run: a loop of bare ssh under xargs -P and, where it is
installed, GNU parallel. Real sshd processes on this host, one ledger for each host.

    python3 bench.py TARO TAROC [NAME]...

TARO, TAROC: the programs. NAME: only these of ps, hosts, listen. Needs openssh-server and root (sshd's own directory is in
a mount namespace). The far sides run on the same processors. BENCH_HOSTS=N: of ps, 50 without.
"""

import contextlib
import os
import pathlib
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ADDRESS = "127.81.7.3"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
HOSTS = int(os.environ.get("BENCH_HOSTS", "50"))


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
        time.sleep(1)

    def ledger(self, name):
        return f"{self.root}/ledger-{name}"

    def start(self, first):
        # One sshd listens on at most 16 ports (MAX_LISTEN_SOCKS).
        ports = "".join(f"Port {3000 + n}\n" for n in range(first, min(first + 16, self.count)))
        path = self.root / f"sshd-{first}"
        path.write_text(
            f"HostKey {self.root}/host\nAuthorizedKeysFile {self.root}/authorized_keys\nPidFile none\nUsePAM no\n"
            f"StrictModes no\nPermitRootLogin yes\nMaxStartups 1000\nLogLevel ERROR\nListenAddress {ADDRESS}\n"
            f"SetEnv PATH={self.root}/far:/usr/bin:/bin HOME={self.root}/home XDG_RUNTIME_DIR={self.root}/run "
            f"TARO_LEDGER={self.root}/ledger\n{ports}")
        return subprocess.Popen(
            ["unshare", "-m", "sh", "-c",
             'mount -t tmpfs none /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -e -f "$0"', path])

    def close(self):
        for daemon in self.daemons:
            children = subprocess.run(["pgrep", "-P", str(daemon.pid)], capture_output=True, text=True).stdout.split()
            daemon.kill()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(child), signal.SIGKILL)
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
        cold, alone, shared = [], [], []
        for _ in range(ROUNDS):
            fleet.forget()
            alone.append(fleet.timed("sh", "-c", script))
            cold.append(fleet.timed(taroc, "ps", "--no-share", "-f", "jsonl"))
        fleet.run(taroc, "ps")
        for _ in range(ROUNDS):
            shared.append(fleet.timed(taroc, "ps", "-f", "jsonl"))
        report(
            f"taroc ps, {HOSTS} hosts, cold", f"{median(cold):.2f} s",
            f"xargs -P {HOSTS} ssh {median(alone):.2f} s: {median(cold) / median(alone):.2f} times",
            "no slower")
        report(
            f"the same over shared connections", f"{median(shared):.2f} s",
            f"{median(cold) / median(shared):.1f} times faster than cold", "3 times faster")
        # What taroc itself uses: its own processor time is what its children's does not explain.
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        process = subprocess.Popen(
            [taroc, "ps", "-f", "jsonl"], env=fleet.environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        peak, own = 0, 0.0
        while process.poll() is None:
            with contextlib.suppress(OSError, IndexError, ValueError):
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
                peak = max(peak, int(status.split("VmHWM:")[1].split()[0]))
                fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
                own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
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


def measure_listen(taro, taroc):
    count, rate, seconds = 20, 50, 10
    fleet = Fleet(taro, taroc, count)
    try:
        process = subprocess.Popen(
            [taroc, "listen", "-f", "jsonl"], env=fleet.environment, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        time.sleep(3)
        late, seen = [], set()

        def read():
            import datetime
            import json
            for line in process.stdout:
                now = time.time()
                event = json.loads(line)
                at = datetime.datetime.fromisoformat(event["at"].replace("Z", "+00:00")).timestamp()
                late.append(now - at)
                seen.add((event["host"], event["seq"]))

        reader = threading.Thread(target=read)
        reader.start()
        # Three events each: created, running, completed.
        end = time.monotonic() + seconds
        started = 0
        while time.monotonic() < end:
            for name in fleet.names:
                subprocess.Popen(
                    [taro, "exec", "--ledger", fleet.ledger(name), "true"], env=fleet.environment)
                started += 1
            time.sleep(count * 3 / (count * rate))
        time.sleep(5)
        process.terminate()
        reader.join()
        late.sort()
        report(
            f"listen, {count} hosts", f"p50 {late[len(late) // 2] * 1000 - 300:.0f} ms beyond the bound",
            f"{len(late)} events of {started * 3}, {len(late) - len(seen)} twice", "p50 50 ms")
    finally:
        fleet.forget()
        fleet.close()


if __name__ == "__main__":
    taro, taroc, *names = sys.argv[1:]
    measures = {"ps": measure_ps, "hosts": measure_hosts, "listen": measure_listen}
    for name in names or measures:
        measures[name](os.path.abspath(taro), os.path.abspath(taroc))
