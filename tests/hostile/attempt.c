/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "hostile.h"

_Static_assert(sizeof(struct self) == 1 << SELF_SIZE_LOG2, "attempt.S");
_Static_assert(offsetof(struct self, x) == SELF_X, "attempt.S");
_Static_assert(offsetof(struct self, sp) == SELF_SP, "attempt.S");
_Static_assert(offsetof(struct self, pc) == SELF_PC, "attempt.S");
_Static_assert(offsetof(struct self, spsr) == SELF_SPSR, "attempt.S");
_Static_assert(offsetof(struct self, stack) == SELF_STACK, "attempt.S");
_Static_assert(offsetof(struct self, esr) == SELF_ESR, "attempt.S");
_Static_assert(offsetof(struct self, elr) == SELF_ELR, "attempt.S");
_Static_assert(offsetof(struct self, steps) == SELF_STEPS, "attempt.S");
_Static_assert(offsetof(struct self, far) == SELF_FAR, "attempt.S");

#define BRK UINT32_C(0xd4200000)
#define UDF UINT32_C(0xe7ffdeff) /* of AArch32: A32, and T32 in its lower half */

#define SPSR_EL1H  UINT64_C(5)
#define SPSR_EL1T  UINT64_C(4)
#define SPSR_AA32  UINT64_C(0x10)
#define SPSR_T     (UINT64_C(1) << 5)
#define SPSR_DAIF  UINT64_C(0x3c0)
#define SPSR_D     (UINT64_C(1) << 9)
#define SPSR_SS    (UINT64_C(1) << 21)
#define MDSCR_SS   (UINT64_C(1) << 0)
#define MDSCR_KDE  (UINT64_C(1) << 13)
#define MDSCR_MDE  (UINT64_C(1) << 15)
#define SCTLR_M_CI UINT64_C(0x1005)

struct self hostile_selves[KIT_MAX_CPUS];

/* Each vCPU has a page of code. */
#define CODE_WORDS 1024u
static uint32_t code[KIT_MAX_CPUS][CODE_WORDS] __attribute__((aligned(4096)));

static unsigned version;
static uint64_t sctlr, tcr, mair, ttbr0;

bool attempts_begin(void)
{
    version = (kit_mrs(id_aa64pfr0_el1) >> 24 & 15) != 0 ? 3 : 2;
    sctlr = kit_mrs(sctlr_el1);
    tcr = kit_mrs(tcr_el1);
    mair = kit_mrs(mair_el1);
    ttbr0 = kit_mrs(ttbr0_el1);
    return values_begin(code, sizeof(code));
}

void attempt_begin(struct self *self, unsigned index, uint64_t seed)
{
    self->random = seed;
    self->index = index;
    self->code = code[index];
}

/* The timer's interrupt comes, whatever attempts did to the GIC. */
static void set_up_interrupts(struct self *self)
{
    const uint64_t frame =
        version == 3 ? KIT_GICR_BASE + self->index * 0x20000 + 0x10000 : KIT_GICD_BASE;

    if (version == 3) {
        kit_msr(icc_pmr_el1, 0xff);
        kit_msr(icc_ctlr_el1, 0);
        kit_msr(icc_igrpen1_el1, 1);
        kit_msr(S3_0_C12_C9_0, 0); /* ICC_AP1R0_EL1 */
    } else {
        kit_write32(KIT_GICC_BASE + 4, 0xff);
        kit_write32(KIT_GICC_BASE, 1);
        kit_write32(KIT_GICC_BASE + 0xd0, 0);
    }
    if (below(self, 8) == 0) {
        kit_write32(KIT_GICD_BASE, version == 3 ? 0x12 : 1);
        kit_write32(frame + 0x380, UINT32_MAX); /* ICACTIVER0 */
        kit_write32(frame + 0x80, version == 3 ? UINT32_MAX : 0);
        kit_write32(frame + 0x100, UINT32_C(1) << KIT_IRQ_VIRTUAL_TIMER);
        kit_write8(frame + 0x400 + KIT_IRQ_VIRTUAL_TIMER, 0x80);
    }
}

/* What attempts need, whatever the last one left. */
static void set_up(struct self *self)
{
    kit_msr(vbar_el1, (uint64_t)hostile_vectors);
    kit_msr(mdscr_el1, 0);
    kit_msr(tcr_el1, tcr);
    kit_msr(mair_el1, mair);
    kit_msr(ttbr0_el1, ttbr0);
    kit_msr(cpacr_el1, UINT64_C(3) << 20 | (below(self, 2) * UINT64_C(0x3030000)));
    kit_msr(oslar_el1, 0);
    kit_isb();
    kit_msr(sctlr_el1, sctlr ^ (below(self, 8) == 0 ? UINT64_C(1) << (26 + below(self, 38)) : 0));
    kit_isb();
    __asm__ volatile("tlbi vmalle1\n\tic iallu\n\tdsb nsh\n\tisb" ::: "memory");
    kit_msr(cntkctl_el1, 0);
    set_up_interrupts(self);
    kit_msr(cntv_cval_el0, kit_mrs(cntvct_el0) + kit_counter_frequency() / 1000);
    kit_msr(cntv_ctl_el0, 1);
}

static void choose_state(struct self *self)
{
    uint64_t at = (uint64_t)self->code;

    self->spsr = below(self, 12) == 0 ? any(self) & SPSR_DAIF : SPSR_D;
    switch (below(self, 10)) {
    case 0:
    case 1:
        at = USER_CODE + self->index * KIT_PAGE_SIZE;
        break;
    case 2:
        at = USER_CODE + self->index * KIT_PAGE_SIZE;
        self->spsr |= SPSR_AA32 | (below(self, 2) == 0 ? SPSR_T : 0);
        for (unsigned i = 0; i < 31; i++)
            self->x[i] &= UINT32_MAX;
        break;
    case 3:
        self->spsr |= SPSR_EL1T;
        break;
    default:
        self->spsr |= SPSR_EL1H;
        break;
    }
    self->pc = at;
    if (below(self, 6) == 0) { /* stepping itself */
        self->spsr = (self->spsr & ~SPSR_D) | (below(self, 2) == 0 ? SPSR_SS : 0);
        kit_msr(mdscr_el1, MDSCR_SS | MDSCR_KDE | (below(self, 2) * MDSCR_MDE));
    }
    if (below(self, 16) == 0 && (self->spsr & 15) != 0) { /* VA is PA */
        kit_msr(sctlr_el1, sctlr & ~SCTLR_M_CI);
        kit_isb();
    }
    if (below(self, 64) == 0)
        self->spsr ^= UINT64_C(1) << below(self, 64);
}

static void take_interrupt(struct self *self)
{
    uint32_t irq = kit_irq_ack();

    kit_msr(cntv_ctl_el0, 0);
    kit_msr(cntp_ctl_el0, 0);
    if (KIT_INTID(irq) != KIT_IRQ_NONE && below(self, 32) != 0)
        kit_irq_end(irq);
}

void attempt(struct self *self)
{
    set_up(self);
    if (below(self, 3) == 0)
        choose_walks(self);
    choose_instructions(self);
    choose_state(self);
    for (unsigned i = self->words; i < CODE_WORDS; i++)
        self->code[i] = (self->spsr & SPSR_AA32) != 0 ? UDF : BRK;
    kit_sync_code(self->code, sizeof(code[0]));
    for (unsigned turn = 0; turn <= self->words; turn++) {
        const uint64_t end = self->pc + (self->words * 4), start = self->pc;
        uint64_t kind;

        self->steps = 64;
        kind = hostile_enter(self);

        __atomic_add_fetch(&self->attempts, 1, __ATOMIC_RELAXED);
        if ((kind & 3) == 1 || (kind & 3) == 2)
            take_interrupt(self);
        if ((kind & 3) != 0 || self->elr - start >= end - start)
            break;
        self->pc = self->elr + 4;
    }
}
