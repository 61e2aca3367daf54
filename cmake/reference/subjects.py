# SPDX-License-Identifier: MIT
"""The subjects of the API reference, and which headers' declarations they have."""

# Title, a sentence, headers.
SUBJECTS = {
    "cpu": ("Machine and CPU", "What the host gives to the library, and taking EL2 on each CPU.",
            ("host.h", "percpu.h")),
    "vm": ("VM and vCPU", "Making, resetting and ending virtual machines and their CPUs.",
           ("vm.h", "vmid.h")),
    "run": ("Run and exits", "Entering a guest, why it came back, and completing that.",
            ("vcpu.h", "exit.h")),
    "answers": ("Answers", "What a host answers to an exit that it does not know, and exits in words.",
                ("answer.h",)),
    "inject": ("Exceptions and lines", "Exceptions that the host makes a guest take; IRQ and FIQ lines.",
               ("inject.h",)),
    "registers": ("Registers and snapshots", "A vCPU's registers by id, one at a time or all.",
                  ("reg.h", "sysreg.h")),
    "stage2": ("Stage 2 and memory", "Tables of guest memory, its caches, types of address.",
               ("stage2.h", "cache.h", "addr.h")),
    "interrupts": ("Interrupts", "A virtual GICv3 or GICv2, and the host's interrupt handler.",
                   ("interrupts.h", "gic.h")),
    "timers": ("Timers", "The guest's virtual and physical timer.", ("timer.h",)),
    "pmu": ("PMU", "Performance monitors of a guest.", ("pmu.h",)),
    "debug": ("Debug", "A host that debugs a guest.", ("debug.h",)),
    "devices": ("Devices", "Devices that the library asks at an exit, and vCPUs that wait.",
                ("device.h",)),
    "emulation": ("Emulation", "Loads and stores that the CPU does not describe.", ("emulate.h",)),
    "power": ("Power and calls", "PSCI, SMCCC, and the choice of who answers which call.",
              ("psci.h", "calls.h")),
    "version": ("Version, errors, types", "What all headers share.",
                ("version.h", "error.h", "types.h", "prefix.h")),
}
# Where one header has two subjects.
ELSEWHERE = dict.fromkeys(
    ("vcpu", "vcpu_config", "vcpu_create", "vcpu_destroy", "vcpu_reset", "vcpu_vm_of", "vcpu_index",
     "vcpu_mpidr", "vcpu_user", "vcpu_set_entry", "vcpu_set_ept_root"), "vm")


def subject_of(header, name):
    if name in ELSEWHERE and header == "vcpu.h":
        return ELSEWHERE[name]
    return next((subject for subject, (_, _, headers) in SUBJECTS.items() if header in headers), None)
