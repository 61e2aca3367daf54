#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a host does not call is not linked: linked.py LD NM SIZE ARCHIVE HOST LIMIT

HOST is one that has stage 2 and an interrupt controller of its own ("core"), or one that also takes
the library's ("all"). The archive is linked with what that host calls as roots, dropping sections
that nothing refers to. What is left is code and read-only data without the padding of a final
link. It is smaller than the limit, and a core host gets nothing of the subjects that it has itself.
"""

import os
import re
import sys
import tempfile

from check import conclude, run
from size import text_of

CORE = """
    percpu_enable percpu_disable percpu_features vm_create vm_destroy create destroy set_entry
    set_ept_root run put kick get_reg set_reg
    complete_mmio_read complete_mmio_read_any complete_mmio_write complete_mmio_write_any
    complete_call complete_call_any complete_sysreg_read complete_sysreg_write complete_skip
    complete_cpu_up complete_suspend complete_system_reset
    inject_undefined inject_data_abort inject_instruction_abort inject_serror inject_irq inject_fiq
"""
SUBJECTS = """
    stage2_create stage2_destroy stage2_root stage2_map stage2_unmap stage2_protect stage2_query
    vmid_pool_init vmid_alloc vmid_free
    gic_create gic_destroy gic_map_hw gic_set_line gic_set_ppi gic_forward gic_maintenance
    timer_create timer_destroy timer_interrupt timer_deadline has_work
"""
HOSTS = {"core": CORE.split(), "all": (CORE + SUBJECTS).split()}

# The core computes the shape of a VM's tables; it builds none.
NOT_IN_CORE = re.compile(r"vcpu_(cache_(clean|drop)|gic|timer|pmu|stage2(?!_shape$)|vmid|emulate|a64|"
                         r"guard|hardening|firmware|model|owned)(_|$)")


def link(ld, archive, roots, output):
    keep = [option for name in roots for option in ("-u", name)]
    run(ld, "-r", "--gc-sections", *keep, archive, "-o", output)


def defined_in(nm, path):
    """The names of all that is in the link, static functions with them."""
    return {line.split()[0] for line in run(nm, "-P", path).splitlines()
            if line.split()[1] not in "Uvw"}


def problems_of(host, limit, names, text):
    for name in HOSTS[host]:
        if "vcpu_" + name not in names:
            yield f"vcpu_{name} is not in the archive"
    if host == "core":
        for name in sorted(filter(NOT_IN_CORE.match, names)):
            yield f"{name} is linked, which such a host does not call"
    if text >= limit:
        yield f"text of such a host is {text} bytes, the limit is {limit}"


def main(ld, nm, size, archive, host, limit):
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "linked.o")
        link(ld, archive, ["vcpu_" + name for name in HOSTS[host]], output)
        text = text_of(size, output)
        conclude(list(problems_of(host, int(limit), defined_in(nm, output), text)),
                 f"text of such a host is {text} bytes of {limit}")


if __name__ == "__main__":
    main(*sys.argv[1:])
