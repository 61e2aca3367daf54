#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guests get seeds for their random numbers, each its own: seeds.py RUN_SH BUILD KERNEL SCENE

tree   from the machine's rng-seed, of which nothing is left in the machine's memory
cpu    the machine has none: from the CPU's random numbers
none   the CPU has none either: the mini-host says so, and guests are given no seeds
"""

import pathlib
import re
import subprocess
import sys
import tempfile

from session import demand, play

SECONDS = 240
MONITOR = "\x01c"  # Ctrl-A C: QEMU's terminal is the guest's or that of QEMU's monitor
NONE = "mini-host: the machine has no rng-seed and its CPU no FEAT_RNG: guests get no seeds"
RAM = 0x40000000


def qemu(run_sh, build, kernel, cpu, randomness):
    """QEMU's command line for two VMs, with a machine that has a seed or has none."""
    command = subprocess.run([run_sh, "--build", build, "--kernel", kernel, "--memory", "64",
                              "--cpus", "2", "--vcpus", "1", "--cpu", cpu, "--vm", "--vm",
                              "--dry-run"], check=True, text=True,
                             stdout=subprocess.PIPE).stdout.splitlines()
    machine = command.index("-machine") + 1
    command[machine] += f",dtb-randomness={randomness}"
    return command + ["-seed", "7"]


def machine_seeds(command):
    """The seeds that QEMU gives the machine itself, which follow from its -seed."""
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory) / "tree"
        machine = command.index("-machine") + 1
        subprocess.run(command[:machine] + [f"{command[machine]},dumpdtb={file}"] +
                       command[machine + 1:], check=True, stdout=subprocess.DEVNULL)
        tree = file.read_bytes()
    seeds = []
    names = tree[int.from_bytes(tree[12:16], "big"):]
    for name, size in ((b"rng-seed", 32), (b"kaslr-seed", 8)):
        offset = re.search(rb"(?<=\0)" + name + rb"\0", names).start()
        head = b"\0\0\0\x03" + size.to_bytes(4, "big") + offset.to_bytes(4, "big")
        at = tree.index(head) + len(head)
        seeds.append(tree[at:at + size])
    return seeds


def told(session):
    """What each guest says at each of its starts: [name][property] is a list of texts."""
    for name in ("vm1", "vm2"):
        session.at = 0
        session.expect(rf"^\[{name}\] that is all$", SECONDS)
    # A line that another guest's comes in front of is there twice.
    lines = dict.fromkeys(re.findall(r"^\[(vm[12])\] (rng-seed|kaslr-seed): ([0-9a-f]+|none)\.$",
                                     session.seen, re.MULTILINE))
    return [(prop, value) for _, prop, value in lines]


def memory(session, size):
    """All of the machine's memory, as QEMU's monitor writes it to a file."""
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory) / "memory"
        session.type(f"{MONITOR}stop\npmemsave 0x{RAM:x} 0x{size:x} \"{file}\"\ncont\n"
                     "print 6*7\n")
        session.expect(r"^0x2a$", SECONDS)
        session.type(MONITOR)
        return file.read_bytes()


def main(run_sh, build, kernel, which):
    cpu = "max" if which == "cpu" else "cortex-a72"
    command = qemu(run_sh, build, kernel, cpu, "on" if which == "tree" else "off")

    def scene(session):
        seeds = told(session)
        demand((NONE in session.seen) == (which == "none"), "the line about seeds is wrong")
        if which == "none":
            demand({value for _, value in seeds} == {"none"}, f"guests were given {seeds}")
        else:
            for prop, size in (("rng-seed", 32), ("kaslr-seed", 8)):
                values = {value for name, value in seeds if name == prop}
                demand(len(values) == 4 and all(len(value) == 2 * size for value in values),
                       f"not 4 different {prop} of {size} bytes: {values}")
        if which == "tree":
            size = int(command[command.index("-m") + 1]) << 20
            contents = memory(session, size)
            # The guests' are there, which shows that this finds what is in memory.
            demand(any(bytes.fromhex(value) in contents for name, value in seeds
                       if name == "rng-seed"), "no seed of a guest's is in memory")
            for seed in machine_seeds(command):
                demand(seed not in contents, "the machine's own seed is still in memory")
        for key in "12":
            session.type(f"\x14{key}x")
        demand(session.end(SECONDS) == 0, "the exit status is not 0")

    play(command, 2000, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])
