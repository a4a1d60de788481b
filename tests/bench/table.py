#!/usr/bin/env python3
"""Medians, ratios and gates of `make bench`.

table.py first FILE    cuts a pcap file (nanosecond, little-endian) to its first packet
table.py report DIR    reads DIR/runs.jsonl and the files beside it, prints the table,
                       writes DIR/bench.json; exit 1 when a gate does not hold
"""
import json
import os
import re
import statistics
import struct
import sys

# corpus -> (what, comparison, bound); "cpu:A/B" is the ratio of CPU seconds
GATES = {
    "hosp": [
        ("cpu:wardtap-j1/pcaploop", "<=", 2.5),
        ("cpu:ndpiReader/wardtap-j1", ">=", 1.6),
        ("cpu:suricata/wardtap-j1", ">=", 1.3),
        ("cpu:tshark/wardtap-j1", ">=", 19),
        ("cpu:rules-5000/wardtap-j1", "<=", 1.4),
        ("cpu:rules-5000/rules-500", "<=", 1.25),
        ("cpu:suricata-rules/rules-5000", ">=", 2.2),
        ("wall:wardtap-j1/wardtap-j2", ">=", 1.5),
        ("rss:wardtap-j1", "<", 128),
        ("rss:wardtap-j2", "<", 128),
    ],
    "mix": [
        ("cpu:wardtap-j1/pcaploop", "<=", 9),
        ("cpu:ndpiReader/wardtap-j1", ">=", 2.5),
        ("cpu:suricata/wardtap-j1", ">=", 3.2),
        ("cpu:tshark/wardtap-j1", ">=", 10),
        ("cpu:rules-5000/wardtap-j1", "<=", 1.8),
        ("cpu:rules-5000/rules-500", "<=", 1.6),
        ("cpu:suricata-rules/rules-5000", ">=", 3.9),
        ("wall:wardtap-j1/wardtap-j2", ">=", 1.5),
        ("rss:wardtap-j1", "<", 256),
        ("rss:wardtap-j2", "<", 256),
    ],
}


def first_packet(path):
    with open(path, "rb") as f:
        head = f.read(24)
        record = f.read(16)
        bytes_ = f.read(struct.unpack("<IIII", record)[2])
    with open(path, "wb") as f:
        f.write(head + record + bytes_)


def lines(path):
    if not os.path.exists(path):
        return []
    with open(path) as f:
        return [json.loads(line) for line in f if line.strip()]


def medians(runs):
    """{corpus: {tool: {cpu, wall, rss, n}}}; Suricata's start-up is subtracted."""
    groups = {}
    for r in runs:
        if r["status"] == 0:
            groups.setdefault(r["corpus"], {}).setdefault(r["tool"], []).append(r)
    result = {}
    for corpus, tools in groups.items():
        for tool, rows in tools.items():
            cpu = [r["user"] + r["sys"] for r in rows]
            result.setdefault(corpus, {})[tool] = {
                "cpu": statistics.median(cpu), "cpu_min": min(cpu), "cpu_max": max(cpu),
                "wall": statistics.median(r["wall"] for r in rows),
                "rss_mib": max(r["rss_kib"] for r in rows) / 1024,
                "rounds": len(rows),
            }
        for peer in ("suricata", "suricata-rules"):
            start, s = result[corpus].get(peer + "-start"), result[corpus].get(peer)
            if not start or not s:
                continue
            s["start_cpu"], s["start_wall"] = start["cpu"], start["wall"]
            for key in ("cpu", "cpu_min", "cpu_max"):
                s[key] = max(s[key] - start["cpu"], 1e-9)
            s["wall"] = max(s["wall"] - start["wall"], 1e-9)
    return result


def value_of(what, tools):
    kind, names = what.split(":")
    names = names.split("/")
    if any(n not in tools for n in names):
        return None, [n for n in names if n not in tools]
    if kind == "rss":
        return tools[names[0]]["rss_mib"], []
    return tools[names[0]][kind] / tools[names[1]][kind], []


def judge(corpus, tools):
    rows = []
    for what, sign, bound in GATES.get(corpus, []):
        value, missing = value_of(what, tools)
        if value is None:
            verdict = "SKIPPED (no " + ", ".join(missing) + ")"
        else:
            holds = {"<=": value <= bound, ">=": value >= bound, "<": value < bound}[sign]
            verdict = "ok" if holds else "MISSED"
        rows.append({"corpus": corpus, "gate": what, "sign": sign, "bound": bound,
                     "value": value, "verdict": verdict})
    return rows


def print_tools(corpus, packets, tools):
    print(f"\n{corpus}: {packets} packets")
    print(f"{'tool':<16}{'CPU s':>9}{'[min':>9}{'max]':>9}{'wall s':>9}{'ns/packet':>11}"
          f"{'RSS MiB':>9}{'rounds':>8}")
    for tool in sorted(tools, key=lambda t: tools[t]["cpu"]):
        t = tools[tool]
        per = f"{t['cpu'] / packets * 1e9:.0f}" if packets and not tool.endswith("-start") else "-"
        print(f"{tool:<16}{t['cpu']:>9.3f}{t['cpu_min']:>9.3f}{t['cpu_max']:>9.3f}"
              f"{t['wall']:>9.3f}{per:>11}{t['rss_mib']:>9.1f}{t['rounds']:>8}")
    if "suricata" in tools and "start_cpu" in tools["suricata"]:
        print("(suricata: its start-up, the rows that end with -start, is subtracted)")


def print_gates(gates):
    print(f"\n{'corpus':<8}{'gate':<32}{'bound':>10}{'value':>9}  verdict")
    for g in gates:
        value = "-" if g["value"] is None else f"{g['value']:.2f}"
        print(f"{g['corpus']:<8}{g['gate']:<32}{g['sign'] + ' ' + str(g['bound']):>10}"
              f"{value:>9}  {g['verdict']}")


def report(directory):
    runs = lines(f"{directory}/runs.jsonl")
    packets, made = {}, []
    with open(f"{directory}/corpora") as f:
        for line in f:
            made.append(line.strip())
            m = re.match(r"\S*?(\w+)\.pcap: (\d+) packets", line)
            if m:
                packets[m[1]] = int(m[2])
    with open(f"{directory}/skipped") as f:
        skipped = [line.rstrip("\n").split("\t", 1) for line in f]
    with open(f"{directory}/differs") as f:
        differs = sorted({line.strip() for line in f})
    failed = [f"{r['tool']} on {r['corpus']}: status {r['status']}" for r in runs if r["status"]]
    results = medians(runs)
    gates = []
    for corpus, tools in results.items():
        print_tools(corpus, packets.get(corpus), tools)
        gates += judge(corpus, tools)
        gates.append({"corpus": corpus, "gate": "output of -j1 equals -j2", "sign": "=",
                      "bound": 1, "value": 0 if corpus in differs else 1,
                      "verdict": "MISSED" if corpus in differs else "ok"})
    print_gates(gates)
    counts = lines(f"{directory}/callgrind.jsonl")
    for c in counts:
        c["per_packet"] = c["instructions"] / c["packets"]
        print(f"{c['corpus']:<8}{c['tool']:<16}{c['per_packet']:>10.0f} instructions per packet "
              f"({c['packets']} packets, start-up included)")
    load = [r["load"] for r in runs]  # the bench itself adds to all but the first
    if load:
        print(f"load average: {load[0]:.2f} before the first run, at most {max(load):.2f}"
              + ("; OTHERS WERE BUSY, do not quote" if load[0] > 1 or max(load) > 2.5 else ""))
    for name, why in skipped:
        print(f"SKIPPED {name}: {why}")
    for text in failed:
        print(f"FAILED {text}")
    with open(f"{directory}/bench.json", "w") as f:
        json.dump({"corpora": made, "medians": results, "gates": gates, "callgrind": counts,
                   "load": {"first": load[0], "max": max(load)} if load else None,
                   "skipped": skipped, "failed": failed, "runs": runs}, f, indent=1)
    print(f"written: {directory}/bench.json")
    return 1 if failed or any(g["verdict"] == "MISSED" for g in gates) else 0


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("first", "report"):
        sys.exit(__doc__)
    if sys.argv[1] == "first":
        first_packet(sys.argv[2])
        return 0
    return report(sys.argv[2])


if __name__ == "__main__":
    sys.exit(main())
