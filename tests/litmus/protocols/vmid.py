# SPDX-License-Identifier: MIT
"""The VMID allocator: stage2/vmid.c. A TLB entry of the VMID is a location that is 1 while it is there;
TLB maintenance is complete after a DSB only."""

from program import Program


def take_bit(t):
    t.at("stage2/vmid.c:take_bit")
    t.assume((t.load("used") & 1) == 0)
    return t.rmw("used", lambda old: old | 1, "take_bit: acquire")


def free(t):
    t.at("stage2/vmid.c:vcpu_vmid_free")
    t.assume((t.load("used") & 1) != 0)
    t.at("stage2/tlb_hw.c:vcpu_tlb_vmalls12e1is_twice")
    t.system_write("tlb", 0)
    t.fence("dsb ish", "flush: dsb")
    t.at("stage2/vmid.c:vcpu_vmid_free")
    t.rmw("used", lambda old: old & ~1, release="free: release", used=False)


def allocate(t):
    """And a new VM's guest runs with it."""
    t.assume((take_bit(t) & 1) == 0)
    return {"stale": t.load("tlb")}


def allocate_only(number):
    def run(t):
        t.assume((take_bit(t) & 1) == 0)
        return {f"got{number}": 1}
    return run


PROGRAMS = [
    Program("VMID freed and allocated", (free, allocate), initial={"used": 1, "tlb": 1},
            bad=lambda o: o.stale, good=lambda o: not o.stale,
            needs={"flush: dsb", "take_bit: acquire"}),
    Program("VMID allocated twice", (allocate_only(1), allocate_only(2)),
            bad=lambda o: o.got1 and o.got2, good=None, needs=set()),
]
