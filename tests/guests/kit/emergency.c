/* SPDX-License-Identifier: MIT */
/* The emergency output with the MMU off, and an exception taken and handled so. */
#include <kit/kit.h>

#define SCTLR_M UINT64_C(1)

static void on_sync(struct kit_frame *frame)
{
    kit_emergency_printf("handler, ESR 0x%lx\n", frame->esr);
    frame->elr += kit_esr_length(frame->esr);
}

/* Nothing here may lie in a dirty cache line: QEMU has no caches, so this is for QEMU. */
int guest_main(uint64_t dtb)
{
    uint64_t sctlr = kit_mrs(sctlr_el1);

    (void)dtb;
    kit_set_handler(KIT_SYNC_CURRENT, on_sync);
    kit_msr(sctlr_el1, sctlr & ~SCTLR_M);
    kit_isb();
    kit_emergency_printf("MMU is %s\n", (kit_mrs(sctlr_el1) & SCTLR_M) != 0 ? "on" : "off");
    __asm__ volatile("brk #5" ::: "memory");
    kit_msr(sctlr_el1, sctlr);
    kit_isb();
    kit_puts("MMU is on again");
    return 0;
}
