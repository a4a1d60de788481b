#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""type.py WORD... -- COMMAND...: runs a command on a terminal of its own and types the
words, one at a prompt, then "uptime" and "exit"."""
import os
import pty
import select
import sys
import time

at = sys.argv.index("--")
words = sys.argv[1:at] + ["uptime", "exit"]
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execvp(sys.argv[at + 1], sys.argv[at + 1:])
for word in words:
    end, seen = time.time() + 30, b""
    while time.time() < end and not seen.endswith((b": ", b"$ ")):
        if select.select([fd], [], [], 0.1)[0]:
            try:
                seen += os.read(fd, 4096)
            except OSError:
                break
    os.write(1, seen)
    time.sleep(0.3)
    for letter in word + "\r":
        os.write(fd, letter.encode())
        time.sleep(0.02)
time.sleep(0.6)
