"""Alerts through every sink while sinks, courier and sensor are killed and disks fill.

Usage: kill.py BUILD [alerts=N] [seed=N] [real=1] [rounds=N] [pause=MICROSECONDS]
First `alerts` records become durable in a journal whose writer is killed again and again,
as are the courier and each receiver, while the disk under the file sink fills and is freed:
each of them has to reach every sink that confirms, doubles only under equal ids, first
arrivals in the order of the journal. What plain syslog loses is printed.
Then the journal lies on a disk that fills up (`rounds` times): what it gives up, each sink
that confirms is told; arrived and told together are the whole journal.
real=1: beside the stubs an OpenSearch node and the collector of otel.sh, killed like them.
Small disks are tmpfs and need root; without, those parts are skipped with a word.
Ends with "N passed, N failed, N skipped".
"""
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import kill_peers as peers

BUILD = sys.argv[1]
OPTIONS = dict(word.split("=", 1) for word in sys.argv[2:])
SEED = int(OPTIONS.get("seed", 0)) or random.randrange(1, 1 << 30)
RNG = random.Random(SEED)
IS_ROOT = os.geteuid() == 0
AS = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if IS_ROOT else []
SUMS = {"passed": 0, "failed": 0, "skipped": 0}


def judge(name, is_good, told=""):
    SUMS["passed" if is_good else "failed"] += 1
    if not is_good:
        print(f"FAILED: {name}: {told} (seed {SEED})")


def own(path):
    if IS_ROOT:
        os.chown(path, 65534, 65534)


class Disk:
    """A small file system; a plain folder that never fills where none can be mounted."""

    def __init__(self, path, size):
        self.path, self.filler = path, path + "/.filler"
        os.mkdir(path)
        self.is_real = IS_ROOT and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", path],
            stderr=subprocess.DEVNULL, check=False).returncode == 0
        own(path)

    def fill(self):
        if not self.is_real:
            return
        with open(self.filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(65536))
            except OSError:
                pass

    def free(self):
        if os.path.exists(self.filler):
            os.unlink(self.filler)

    def close(self):
        if self.is_real:
            subprocess.run(["umount", "-l", self.path], check=True)


class Writer:
    """live_journal, restarted under numbers of their own; knows which became durable."""

    def __init__(self, folder, size):
        self.folder, self.size, self.first, self.process = folder, size, 0, None
        self.durable, self.out = [], None

    def start(self, n=10**6):
        self.first += 10**6
        self.out = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [*AS, f"{BUILD}/tests/live_journal", self.folder, str(self.first), str(n),
             str(self.size), OPTIONS.get("pause", "20000")], stdout=self.out, stderr=subprocess.DEVNULL)

    def count(self):
        """Durable ones of the run at hand: its last whole line."""
        os.lseek(self.out.fileno(), 0, os.SEEK_SET)
        lines = re.findall(rb"(\d+)\n", os.read(self.out.fileno(), 1 << 24))
        return int(lines[-1]) if lines else 0

    def total(self):
        return sum(n for _, n in self.durable) + (self.count() if self.process else 0)

    def kill(self):
        if not self.process:
            return
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.durable.append((self.first, self.count()))
        self.out.close()
        self.process = None

    def wanted(self):
        return {first + i for first, n in self.durable for i in range(n)}


class Courier:
    def __init__(self, conf, log):
        self.conf, self.log, self.process = conf, log, None

    def start(self):
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([*AS, f"{BUILD}/wardtap", "courier", "-c", self.conf],
                                            stderr=log)

    def kill(self):
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self.process = None

    def drain(self):
        """Until every sink has nothing left; the last word of the courier otherwise."""
        self.kill()
        end, told = time.monotonic() + 300, ""
        while time.monotonic() < end:
            told = subprocess.run([*AS, f"{BUILD}/wardtap", "courier", "-c", self.conf, "--once"],
                                  stderr=subprocess.PIPE, text=True, timeout=300,
                                  check=False).stderr
            left = re.findall(r"wardtap: sink (\S+): sent .*, left (\d+)", told)
            if left and all(n == "0" for _, n in left):
                return None
            time.sleep(0.3)
        return told


def configure(path, journal, sinks):
    lines = [f"journal: {{dir: {journal}}}", "sinks:"]
    for sink in sinks:
        lines.append(f"  {sink.name}: {{{sink.conf()}, retry: {{min: 10ms, max: 150ms}}}}")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def check(sink, wanted, may_lose):
    """Records of one sink: (id, sequence, kind, count) in order of arrival."""
    seen, most, n_disorder, n_changed, n_doubles, told = {}, 0, 0, 0, 0, {}
    for record, seq, kind, count in sink.records():
        if kind == "journal_missing":
            told[record] = (seq, count)
            continue
        n_doubles += seq in seen
        n_changed += seq in seen and seen[seq] != record
        if seq not in seen:
            n_disorder += seq < most
            most = max(most, seq)
        seen[seq] = record
    arrived = {int.from_bytes(bytes.fromhex(r[:8]), "little") for r in seen.values()
               if r[8:32] == 24 * "0"}
    n_lost, n_told = len(wanted - arrived), sum(n for _, n in told.values())
    end = max([most] + [seq for seq, _ in told.values()])
    n_gap = end - len(seen)
    print(f"({sink.name}: {n_lost} of {len(wanted)} lost, {n_doubles} doubles, {n_gap} numbers "
          f"without a record, {n_told} told to be missing)")
    judge(f"{sink.name}: order", n_disorder == 0, f"{n_disorder} out of order")
    judge(f"{sink.name}: doubles are the same", n_changed == 0, n_changed)
    if sink.is_confirmed:
        judge(f"{sink.name}: nothing lost", n_lost <= (n_told if may_lose else 0), n_lost)
        judge(f"{sink.name}: gaps are told", n_gap <= n_told, (n_gap, n_told))
    judge(f"{sink.name}: complaints", not sink.complaints(), sink.complaints())
    return n_lost


def everybody_is_killed(folder, n_alerts):
    """Phase one: nothing that was durable may be lost."""
    disk = Disk(f"{folder}/disk", "96m")
    sinks = peers.stubs(folder, disk.path, 0)
    if OPTIONS.get("real"):
        sinks += peers.real(folder, BUILD, AS, SUMS)
    conf = f"{folder}/conf"
    for sink in sinks:
        sink.start()
    configure(conf, f"{folder}/j", sinks)
    writer = Writer(f"{folder}/j", 1 << 28)
    courier = Courier(conf, f"{folder}/courier.log")
    writer.start()
    courier.start()
    n_killed, down = {"sensor": 0, "courier": 0}, []
    end = time.monotonic() + 300 + n_alerts / 20
    while writer.total() < n_alerts and time.monotonic() < end:
        time.sleep(RNG.uniform(0.05, 0.4))
        down = [s for s in down if not s.start_when(RNG.random() < 0.5)]
        roll = RNG.random()
        if roll < 0.2:
            writer.kill()
            n_killed["sensor"] += 1
            writer.start()
        elif roll < 0.4:
            courier.kill()
            n_killed["courier"] += 1
            courier.start()
        elif roll < 0.5:
            disk.fill()
        elif roll < 0.6:
            disk.free()
        else:
            sink = RNG.choice([s for s in sinks if s.can_die and s not in down] or [None])
            if sink and RNG.random() < sink.risk:
                sink.kill()
                n_killed[sink.name] = n_killed.get(sink.name, 0) + 1
                down.append(sink)
    writer.kill()
    disk.free()
    for sink in down:
        sink.start()
    told = courier.drain()
    print(f"({writer.total()} alerts; killed: "
          f"{', '.join(f'{k} {v}' for k, v in sorted(n_killed.items()))})")
    judge("the writer writes", writer.total() >= n_alerts, writer.total())
    judge("the courier drains the journal", told is None, told)
    time.sleep(1)
    wanted = writer.wanted()
    for sink in sinks:
        check(sink, wanted, False)
        sink.close()
    disk.close()
    if not disk.is_real:
        SUMS["skipped"] += 1
        print("SKIPPED: the disk under the file sink: no tmpfs can be mounted")


def journal_disk_fills(folder, rounds):
    """Phase two: what the journal cannot keep is told to every sink."""
    os.mkdir(folder)
    own(folder)
    disk = Disk(f"{folder}/disk", "6m")
    if not disk.is_real:
        SUMS["skipped"] += 1
        print("SKIPPED: a full disk under the journal: no tmpfs can be mounted")
        return
    sinks = [s for s in peers.stubs(folder, folder, 0) if s.is_confirmed]
    for sink in sinks:
        sink.start()
    configure(f"{folder}/conf", f"{disk.path}/j", sinks)
    writer = Writer(f"{disk.path}/j", 8 << 20)
    courier = Courier(f"{folder}/conf", f"{folder}/courier.log")
    courier.start()
    for _ in range(rounds):
        for sink in sinks:
            if sink.can_die:
                sink.kill()
        writer.start()
        time.sleep(RNG.uniform(1, 2))
        disk.fill()
        time.sleep(RNG.uniform(0.5, 1))
        courier.kill()
        writer.kill()
        disk.free()
        for sink in sinks:
            sink.start()
        courier.start()
        time.sleep(RNG.uniform(0.1, 0.5))
    told = courier.drain()
    judge("the courier drains a journal whose disk was full", told is None, told)
    wanted = writer.wanted()
    lost = [check(sink, wanted, True) for sink in sinks]
    judge("the disk was full enough to lose something", max(lost) > 0, lost)
    for sink in sinks:
        sink.close()
    disk.close()


def main():
    folder = tempfile.mkdtemp(prefix="wardtap-kill-")
    os.chmod(folder, 0o755)
    own(folder)
    try:
        everybody_is_killed(folder, int(OPTIONS.get("alerts", 8000)))
        if int(OPTIONS.get("rounds", 2)):
            journal_disk_fills(f"{folder}/full", int(OPTIONS.get("rounds", 2)))
    finally:
        peers.stop_all()
        subprocess.run(["umount", "-l", f"{folder}/disk", f"{folder}/full/disk"], check=False,
                       stderr=subprocess.DEVNULL)
        if not os.environ.get("KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{SUMS['passed']} passed, {SUMS['failed']} failed, {SUMS['skipped']} skipped")
    return SUMS["failed"] > 0


if __name__ == "__main__":
    sys.exit(main())
