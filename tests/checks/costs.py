#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tables of costs and sizes in README and docs/performance.md have the budgets that tests/bench and
tests/checks hold: costs.py ROOT [--write]

So every figure in them is a check, and a budget that changes changes it too: --write does that.
"""

import pathlib
import re
import sys

from check import conclude

# What the table says; the rows of the library's bench; those of the mini-host.
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


# The rows that README has: the first words of their texts.
OVERVIEW = ("hypercall, answered", "read of a device register", "read of the distributor", "SGI to itself",
            "SGI to a vCPU that runs", "SGI to a vCPU that waits", "interrupt of a virtual timer",
            "*the longest that an interrupt")

# What an option costs: a hypercall that the host's loop answers, or the call that is named.
OPTIONS = (
    ("a hypercall, and nothing more", "hypercall"),
    ("`vcpu_percpu_put_fp` after each run", "hypercall, the host's threads use FP"),
    ("`vcpu_percpu_harden`: the instruction CLRBHB", "hypercall, CLRBHB"),
    ("a loop of 8; 24; 32; 132 branches", "hypercall, loop of 8; hypercall, loop of 24; "
     "hypercall, loop of 32; hypercall, loop of 132"),
    ("a call of the firmware, without what the firmware executes", "hypercall, SMC"),
    ("`VCPU_HARDEN_SERRORS`, with FEAT_RAS; without", "hypercall, ESB; hypercall, DSB and ISR_EL1"),
    ("`vcpu_vm_set_calls` with four ranges: PSCI_VERSION; an SMCCC call for the host",
     "PSCI_VERSION, 4 ranges; SMCCC call for the host, 4 ranges"),
    ("the same: ARCH_WORKAROUND_1 that does nothing; that calls the firmware",
     "ARCH_WORKAROUND_1, 4 ranges; ARCH_WORKAROUND_1, firmware"),
)

# Measured once, in the way of tests/bench: the floor, Bao, Xen, KVM. The last is the row beside them.
PEERS = (
    ("hypercall", "67", "147 (inside)", "368 (inside)", "1,494 / 1,076", "hypercall"),
    ("read of a device register", "65 (inside)", "227 (inside)", "582 (inside)", "6,220 / 6,081 (user space)",
     "MMIO read"),
    ("read of a distributor register", "65", "225", "599", "2,313 / 1,919", "distributor read: TYPER"),
    ("SGI to itself, until the handler is done", "63", "776", "1,097", "", "SGI to itself"),
    ("SGI to a vCPU that runs on another CPU, until its handler is done", "", "805", "1,635",
     "5,665 / 4,872", "SGI to a vCPU on another CPU"),
    ("virtual timer already due, until the handler is done", "", "199", "1,083", "5,842",
     "virtual timer already due"),
)

SIZES = (
    ("code and tables of a host with its own stage 2 and interrupt controller",
     "tests/checks/CMakeLists.txt", r"\(linked/core [^)]* (\d+)\)"),
    ("code and tables of a host that takes the library's, and its timers",
     "tests/checks/CMakeLists.txt", r"\(linked/all [^)]* (\d+)\)"),
    ("all code and tables of the archive", "tests/checks/CMakeLists.txt", r"\(size [^)]* (\d+)\)"),
    ("stack of the usual exits of a resident vCPU", "tests/bench/bench.c",
     r'budget (\d+)\\n", "stack of the exit path"'),
    ("a vCPU, without its vectors and the tables of optional parts", "tests/bench/bench.c",
     r'budget (\d+)\\n", "a vCPU"'),
)

LIBRARY = ("bench.c", "interrupts.c", "latency.c", "scale.c", "worst.c", "waits.h")


def budgets_of(root, version):
    """Of rows in C: the figure for this version of the GIC; and of the bounds."""
    found = {}
    for file in LIBRARY:
        text = (root / "tests/bench" / file).read_text()
        for name, v3, v2 in re.findall(r'"([^"]+)",[^;"]*?(?:BUDGET|budget)\((\d+)(?:, (\d+))?\)', text):
            found[name] = int(v2 or v3) if version == 2 else int(v3)
        found.update((name, int(bound)) for name, bound in
                     re.findall(r"^#define ([A-Z_]+) +(\d+)u$", text, re.MULTILINE))
    return found


def budgets_of_host(root, version):
    return {name: int(both[version == 2]) for name, *both in
            re.findall(r'^    "(.+)": \((\d+), (\d+)\),$', (root / "tests/bench/host.py").read_text(),
                       re.MULTILINE)}


def cell(budgets, names):
    """a; b: each of them. a, b: from the least to the most."""
    def range_of(group):
        if group in budgets:
            return f"{budgets[group]:,}"
        figures = [budgets[name] for name in group.split(", ")]
        return f"{min(figures):,}" + (f" to {max(figures):,}" if min(figures) < max(figures) else "")

    return "; ".join(map(range_of, names.split("; "))) if names else ""


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "".join(re.sub(r"  +", " ", f"| {' | '.join(line)} |\n") for line in lines)


def costs(root, chosen=("",)):
    library, host = budgets_of(root, 3), budgets_of_host(root, 3)
    return table(("operation", "library", "mini-host"),
                 [(text, cell(library, ours), cell(host, theirs)) for text, ours, theirs in ROWS
                  if text.startswith(chosen)])


def costs_with_gicv2(root):
    """Those that differ. A row of the mini-host's that GICv2 does not have is 0."""
    two, three = ([(cell(budgets_of(root, version), ours), cell(budgets_of_host(root, version), theirs))
                   for _, ours, theirs in ROWS] for version in (2, 3))
    return table(("operation, with a GICv2", "library", "mini-host"),
                 [(row[0], *cells) for row, cells, others in zip(ROWS, two, three)
                  if cells != others and not cells[1].startswith("0")])


def options(root):
    library = budgets_of(root, 3)
    return table(("what is done", "instructions"), [(text, cell(library, names)) for text, names in OPTIONS])


def peers(root):
    library = budgets_of(root, 3)
    return table(("operation, until the guest goes on", "floor", "Bao", "Xen 4.17", "KVM 6.1 nVHE / VHE",
                  "libvcpu"), [(*row[:-1], cell(library, row[-1])) for row in PEERS])


def sizes(root):
    return table(("size", "bytes"),
                 [(text, f"{int(re.search(figure, (root / file).read_text()).group(1)):,}")
                  for text, file, figure in SIZES])


def main(root, write=None):
    for page, tables in (
            ("README.md", [costs(root, OVERVIEW)]),
            ("docs/performance.md", [costs(root), costs_with_gicv2(root), options(root), peers(root),
                                     sizes(root)])):
        text = old = (root / page).read_text()
        for new in tables:
            header = "".join(new.splitlines(keepends=True)[:2])
            if text.count(header) != 1:
                yield f"{page} has {text.count(header)} tables that begin with {header}"
                continue
            start = text.index(header)
            text = text[:start] + new + text[text.index("\n\n", start) + 1:]
        if write:
            (root / page).write_text(text)
        elif text != old:
            yield f"{page}: a table is not what tests/bench checks: run tests/checks/costs.py . --write"


if __name__ == "__main__":
    conclude(list(main(pathlib.Path(sys.argv[1]), *sys.argv[2:])),
             "the tables of costs have the budgets of tests/bench")
