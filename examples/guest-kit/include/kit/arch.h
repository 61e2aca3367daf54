/* SPDX-License-Identifier: MIT */
/*
 * One instruction each: system registers, barriers, hints, the interrupt mask, device registers.
 * These are the kit's names for what bare-metal/arch.h and bare-metal/mmio.h have.
 */
#ifndef KIT_ARCH_H
#define KIT_ARCH_H

#include <bare-metal/arch.h>
#include <bare-metal/mmio.h>

/*
 * kit_mrs(reg) is a system register's value, kit_msr(reg, value) writes it: by its name, or as
 * S<op0>_<op1>_C<n>_C<m>_<op2> if the assembler lacks it.
 */
#define kit_mrs arch_read
#define kit_msr arch_write

/* kit_dsb(ish), kit_dmb(ishst): the argument is the barrier's domain and kind. */
#define kit_dsb(option) __asm__ volatile("dsb " #option ::: "memory")
#define kit_dmb(option) __asm__ volatile("dmb " #option ::: "memory")

/* kit_isb(), kit_wfe(). */
#define kit_isb arch_isb
#define kit_wfe arch_wfe

/* kit_wfi() waits for an interrupt, after a DSB. */
#define kit_wfi arch_wfi

/* kit_sev() wakes the CPUs that wait in kit_wfe, after the stores before it. */
#define kit_sev arch_sev

/* kit_yield() goes into each loop that waits for another CPU. */
#define kit_yield arch_yield

/*
 * uint64_t kit_irq_mask() masks IRQ and FIQ on this CPU and returns what kit_irq_restore(daif) needs
 * to undo just that.
 */
#define kit_irq_mask    arch_irq_save
#define kit_irq_restore arch_irq_restore

/* Lets IRQ, FIQ and SError through on this CPU. */
static inline void kit_irq_unmask(void)
{
    __asm__ volatile("msr daifclr, #7" ::: "memory");
}

/*
 * Device registers of 8 to 64 bits: kit_read32(address), kit_write32(address, value). Each is one
 * load or store with a plain base register, the only kind whose syndrome tells a hypervisor what the
 * instruction does (ESR_EL2.ISV).
 */
#define kit_read8   mmio_read8
#define kit_read16  mmio_read16
#define kit_read32  mmio_read32
#define kit_read64  mmio_read64
#define kit_write8  mmio_write8
#define kit_write16 mmio_write16
#define kit_write32 mmio_write32
#define kit_write64 mmio_write64

#endif
