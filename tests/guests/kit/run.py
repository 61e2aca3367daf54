#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a guest in QEMU without a hypervisor, and checks what it prints and how it ends.

usage: run.py --end off|reset --line REGEX... -- QEMU-COMMAND...

Each line of output must match its REGEX as a whole, in this order, and there must be no other.
"""
import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
# pylint: disable-next=wrong-import-position
from clock import Clock

SHUTDOWN_REASONS = {"off": "guest-shutdown", "reset": "guest-reset"}


def wait_for_end(listener, reasons):
    """QEMU's own word for why the machine stopped, over its monitor protocol."""
    connection, _ = listener.accept()
    with connection, connection.makefile("rw") as monitor:
        monitor.readline()
        for command in ("qmp_capabilities", "cont"):
            monitor.write(json.dumps({"execute": command}))
            monitor.flush()
        for line in monitor:
            message = json.loads(line)
            if message.get("event") == "SHUTDOWN":
                reasons.append(message["data"]["reason"])


def run(command, timeout):
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = folder + "/monitor"
        listener.bind(path)
        listener.listen()
        reasons = []
        thread = threading.Thread(target=wait_for_end, args=(listener, reasons), daemon=True)
        thread.start()
        # Started stopped (-S), so that the monitor is there before the guest can end.
        command = command + ["-S", "-no-reboot", "-qmp", "unix:" + path]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as qemu:
            clock = Clock(qemu.pid)
            output = None
            while output is None:
                try:
                    output, _ = qemu.communicate(timeout=1)
                except subprocess.TimeoutExpired:
                    if clock.now() >= timeout:
                        qemu.kill()
                        reasons.append("timeout")
        # Its monitor has nothing more to say, if it ever was there.
        thread.join(60)
        return output.decode(errors="replace").splitlines(), reasons


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--end", choices=SHUTDOWN_REASONS, required=True)
    parser.add_argument("--line", action="append", default=[])
    parser.add_argument("--timeout", type=float, default=20)  # seconds by the machine's own clock
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()

    lines, reasons = run(options.command, options.timeout)
    print("\n".join(lines))
    good = reasons == [SHUTDOWN_REASONS[options.end]]
    if not good:
        print(f"ended with {reasons}, not as expected: {options.end}")
    if len(lines) != len(options.line):
        print(f"{len(lines)} lines, not {len(options.line)}")
        good = False
    for line, expected in zip(lines, options.line):
        if not re.fullmatch(expected, line):
            print(f"not as expected: {expected}")
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
