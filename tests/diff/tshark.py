"""Runs tshark with a fixed set of dissectors and preferences, away from any user's own.

tshark has no switch to disable all dissectors but some, so a profile of its own is made
in a temporary folder: what is not asked for is listed there as disabled. That keeps
guesses of hundreds of application dissectors out of the comparison, and it is fast.
"""

import os
import shutil
import subprocess
import tempfile

# What decode/ understands, and what tshark needs to get there.
LINK_PROTOCOLS = """
chdlc slarp eth ethertype vlan ieee8021ad ieee8021ah etag vntag llc mpls pwethheuristic pwethcw
pwethnocw pwach pppoes pppoe ppp null loop raw sll arp ip ipv6 ipv6.hopopts ipv6.routing
ipv6.fraghdr ipv6.dstopts ipv6.routing.type.rt0 ipv6.routing.type.mipv6
ipv6.routing.type.srh ipv6.routing.type.crh ah gre erspan vxlan vxlan_gpe geneve tcp udp
icmp icmpv6 sctp mipv6 hip shim6 data frame _ws.malformed _ws.short _ws.expert
""".split()

# What the comparison of HL7 and DICOM needs.
MEDICAL_PROTOCOLS = LINK_PROTOCOLS + ["hl7", "dicom"]

SEPARATOR = "\t"
AGGREGATOR = "\x1f"  # several values of one field


class Missing(Exception):
    """tshark is not installed."""


class Tshark:
    """A profile and the program. Close it to remove the profile. `protocols`: those that
    are left enabled, None: all."""

    def __init__(self, protocols):
        self.program = shutil.which("tshark")
        if not self.program:
            raise Missing("tshark is not installed")
        self.home = tempfile.mkdtemp(prefix="wardtap-diff-")
        self.env = dict(os.environ, WIRESHARK_CONFIG_DIR=self.home, HOME=self.home,
                        LC_ALL="C.UTF-8", TZ="UTC")
        listed = self._plain(["-G", "protocols"]).splitlines()
        names = {row.split("\t")[2] for row in listed if row.count("\t") >= 2}
        keep = names if protocols is None else set(protocols)
        self.unknown = sorted(keep - names)
        with open(os.path.join(self.home, "disabled_protos"), "w") as out:
            out.writelines(name + "\n" for name in sorted(names - keep))
        self.version = self._plain(["--version"]).split("\n")[0]

    def _plain(self, arguments):
        return subprocess.run([self.program] + arguments, env=self.env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              errors="replace").stdout

    def close(self):
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def lines(self, path, options):
        """Standard output of `tshark -r path options` as bytes, exit status, and what it
        said on standard error."""
        done = subprocess.run([self.program, "-n", "-Q", "-r", path] + options,
                              env=self.env, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        return done.stdout, done.returncode, done.stderr.decode("utf-8", "replace").strip()

    def fields(self, path, names, options=()):
        """One dict per frame: field name -> list of values. Also status and complaint."""
        arguments = ["-T", "fields", "-E", "occurrence=a", "-E", "aggregator=" + AGGREGATOR,
                     "-E", "separator=/t", "-E", "quote=n"]
        for name in names:
            arguments += ["-e", name]
        out, status, complaint = self.lines(path, arguments + list(options))
        rows = []
        for line in out.decode("utf-8", "replace").split("\n"):
            if not line:
                continue
            cells = line.split(SEPARATOR)
            rows.append({name: cell.split(AGGREGATOR)
                         for name, cell in zip(names, cells) if cell})
        return rows, status, complaint

    def joined_fields(self, paths, names, options=()):
        """The rows of several captures read one after the other as one. None of them where
        they cannot be joined."""
        merge = shutil.which("mergecap")
        if not merge:
            return []
        with tempfile.NamedTemporaryFile(prefix="wardtap-diff-", suffix=".pcapng") as one:
            done = subprocess.run([merge, "-a", "-F", "pcapng", "-I", "none", "-w", one.name]
                                  + paths, env=self.env, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
            if done.returncode:
                return []
            return self.fields(one.name, names, options)[0]
