"""Every capture by itself, whole and damaged: it ends, in time and memory, with balanced
books and valid lines. Called by corpus.sh. Usage: corpus.py WARDTAP ROOM IS_SANITIZED"""
import json
import os
import random
import resource
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

WARDTAP, ROOM, IS_SANITIZED = sys.argv[1], sys.argv[2], sys.argv[3] == "yes"
# Sanitizers take a multiple of both. Whole captures are for both builds; of damage, many
# flips are for the sanitizers, and few, after which more is understood, for the limits.
CPU_MAX = 4.0 if IS_SANITIZED else 2.0           # s
RSS_MAX = (768 if IS_SANITIZED else 256) << 10  # KiB
SEEDS = (1,) if IS_SANITIZED else (2,)
BUDGET = 1500.0  # s of wall time, for what hangs; what is left then is told as skipped
# where captures of our protocols lie; see ../shared/pcaps/TRUTH.md
HOMES = {"dicom": ("/dicom/", "/lab-dicom/", "/mix/", "/rules/"),
         "hl7": ("/hl7/", "/lab-hl7/", "/hl7-synthetic/", "/mix/", "/rules/")}
SUMS = (
    ("streams.span", ("streams.delivered", "streams.skipped", "streams.gap",
                      "streams.clipped", "streams.abandoned")),
    ("events.emitted", ("events.observed", "events.shed")),
    ("flows.new", ("flows.closed", "flows.timeout", "flows.evicted", "flows.at_end")),
)
local = threading.local()
numbers = iter(range(1 << 30))
lock = threading.Lock()
most_cpu, most_rss = (0.0, ""), (0, "")


def value(stats, name):
    for part in name.split("."):
        stats = stats[part]
    return stats


def folder():
    if not hasattr(local, "folder"):
        with lock:
            local.folder = os.path.join(ROOM, f"worker{next(numbers)}")
        os.mkdir(local.folder)
    return local.folder


def damaged(content, seed, path):
    """Random damage behind the file header: flips, runs, cuts, repeats, a cut end."""
    r = random.Random(f"{seed} {path}")
    out = bytearray(content)
    if len(out) < 64:
        return bytes(out)
    for _ in range(1 + len(out) // 400 if seed == 1 else 1 + len(out) // 4000):
        at = r.randrange(24, len(out))
        how = r.randrange(8)
        if how < 4:
            out[at] ^= 1 << r.randrange(8)
        elif how < 6:
            out[at] = r.choice((0, 0xFF, 0x7F, 0x80, r.randrange(256)))
        elif how == 6:
            n = min(r.randrange(1, 9), len(out) - at)
            out[at:at + n] = bytes(r.randrange(256) for _ in range(n))
        else:
            n = r.randrange(1, 40)
            out[at:at + n] = out[max(24, at - n):at]
    if r.randrange(4) == 0:
        del out[r.randrange(24, len(out)):]
    return bytes(out)


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (int(CPU_MAX) + 8, int(CPU_MAX) + 8))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(path, name):
    """What is wrong with one run, as a list of lines; and its protocols."""
    global most_cpu, most_rss
    out = os.path.join(folder(), "out")
    for old in ("events.jsonl", "stats.json"):
        if os.path.exists(os.path.join(out, old)):
            os.unlink(os.path.join(out, old))
    with open(os.path.join(folder(), "said"), "w+b") as said:
        process = subprocess.Popen([WARDTAP, "replay", "-o", out, path], stdout=said,
                                   stderr=said, preexec_fn=limit)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read()
    cpu = usage.ru_utime + usage.ru_stime
    with lock:
        most_cpu = max(most_cpu, (cpu, name))
        most_rss = max(most_rss, (usage.ru_maxrss, name))
    wrong = []
    if process.returncode not in (0, 1):
        wrong.append(f"exit status {process.returncode}: {text[-300:]!r}")
        return wrong, set()
    if cpu > CPU_MAX:
        wrong.append(f"{cpu:.1f} CPU s")
    if usage.ru_maxrss > RSS_MAX:
        wrong.append(f"{usage.ru_maxrss >> 10} MiB")
    if b"Sanitizer" in text or b"runtime error" in text or b"please report" in text:
        wrong.append(text[:400].decode(errors="replace"))
    with open(os.path.join(out, "stats.json"), encoding="utf-8") as f:
        stats = json.load(f)
    for total, parts in SUMS:
        if value(stats, total) != sum(value(stats, p) for p in parts):
            wrong.append(f"{total} = {value(stats, total)}, parts differ")
    if value(stats, "packets.read") != sum(value(stats, "packets.dispositions").values()):
        wrong.append("packets.read differs from the dispositions")
    if stats["bugs"]:
        wrong.append(f"bugs: {stats['bugs']}")
    apps, n = set(), 0
    with open(os.path.join(out, "events.jsonl"), encoding="utf-8", errors="strict") as lines:
        for line in lines:
            event = json.loads(line)
            n += 1
            if event.get("app_proto") in HOMES:
                apps.add(event["app_proto"])
    written = value(stats, "events.observed") - value(stats, "events.unselected") - \
        value(stats, "alerts.suppressed")
    if n != written:
        wrong.append(f"{n} lines, {written} events to be written")
    return wrong, apps


def task(job):
    path, seed = job
    name = path if seed is None else f"{path} damage {seed}"
    if time.monotonic() > deadline:
        return name, None
    try:
        if seed is None:
            wrong, apps = run(path, name)
            for app in sorted(apps):
                if not any(home in path for home in HOMES[app]):
                    wrong.append(f"claimed as {app}: look at its bytes")
            return name, wrong
        with open(path, "rb") as f:
            content = damaged(f.read(), seed, path)
        # the name's end tells folders what is a capture; the content decides
        copy = os.path.join(folder(), "damaged" + os.path.splitext(path)[1])
        with open(copy, "wb") as f:
            f.write(content)
        return name, run(copy, name)[0]
    except (OSError, ValueError, KeyError) as error:
        return name, [f"{type(error).__name__}: {error}"]


paths = []
for top in ("pcaps", "../shared/pcaps"):
    for at, _, files in os.walk(top):
        paths += [os.path.join(at, f) for f in files if ".pcap" in f or f.endswith(".cap")]
paths.sort()
started = time.monotonic()
deadline = started + BUDGET
# the many small ones of the rules are of protocols that have folders of their own: whole and
# damaged once, under sanitizers damaged only
FOR_RULES = (1,) if IS_SANITIZED else (None, 1)
jobs = [(p, seed) for seed in (None, *SEEDS) for p in paths
        if "/rules/" not in p or seed in FOR_RULES]
passed = failed = skipped = 0
with ThreadPoolExecutor(os.cpu_count()) as pool:
    for name, wrong in pool.map(task, jobs):
        if wrong is None:
            skipped += 1
        elif wrong:
            failed += 1
            print(f"{name}: {'; '.join(wrong)}")
        else:
            passed += 1
print(f"{len(paths)} captures, whole and damaged, in "
      f"{time.monotonic() - started:.0f} s; most: {most_cpu[0]:.2f} CPU s {most_cpu[1]}, "
      f"{most_rss[0] >> 10} MiB {most_rss[1]}")
if not os.path.isdir("../shared/pcaps"):
    print("../shared/pcaps is absent: only the captures of pcaps/ were read")
if skipped:
    print(f"out of time: {skipped} runs were left out")
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed else 0)
