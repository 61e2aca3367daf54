#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The world switch does its steps in the order that the architecture wants: switch.py OBJDUMP ARCHIVE

In QEMU a write of a system register is in effect at once, so no test program sees a missing ISB. For
each function, SEQUENCES has steps that its code contains in this order: calls, barriers, writes of
registers, and reads (mrs). NEVER has what it must not contain. The code of functions that are
called, but are no steps themselves, counts as the caller's.

ICC_SRE_EL1 and ICC_SRE_EL2 are constant in QEMU. So that the values of struct el2_state, which a unit
test holds, are those in the CPU, each is read into and written from its own member of the struct,
where the two stand one behind the other.
"""

import re
import sys

from check import conclude, disassembly

# The names of a register in a disassembly: with HCR_EL2.E2H = 1 it has another one (_EL12, _EL02).
REGISTERS = {
    "cntv_ctl_el0": "CNTV_CTL", "cntv_ctl_el02": "CNTV_CTL", "s3_5_c14_c3_1": "CNTV_CTL",
    "cntv_cval_el0": "CNTV_CVAL", "cntv_cval_el02": "CNTV_CVAL", "s3_5_c14_c3_2": "CNTV_CVAL",
    "cntp_ctl_el0": "CNTP_CTL", "cntp_ctl_el02": "CNTP_CTL", "s3_5_c14_c2_1": "CNTP_CTL",
    "cntp_cval_el0": "CNTP_CVAL", "cntp_cval_el02": "CNTP_CVAL", "s3_5_c14_c2_2": "CNTP_CVAL",
    "tcr_el1": "TCR", "tcr_el12": "TCR", "s3_5_c2_c0_2": "TCR",
    "icc_sre_el1": "ICC_SRE", "s3_0_c12_c12_5": "ICC_SRE",
    "hcr_el2": "HCR",
    "sctlr_el1": "SCTLR", "sctlr_el12": "SCTLR", "s3_5_c1_c0_0": "SCTLR",
}

STEPS = {"vcpu_el1_save", "vcpu_el1_stop", "vcpu_el1_restore", "vcpu_el1_start", "vcpu_el2_write",
         "vcpu_device_load", "vcpu_device_put"}

SEQUENCES = {
    # Timers off and walks off, and both in effect. The MMU stays on until there are no more walks.
    "vcpu_el1_stop": ["CNTV_CTL", "CNTP_CTL", "TCR", "isb", "SCTLR", "isb"],
    "vcpu_el1_restore": ["CNTV_CVAL", "CNTP_CVAL"],
    # A timer starts with its compare value in effect, a walk with the owner's tables and MMU.
    "vcpu_el1_start": ["SCTLR", "isb", "TCR", "CNTV_CTL", "CNTP_CTL"],
    # In effect, by the ISB behind it, before a device writes ICH_VMCR_EL2: see the load.
    "vcpu_el2_write": ["ICC_SRE"],
    # VTTBR_EL2 and CNTVOFF_EL2 change while nothing of EL1 works, and it is stopped with TGE clear.
    "vcpu_switch_load": ["vcpu_el1_save", "vcpu_el1_stop", "vcpu_el2_write", "isb",
                         "vcpu_el1_restore", "vcpu_el1_start", "vcpu_device_load"],
    "vcpu_switch_put": ["vcpu_device_put", "vcpu_el1_save", "HCR", "isb", "vcpu_el1_stop",
                        "vcpu_el1_restore", "vcpu_el2_write", "isb", "vcpu_el1_start", "isb",
                        "dsb sy"],
    # The CPU's timer is looked at after the host's acknowledge.
    "vcpu_timer_interrupt": ["isb", "mrs CNTV_CTL"],
    "vcpu_timer_forward": ["isb", "mrs CNTV_CTL"],
    "vcpu_el1_store": ["vcpu_el1_stop", "vcpu_el1_restore", "vcpu_el1_start"],
}

NEVER = {
    "vcpu_el1_restore": {"CNTV_CTL", "CNTP_CTL", "TCR", "SCTLR"},
    "vcpu_el1_start": {"CNTV_CVAL", "CNTP_CVAL"},
    "vcpu_el2_write": {"CNTV_CTL", "CNTP_CTL", "TCR", "SCTLR"},
}

OWN = {"icc_sre_el1": "ICC_SRE_EL1", "s3_0_c12_c12_5": "ICC_SRE_EL1",
       "icc_sre_el2": "ICC_SRE_EL2", "s3_4_c12_c9_5": "ICC_SRE_EL2"}
MOVES = ("vcpu_el2_read", "vcpu_el2_write")
# Loads and stores of one general register or two, at an offset from another one.
MEMORY = re.compile(r"^(ld[rp]|st[rp])\t(x\d+), (?:(x\d+), )?\[x\d+(?:, #(\d+))?\]$")

CALL = re.compile(r"R_AARCH64_(?:CALL26|JUMP26)\s+([\w.]+)")
INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\t(\S+)(?:\s+(\S.*))?")


def code_of(objdump, archive):
    """For each function what it does, in the order of its code: steps, and calls of other functions."""
    functions = {}
    for _, name, line in disassembly(objdump, archive, "-r"):
        events = functions.setdefault(name, [])
        if call := CALL.search(line):
            events.append(call.group(1).removeprefix(".text."))
        elif match := INSTRUCTION.match(line):
            operation, operands = match.group(1), match.group(2) or ""
            if operation in ("isb", "dsb"):
                events.append(f"{operation} {operands}".strip())
            elif operation == "msr":
                events.append(REGISTERS.get(operands.split(",")[0].lower(), "another"))
            elif operation == "mrs":
                events.append("mrs " + REGISTERS.get(operands.split(", ")[-1].lower(), "another"))
    return functions


def moves_of(lines):
    """Which system register is moved to or from which offset; compilers move two at a time, too."""
    holds = {}  # of a general register: the system register or the offset that it was read from
    for line in lines:
        memory = MEMORY.match(line)
        if memory:
            operation, first, second, at = memory.groups()
            for i, register in enumerate(filter(None, (first, second))):
                offset = int(at or 0) + 8 * i
                if operation.startswith("ld"):
                    holds[register] = offset
                elif isinstance(holds.get(register), str):
                    yield holds[register], offset
        elif match := re.match(r"^mrs\t(x\d+), (\w+)$", line):
            holds[match.group(1)] = match.group(2).lower()
        elif match := re.match(r"^msr\t(\w+), (x\d+)$", line):
            if isinstance(holds.get(match.group(2)), int):
                yield match.group(1).lower(), holds[match.group(2)]
        elif match := re.match(r"^\S+\t[wx](\d+)\b", line):
            holds.pop("x" + match.group(1), None)


def own_problems(objdump, archive):
    lines = {name: [] for name in MOVES}
    for _, name, line in disassembly(objdump, archive):
        if name in lines and ":\t" in line:
            lines[name].append(line.split(":\t", 1)[1].split("//")[0].rstrip())
    places = {}
    for name in MOVES:
        found = {(OWN[register], at) for register, at in moves_of(lines[name]) if register in OWN}
        for register, at in found:
            places.setdefault(register, set()).add(at)
        for register in sorted(set(OWN.values()) - {register for register, _ in found}):
            yield f"{name} does not move {register}"
    first, second = places.get("ICC_SRE_EL1", {0}), places.get("ICC_SRE_EL2", {0})
    if len(first) != 1 or second != {min(first) + 8}:
        yield f"ICC_SRE_EL1 is moved to and from {sorted(first)}, and ICC_SRE_EL2 {sorted(second)}"


def flat(functions, name, above=()):
    for event in functions.get(name, ()):
        if event in functions and event not in STEPS and event not in above:
            yield from flat(functions, event, (*above, event))
        else:
            yield event


def problems_of(functions):
    for name, steps in SEQUENCES.items():
        events = iter(list(flat(functions, name, (name,))))
        for step in steps:
            if step not in events:
                yield f"{name}: no {step} at its place in {', '.join(steps)}"
                break
    for name, forbidden in NEVER.items():
        for event in sorted(forbidden & set(flat(functions, name, (name,)))):
            yield f"{name} writes {event}"


if __name__ == "__main__":
    conclude([*problems_of(code_of(*sys.argv[1:])), *own_problems(*sys.argv[1:])],
             "the world switch keeps its order")
