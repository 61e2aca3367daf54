#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What Linux learns by SMCCC calls as a guest: calls.py RUN_SH BUILD GIC CPU

It is as well protected as on the bare machine: each file of /sys/devices/system/cpu/vulnerabilities
says nothing worse than there. And it has found the random numbers of SMCCC TRNG.
"""

import re
import subprocess
import sys
import tempfile

from linux import SECONDS, ready, shell
from overhead import bare_machine
from session import Session, demand, machine, verdict

FILES = "/sys/devices/system/cpu/vulnerabilities"
DEVICE = "/sys/bus/platform/devices/smccc_trng"


def rank(text):
    """What a file says, as a number: the higher, the better."""
    if text.startswith("Not affected"):
        return 3
    if text.startswith("Mitigation:"):
        return 1 if "but not" in text or "ulnerable" in text else 2
    demand(text.startswith(("Vulnerable", "Unknown")), f"no answer known here: {text}")
    return 0


def look(command, questions):
    """What each command prints at Linux's shell."""
    with Session(command, 1000) as session:
        ready(session)
        answers = [shell(session, question) for question in questions]
        session.type("poweroff\n")
        demand(session.end(SECONDS) == 0, "the exit status is not 0")
    return answers


def vulnerabilities(text):
    found = dict(re.findall(rf"^{FILES}/(\w+):(.*)$", text, re.MULTILINE))
    demand("spectre_v2" in found and "spec_store_bypass" in found, f"not the files: {text}")
    return found


def main(run_sh, build, gic, cpu):
    grep = f"grep . {FILES}/*"
    trng = f"ls -d {DEVICE}"
    command = subprocess.run([run_sh, "--build", build, "--cpus", "2", "--gic", gic, "--dry-run",
                              *machine(cpu)], check=True, text=True,
                             stdout=subprocess.PIPE).stdout.splitlines()
    with verdict():
        with tempfile.TemporaryDirectory() as directory:
            bare, none = look(bare_machine(command[0], run_sh, directory, gic,
                                           cpu.removesuffix("-vhe")), [grep, trng])
        guest, there = look(command, [grep, trng])
        bare, guest = vulnerabilities(bare), vulnerabilities(guest)
        for name, text in bare.items():
            print(f"{name:20} bare: {text:40} guest: {guest.get(name)}")
        worse = [name for name, text in bare.items() if rank(guest.get(name, "Unknown")) < rank(text)]
        demand(not worse, f"worse than on the bare machine: {', '.join(worse)}")
        demand(not re.search(rf"^{DEVICE}$", none, re.MULTILINE), "QEMU has a TRNG of its own by now")
        demand(re.search(rf"^{DEVICE}$", there, re.MULTILINE), f"Linux found no TRNG: {there}")


if __name__ == "__main__":
    main(*sys.argv[1:])
