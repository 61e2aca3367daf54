#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What Linux does takes as long in a guest as on the bare machine: overhead.py RUN_SH BUILD GIC CPU

Both run the same kernel and initrd under -icount shift=0,sleep=off on one CPU: there an instruction
is a nanosecond of the guest's time, so that nothing depends on how busy the real machine is. The bare
machine is QEMU's without EL2. Its device tree is QEMU's own, seeds included, without the devices that
the guest does not have.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import linux
from linux import PROMPT, ready, shell
from session import Session, demand, verdict

LIMIT = 5  # percent
STALL = 1200  # seconds: not slow, but stuck
linux.SECONDS = STALL
MIB = "512"

# What is measured, by a name. Each leaves nothing behind.
WORK = {
    "50,000 dd blocks": "dd if=/dev/zero of=/dev/null bs=64 count=50000 2>/dev/null",
    "500 process starts": "i=0; while [ $i -lt 500 ]; do /bin/true; i=$((i+1)); done",
    "md5 of 25 MB": "dd if=/dev/zero bs=100000 count=250 2>/dev/null | md5sum >/dev/null",
    "50,000 shell turns": "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done",
}
ICOUNT = ["-icount", "shift=0,sleep=off", "-seed", "1"]

# The nodes of QEMU virt that a guest of the mini-host does not have.
ABSENT = re.compile(
    r"/(fw-cfg|virtio_mmio|pcie|pl061|gpio-keys|flash|platform-bus|pmu)(@|/|$)|/its@")


def cells(data, at):
    return int.from_bytes(data[at:at + 4], "big")


def without(tree, absent):
    """The device tree with the nodes gone whose path matches: FDT_NOP is in their place."""
    tree = bytearray(tree)
    at, path, begun = cells(tree, 8), [], None
    while True:
        token, start = cells(tree, at), at
        at += 4
        if token == 1:  # a node begins
            end = tree.index(b"\0", at)
            path.append(tree[at:end].decode())
            at = (end + 4) & ~3
            if begun is None and absent.search("/".join(path)):
                begun = (start, len(path))
        elif token == 2:  # and ends
            if begun is not None and len(path) == begun[1]:
                tree[begun[0]:at] = b"\0\0\0\x04" * ((at - begun[0]) // 4)
                begun = None
            path.pop()
        elif token == 3:  # a property
            at = (at + 8 + cells(tree, at) + 3) & ~3
        elif token == 9:
            break
    # QEMU dumps a tree of 1 MiB, and doubles what it reads: Linux takes none of more than 2 MiB.
    size = cells(tree, 12) + cells(tree, 32)
    tree[4:8] = size.to_bytes(4, "big")
    return bytes(tree[:size])


# Prints the nanoseconds of the guest's clock since its start, without a process of its own.
NOW = "now() { { read a; read a; read a b t c; } </proc/timer_list; echo at$1 $t; }"


def nanoseconds(session, work):
    """
    How long the shell takes for the work, by the clock of the kernel. It is all one line: while the
    guest waits for a key its time flies.
    """
    output = shell(session, f"{work}; now 0; {work}; now 1")  # once to have all in memory
    times = dict(re.findall(r"^at([01]) ([0-9]+)$", output, re.MULTILINE))
    return int(times["1"]) - int(times["0"])


def measure(command):
    """Nanoseconds of each piece of work, and of the way to the prompt."""
    took = {}
    with Session(command + ICOUNT, 3000) as session:
        session.expect(PROMPT, STALL)
        session.type("\n")
        ready(session)
        # When the shell itself was started, in hundredths of a second.
        started = shell(session, "cut -d ' ' -f 22 /proc/$$/stat")
        took["boot to the prompt"] = int(started) * 10_000_000
        shell(session, NOW)
        for name, work in WORK.items():
            took[name] = nanoseconds(session, work)
        session.type("poweroff\n")
        demand(session.end(STALL) == 0, "the exit status is not 0")
    return took


def bare_machine(qemu, run_sh, directory, gic, cpu):
    """The command line of QEMU for the machine without EL2."""
    deps = pathlib.Path(run_sh).resolve().parent.parent / "build/deps"
    tree = pathlib.Path(directory) / "tree"
    command = [qemu, "-machine", f"virt,gic-version={gic}", "-cpu", cpu, "-m", MIB,
               "-nic", "none", "-nographic", "-no-reboot"]
    dump = command.copy()
    dump[2] += f",dumpdtb={tree}"
    subprocess.run(dump, check=True, stderr=subprocess.DEVNULL)
    tree.write_bytes(without(tree.read_bytes(), ABSENT))
    return command + ["-kernel", str(deps / "linux/Image"), "-initrd", str(deps / "initrd.cpio.gz"),
                      "-append", "console=ttyAMA0 panic=1", "-dtb", str(tree)]


def main(run_sh, build, gic, cpu):
    guest = subprocess.run([run_sh, "--build", build, "--cpus", "1", "--gic", gic, "--cpu", cpu,
                            "--memory", MIB, "--dry-run"], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    with verdict():
        with tempfile.TemporaryDirectory() as directory:
            bare = measure(bare_machine(guest[0], run_sh, directory, gic, cpu))
        slow = []
        for name, took in measure(guest).items():
            percent = (took / bare[name] - 1) * 100
            print(f"{name:20} {bare[name]:14,} ns bare {took:14,} ns as a guest {percent:+6.2f} %")
            if percent > LIMIT:
                slow.append(name)
        demand(not slow, f"more than {LIMIT} % over: {', '.join(slow)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
