#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one test host in QEMU and looks at how it ended.

    run.py [--qemu PATH] [--cpu MODEL] [--gic 2|3] [--smp N] [--seconds S] [--icount] [--vhe] [--mte]
        [--words WORDS] IMAGE

It passes if
- QEMU ends by itself with status 0;
- the last line is "N passed, 0 failed", after N subjects that say how many checks they ran;
- no line says that a check failed, also outside of every subject;
- the host says that it is a VHE host with --vhe, and else does not.
"""
import argparse
import os
import re
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
# pylint: disable-next=wrong-import-position
from clock import Clock

parser = argparse.ArgumentParser()
parser.add_argument("--qemu", default="qemu-system-aarch64")
parser.add_argument("--cpu", default="cortex-a72")
parser.add_argument("--gic", default="3")
parser.add_argument("--smp", default="1")
parser.add_argument("--seconds", type=float, default=60)  # by the machine's own clock
parser.add_argument("--icount", action="store_true")
parser.add_argument("--vhe", action="store_true")
parser.add_argument("--mte", action="store_true")  # the CPU has memory tags
parser.add_argument("--words", default="")  # for the host's command line
parser.add_argument("image")
options = parser.parse_args()

command = [options.qemu,
           "-machine", f"virt,virtualization=on,gic-version={options.gic}"
           + (",mte=on" if options.mte else ""),
           "-cpu", options.cpu, "-smp", options.smp, "-m", "512",
           "-nic", "none", "-display", "none", "-serial", "stdio", "-monitor", "none",
           "-device", "pvpanic-pci", "-action", "panic=exit-failure", "-no-reboot",
           "-kernel", options.image]
if options.icount:
    command += ["-icount", "shift=0,sleep=off"]
words = options.words.split() + ["host=vhe"] * options.vhe
if words:
    command += ["-append", " ".join(words)]

with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                      stderr=subprocess.STDOUT) as qemu:
    clock = Clock(qemu.pid)
    try:
        while True:
            try:
                output, _ = qemu.communicate(timeout=1)
                break
            except subprocess.TimeoutExpired as expired:
                if clock.now() >= options.seconds:
                    sys.stdout.write((expired.stdout or b"").decode(errors="replace"))
                    sys.exit(f"run.py: still running after {options.seconds:g} s")
    finally:
        qemu.kill()

text = output.decode(errors="replace").replace("\r", "")
sys.stdout.write(text)
if qemu.returncode != 0:
    sys.exit(f"run.py: QEMU ended with status {qemu.returncode}")
if re.search(r"^FAIL", text, re.MULTILINE):
    sys.exit("run.py: a check failed")
end = re.search(r"^([1-9][0-9]*) passed, 0 failed\n\Z", text, re.MULTILINE)
if not end:
    sys.exit("run.py: the last line does not say that all passed")
subjects = re.findall(r"^ok   .* \([1-9][0-9]* checks\)$", text, re.MULTILINE)
if len(subjects) != int(end[1]):
    sys.exit(f"run.py: {end[1]} passed, but {len(subjects)} subjects say that they ran checks")
if bool(re.search(r"^host: VHE$", text, re.MULTILINE)) != options.vhe:
    sys.exit("run.py: not the kind of host that was asked for")
