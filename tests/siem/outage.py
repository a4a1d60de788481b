"""A long outage, scaled: 72 hours in as many attempts to send as they take, while the journal
grows to its bound and beyond.

Usage: outage.py BUILD [alerts=N] [seconds=N] [seed=N]
Two receivers that confirm are out of reach, one refusing connections and one taking them and
never answering. The writer fills the journal to its bound two and a half times. The memory of the
courier has to stay as it was (VmRSS), the journal within its bound, and what it dropped, the least
severe first, has to be told by its own records. Then the receivers come back: the courier
drains, the gravest are all there, and what arrived and what is told to be missing are the
whole journal. Ends with "N passed, N failed, N skipped".
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import kill
import kill_peers as peers
from kill import AS, BUILD, OPTIONS, SUMS, Courier, Writer, configure, judge

CAP = 4 << 20
OPTIONS.setdefault("pause", "0")
ALERTS = int(OPTIONS.get("alerts", 40000))
SECONDS = float(OPTIONS.get("seconds", 8))
RSS_MAX_KIB = 1024
RSS_DRAIN_KIB = 8192 # rooms of batches, bodies and answers, used for the first time


def rss_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"^VmRSS:\s+(\d+) kB", file.read(), re.M).group(1))


def size_of(folder):
    """Bytes of segments; one may go between the listing and the look."""
    total = 0
    for entry in os.scandir(folder):
        try:
            total += entry.stat().st_size if entry.name.endswith(".seg") else 0
        except FileNotFoundError:
            pass
    return total


def black_hole(port):
    """Takes connections, and nothing more."""
    hole = socket.socket()
    hole.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    hole.bind(("127.0.0.1", port))
    hole.listen(64)
    return hole


def number(folder, name, sink):
    with open(f"{folder}/j/courier.prom", encoding="ascii") as file:
        return int(re.search(rf'^wardtap_courier_{name}{{sink="{sink}"}} (\d+)$', file.read(),
                             re.M).group(1))


def stored(sinks):
    return [os.path.getsize(s.store) for s in sinks]


def grow(folder, courier):
    """The outage: writes, and watches memory and disk. Bytes at most."""
    writer = Writer(f"{folder}/j", CAP)
    writer.start(ALERTS)
    began, base, most_rss, most_bytes = time.monotonic(), None, 0, 0
    while writer.process.poll() is None or time.monotonic() - began < SECONDS:
        time.sleep(0.1)
        rss = rss_kib(courier.process.pid)
        if time.monotonic() - began < 2:
            base = rss
            continue
        most_rss, most_bytes = max(most_rss, rss), max(most_bytes, size_of(f"{folder}/j"))
    writer.kill()
    judge("memory of the courier is flat in the outage", most_rss - base <= RSS_MAX_KIB,
          f"{base} KiB, then {most_rss}")
    judge("the journal keeps its bound", most_bytes <= CAP, most_bytes)
    judge("the journal was full", most_bytes > CAP * 9 // 10, most_bytes)
    print(f"({ALERTS} alerts in {time.monotonic() - began:.0f} s into {CAP >> 20} MiB; courier "
          f"{base} KiB, at most {most_rss} KiB)")
    return writer, base


def drain(folder, courier, sinks, base):
    courier.process.send_signal(signal.SIGHUP)
    end, most, before, since = time.monotonic() + 90, 0, None, time.monotonic()
    # until nothing has come for five seconds
    while time.monotonic() - since < 5 and time.monotonic() < end:
        time.sleep(0.1)
        most = max(most, rss_kib(courier.process.pid))
        now = stored(sinks)
        if now != before or not all(now):
            before, since = now, time.monotonic()
    courier.process.send_signal(signal.SIGTERM)
    judge("the courier ends in order", courier.process.wait(20) == 0)
    courier.process = None
    left = [number(folder, "backlog", s.name) for s in sinks]
    judge("the courier drains the journal", left == [0] * len(sinks), left)
    judge("and its memory grows by its batches at most", most - base <= RSS_DRAIN_KIB,
          f"{base} KiB, then {most}")
    n_failures = [number(folder, "failures_total", s.name) for s in sinks]
    print(f"(drained at {most} KiB at most, after {n_failures} failed attempts)")
    judge("there was an outage for both", min(n_failures) > 3, n_failures)


def verdict(sinks, writer):
    wanted = writer.wanted()
    gravest = {i for i in wanted if (i - writer.first) % 10 >= 8}
    for sink in sinks:
        kill.check(sink, wanted, True)
        arrived, kinds = set(), {}
        for record, _, kind, _ in sink.records():
            kinds[kind] = kinds.get(kind, 0) + 1
            if record[8:32] == 24 * "0":
                arrived.add(int.from_bytes(bytes.fromhex(record[:8]), "little"))
        judge(f"{sink.name}: the gravest went last", gravest <= arrived, len(gravest - arrived))
        judge(f"{sink.name}: something was dropped", len(arrived) < len(wanted), len(arrived))
        judge(f"{sink.name}: the journal told", kinds.get("journal_evicted", 0) > 0, kinds)


def main():
    folder = tempfile.mkdtemp(prefix="wardtap-outage-")
    os.chmod(folder, 0o755)
    kill.own(folder)
    sinks = [s for s in peers.stubs(folder, folder, 0) if s.name in ("hec", "elastic")]
    hole = None
    try:
        for sink in sinks: # for their ports
            sink.start()
            sink.kill()
        hole = black_hole(sinks[0].port())
        configure(f"{folder}/conf", f"{folder}/j", sinks)
        with open(f"{folder}/conf", encoding="utf-8") as file:
            text = file.read().replace("max: 150ms", "max: 20ms")
            text = text.replace("timeout: 1s", "timeout: 500ms") # no folder has a blank
        with open(f"{folder}/conf", "w", encoding="utf-8") as file:
            file.write(text)
        subprocess.run([*AS, f"{BUILD}/tests/live_journal", f"{folder}/j", "1", "1"], check=True,
                       stdout=subprocess.DEVNULL)
        courier = Courier(f"{folder}/conf", f"{folder}/courier.log")
        courier.start()
        writer, base = grow(folder, courier)
        hole.close()
        for sink in sinks:
            sink.start()
        drain(folder, courier, sinks, base)
        courier.kill()
        verdict(sinks, writer)
    finally:
        peers.stop_all()
        if not os.environ.get("KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{SUMS['passed']} passed, {SUMS['failed']} failed, {SUMS['skipped']} skipped")
    return SUMS["failed"] > 0


if __name__ == "__main__":
    sys.exit(main())
