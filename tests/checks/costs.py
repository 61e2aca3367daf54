#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""README's table of costs has the budgets that tests/bench checks: costs.py ROOT [--write]

So every figure in it is a check, and a budget that changes changes it too: --write does that.
"""

import pathlib
import re
import sys

from check import conclude

HEADER = "| operation | library | mini-host |\n| --- | --- | --- |\n"

# What README says; the rows of the library's bench; those of the mini-host.
ROWS = (
    ("hypercall, answered in the host's C loop", "hypercall", ""),
    ("the same, with `vcpu_percpu_put_fp` after each", "hypercall, the host's threads use FP", ""),
    ("read of a device register, answered in the host's C loop", "MMIO read", ""),
    ("SMCCC call that the library does not know, answered in the host's C loop",
     "SMCCC call for the host", "unknown call"),
    ("PSCI_VERSION, answered by the library", "PSCI_VERSION", "PSCI_VERSION"),
    ("read of the distributor: type, control, enables",
     "distributor read: TYPER, distributor read: ISENABLER", "GICD_TYPER, GICD_CTLR, GICD_ISENABLER1"),
    ("read of GICD_IIDR, GICR_WAKER or a redistributor's enables", "",
     "GICD_IIDR, GICR_WAKER, GICR_ISENABLER0"),
    ("read of PIDR2; of GICR_TYPER by 64 bits", "", "GICD_PIDR2; GICR_TYPER"),
    ("write to the distributor about one interrupt: enable, clear, priority", "",
     "write: enable or disable, write: clear, write: priority"),
    ("read of a UART's flags, which a device of the host answers", "", "UART flags"),
    ("SGI to itself", "SGI to itself", "SGI to itself"),
    ("SGI to a vCPU that runs on another CPU", "SGI to a vCPU on another CPU",
     "SGI to a vCPU that runs"),
    ("SGI to a vCPU that waits in WFI", "", "SGI to a vCPU in WFI"),
    ("the same, until it is in WFI again", "", "SGI to a vCPU in WFI, and into WFI"),
    ("interrupt of a virtual timer that is already due", "virtual timer already due",
     "virtual timer"),
    ("kick of a vCPU on another CPU, until `vcpu_run` is back", "kick, until vcpu_run is back", ""),
    ("SPI, set by the host, to a vCPU on another CPU, until its handler is done",
     "SPI to a vCPU on another CPU", ""),
    ("*making and ending:* `vcpu_vm_create`", "vcpu_vm_create", ""),
    ("`vcpu_create`; the 256th of a VM", "vcpu_create; vcpu_create, the 256th", ""),
    ("`vcpu_destroy`; `vcpu_vm_destroy`", "vcpu_destroy; vcpu_vm_destroy", ""),
    ("`vcpu_stage2_map` of 1 GiB: by 1 GiB; 2 MiB; 4 KiB",
     "stage2_map of 1 GiB, blocks of 1 GiB; stage2_map of 1 GiB, blocks of 2 MiB; "
     "stage2_map of 1 GiB, pages", ""),
    ("`vcpu_stage2_destroy` of the same",
     "stage2_destroy, blocks of 1 GiB; stage2_destroy, blocks of 2 MiB; stage2_destroy, pages", ""),
    ("*the longest that an interrupt of the host waits:* with 988 SPIs, any access to the interrupt "
     "controller (by 8 vCPUs or fewer), the taking or the end of an interrupt", "WAITS_BOUND", ""),
    ("with 256 vCPUs, SGI to all others, GICD_CTLR, CPU_ON, AFFINITY_INFO, SYSTEM_SUSPEND, making or "
     "resetting a vCPU or the interrupt controller", "WAITS_BOUND", ""),
    ("*the longest that the lock of the interrupt controller is held*", "HELD", ""),
)


def budgets_of(root, *files):
    """Of rows in C: the first figure, which is GICv3's; and of the bounds."""
    found = {}
    for file in files:
        text = (root / "tests/bench" / file).read_text()
        found.update(re.findall(r'"([^"]+)",[^;"]*?(?:BUDGET|budget)\((\d+)', text))
        found.update(re.findall(r"^#define ([A-Z_]+) +(\d+)u$", text, re.MULTILINE))
    return {name: int(figure) for name, figure in found.items()}


def cell(budgets, names):
    """a; b: each of them. a, b: from the least to the most."""
    def range_of(group):
        if group in budgets:
            return f"{budgets[group]:,}"
        figures = [budgets[name] for name in group.split(", ")]
        return f"{min(figures):,}" + (f" to {max(figures):,}" if min(figures) < max(figures) else "")

    return "; ".join(map(range_of, names.split("; "))) if names else ""


def table_of(root):
    library = budgets_of(root, "bench.c", "interrupts.c", "latency.c", "scale.c", "worst.c", "waits.h")
    host = {name: int(v3) for name, v3 in
            re.findall(r'^    "(.+)": \((\d+), \d+\),$', (root / "tests/bench/host.py").read_text(),
                       re.MULTILINE)}
    rows = [f"| {text} | {cell(library, ours)} | {cell(host, theirs)} |\n".replace("|  |", "| |")
            for text, ours, theirs in ROWS]
    return HEADER + "".join(rows)


def main(root, write=None):
    readme = root / "README.md"
    text = readme.read_text()
    table = table_of(root)
    start = text.index(HEADER)
    end = text.index("\n\n", start) + 1
    if write:
        readme.write_text(text[:start] + table + text[end:])
    elif text[start:end] != table:
        yield "README.md: the table of costs is not what tests/bench checks: run tests/checks/costs.py . --write"


if __name__ == "__main__":
    conclude(list(main(pathlib.Path(sys.argv[1]), *sys.argv[2:])), "README's table of costs has the budgets of tests/bench")
