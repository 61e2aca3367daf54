#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The vectors of asm/guard.S do what no test in QEMU can show: guard.py OBJDUMP ARCHIVE

Each exit from a guest has all ways of hardening, and then a DSB and an ISB, before anything else: no
other branch, and none by a register. Where SErrors are looked for, that is behind an ESB, or a DSB
and an ISB; and PSTATE.A is clear for one ISB, with the exit's own address and PSTATE in x0 and x2.
The firmware's call that a guest makes for itself has W0, and no more of the guest.
"""

import re
import sys

from check import conclude, disassembly


# A slot of a guest's exit, and what looks for its SErrors, as names and the operands that matter.
SLOTS = ("8", "9", "10", "11")
SLOT = ["stp", "ldr", "clrbhb", "ldrb", "cbz", "b", "subs", "b.ne", "ldr", "cbz", "stp", "smc", "ldr",
        "ldp", "dsb", "isb", "ldrb", "cbnz", "ldp", "b"]
# What older disassemblers call it.
HINTS = {"hint": "clrbhb", "clearbhb": "clrbhb"}
# The address of the exit's instruction: that of an HVC is behind, and the step that it was is undone.
RETRY = {"8": "mrs lsr cmp mrs:elr_el2 b.ne mrs:mdscr_el1 tbz mrs:mdcr_el2 tbnz tbz mrs:spsr_el2 tbnz "
              "mrs:spsr_el2 orr msr:spsr_el2 ldr mrs:elr_el2 sub",
         "9": "mrs:elr_el2", "10": "mrs:elr_el2"}
LOOK = ("tbnz esb mrs:disr_el1 tbz {retry} msr:elr_el2 b dsb isb mrs:isr_el1 tbz mrs:hcr_el2 tbz stp "
        "{retry} mrs:spsr_el2 msr:daifclr isb msr:daifset ldp ldp b")
ALONE = ["mov w0, w0", "mov x1, #0", "mov x2, #0", "mov x3, #0", "smc #0", "ret"]
REGISTER = re.compile(r"\b(disr_el1|isr_el1|hcr_el2|mdscr_el1|mdcr_el2|spsr_el2|elr_el2|daifclr|daifset)\b")


def problems_of(objdump, archive):
    slots, looks, alone = {}, {}, []
    for member, function, line in disassembly(objdump, archive):
        match = re.match(r"^\s*([0-9a-f]+):\t(\S+)\s*(.*)$", line)
        if match and function == "vcpu_smc_alone":
            operands = match.group(3).split("//")[0].replace("#0x0", "#0").strip()
            alone.append(f"{match.group(2)} {operands}".strip())
        if not member.startswith("guard.S") or not match:
            continue
        at, name, operands = int(match.group(1), 16), match.group(2), match.group(3)
        if function == "vcpu_guard_vectors" and at // 0x80 in range(8, 12):
            slots.setdefault(str(at // 0x80), []).append(name)
        if function.startswith("guard_serrors_"):
            register = REGISTER.search(operands)
            name += ":" + register.group(1) if register and name in ("mrs", "msr") else ""
            looks.setdefault(function.removeprefix("guard_serrors_"), []).append(name)
    if alone != ALONE:
        yield f"vcpu_smc_alone is: {'; '.join(alone)}"
    for slot in SLOTS:
        found = [HINTS.get(name, name) for name in slots.get(slot, [])]
        while found[-1:] == ["nop"]:
            found.pop()
        if found != SLOT:
            yield f"slot {slot} is: {' '.join(found)}"
        look = " ".join(looks.get(slot, []))
        if slot in RETRY and look != LOOK.format(retry=RETRY[slot]):
            yield f"slot {slot} looks for SErrors by: {look}"


if __name__ == "__main__":
    conclude(list(problems_of(*sys.argv[1:])), "each exit with the guard is hardened first")
