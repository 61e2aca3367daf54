/* SPDX-License-Identifier: MIT */
/*
 * From the arm64 Linux boot protocol to C. The first CPU starts with the MMU off and x0 = the
 * device tree. The others start by PSCI CPU_ON with x0 = their struct smp_cpu.
 */
#include "layout.h"

/* The header that makes boot loaders treat this as an arm64 Linux Image. */
    .section .head, "ax"
    .global boot_header
boot_header:
    b       boot_entry
    .word   0
    .quad   PLATFORM_TEXT_OFFSET
    .quad   image_size
    .quad   0x2                         /* little endian, 4 KiB pages, at the base of RAM */
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .word   0

/* For linker.ld to check what the build gave it. */
    .global platform_link_address
    .set    platform_link_address, PLATFORM_LOAD_BASE + PLATFORM_TEXT_OFFSET

/* EL2 as the host wants it, with the MMU off: no state of the boot loader is left in use. */
.macro el2_reset
    mrs     x9, CurrentEL
    cmp     x9, #(2 << 2)
    b.ne    park                        /* nothing can be printed: the UART is not known yet */
    msr     daifset, #0xf
    msr     spsel, #1
    mov_q   x9, ARCH_HCR_HOST
    msr     hcr_el2, x9
    isb                                 /* E2H is 0 from here on, and with it SCTLR_EL2's layout */
    mov_q   x9, ARCH_SCTLR_RES1
    msr     sctlr_el2, x9
    isb
    msr     cntvoff_el2, xzr            /* one time for all CPUs, whatever the boot loader left */
    msr     cntv_ctl_el0, xzr           /* no timer of the boot loader ticks between guests */
    msr     cntp_ctl_el0, xzr
    msr     vttbr_el2, xzr              /* VMID 0 is no guest's */
    adrp    x9, vectors
    add     x9, x9, :lo12:vectors
    msr     vbar_el2, x9
    isb
.endm

.macro mov_q reg, value
    movz    \reg, #((\value >> 16) & 0xffff), lsl #16
    movk    \reg, #(\value & 0xffff)
.endm

/*
 * EL2 with the registers that mmu.c chose. Clobbers x9-x15. If caches are still off, everything
 * that is loaded was cleaned to the point of coherency. From the first write on, while translation
 * is off and E2H gives other registers another layout, no memory is accessed.
 */
.macro el2_enable
    adrp    x9, boot_registers
    add     x9, x9, :lo12:boot_registers
    ldp     x10, x11, [x9, #BOOT_REGISTERS_HCR_CPTR]
    ldp     x12, x13, [x9, #BOOT_REGISTERS_MAIR_TCR]
    ldp     x14, x15, [x9, #BOOT_REGISTERS_TTBR_SCTLR]
    mov_q   x9, ARCH_SCTLR_RES1
    msr     sctlr_el2, x9
    isb
    msr     hcr_el2, x10
    isb                                 /* the layout of those below is that of this E2H */
    msr     cptr_el2, x11
    msr     mair_el2, x12
    msr     tcr_el2, x13
    msr     ttbr0_el2, x14
    tlbi    alle2
    ic      iallu
    dsb     nsh
    isb                                 /* the registers are in place before M turns them on */
    msr     sctlr_el2, x15
    isb
.endm

    .section .text.boot, "ax"
boot_entry:
    mov     x19, x0
    el2_reset
    adrp    x0, bss_start
    adrp    x1, bss_end                 /* both are page aligned */
1:  stp     xzr, xzr, [x0], #16
    cmp     x0, x1
    b.lo    1b
    adrp    x9, smp_stacks
    add     x9, x9, #PLATFORM_STACK_GUARD
    add     x9, x9, #PLATFORM_STACK_SIZE
    mov     sp, x9
    add     x9, x9, #PLATFORM_FAULT_SIZE
    msr     sp_el0, x9                  /* the stack that the fault vectors select with SPSel */
    mov     x29, xzr
    mov     x0, x19
    bl      mmu_build
    el2_enable
    mov     x0, x19
    bl      platform_start
park:
    msr     daifset, #0xf
    wfe
    b       park

/*
 * void boot_again(void): EL2 as boot_registers says now, for C that has translation and caches on.
 * All data stays where it is, in the caches.
 */
    .global boot_again
boot_again:
    el2_enable
    ret

    .global boot_secondary
boot_secondary:
    mov     x19, x0
    el2_reset
    el2_enable
    ldr     x9, [x19, #SMP_CPU_STACK]
    mov     sp, x9
    ldr     x9, [x19, #SMP_CPU_FAULT_STACK]
    msr     sp_el0, x9
    mov     x29, xzr
    mov     x0, x19
    bl      smp_secondary
    b       park
