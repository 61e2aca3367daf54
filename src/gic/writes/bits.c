/* SPDX-License-Identifier: MIT */
#include "gic/writes/bits.h"

/* These become active, without having been taken. */
static void begin_active(struct vcpu_gic *gic, struct gic_bank *bank, unsigned n, uint32_t bits)
{
    bank->forced |= bits & bank->listed;
    for (bits &= ~(bank->listed | bank->active); bits; bits &= bits - 1) {
        unsigned i = (unsigned)__builtin_ctz(bits);

        bank->taken[i] = bank->priority[i];
        if (n != 0)
            gic->spis[n - 1].owner[i] = gic->spis[n - 1].target[i];
    }
}

/* Those of other vCPUs that are listed can come a last time. */
static void unsettle(struct vcpu_gic *gic, const struct gic_cpu *cpu, uint32_t disabled)
{
    const struct gic_write *write = &cpu->write;

    for (disabled &= gic_bank(gic, write->home, write->n)->listed; disabled;
         disabled &= disabled - 1) {
        struct gic_cpu *other = gic_cpu_at(
            gic, vcpu_gic_whose(gic, write->home, write->n, (unsigned)__builtin_ctz(disabled)));

        if (other != cpu)
            vcpu_gic_unsettle(gic, other);
    }
}

/* Sets these bits of the word to those of value. Returns the ones that differed. */
static uint32_t change_word(uint32_t *word, uint32_t bits, uint32_t value)
{
    bits &= value ^ *word;
    *word ^= bits;
    return bits;
}

/*
 * Changes those of these bits that change something, and returns them. The state of a listed
 * interrupt is not known here.
 */
static uint32_t change_bits(struct vcpu_gic *gic, const struct gic_cpu *cpu, uint32_t bits)
{
    const struct gic_write *write = &cpu->write;
    struct gic_cpu *home = write->home;
    unsigned n = write->n;
    struct gic_bank *bank = gic_bank(gic, home, n);
    bool state = write->offset >= GICD_ISPENDR, active = write->offset >= GICD_ISACTIVER;
    uint32_t *word = active ? &bank->active : state ? &bank->latch : &bank->enabled;
    uint32_t unknown = state ? bank->listed : 0;

    bits &= bank->valid;
    if (write->offset >= GICD_ICFGR)
        return change_word(&bank->edge, bits, write->value);
    if (write->offset < GICD_ISENABLER)
        return change_word(&bank->group, bits, write->value);
    /* Version 2 has SPENDSGIR and CPENDSGIR for SGIs. */
    if (gic->version == 2 && n == 0 && state && !active)
        bits &= ~((1u << GIC_SGIS) - 1);
    if (BITS_CLEAR(write->offset)) {
        bits &= *word | unknown;
        if (active)
            vcpu_gic_deactivate(gic, home, n, bits);
        else if (state)
            vcpu_gic_unlatch(gic, home, n, bits);
        else
            unsettle(gic, cpu, bits);
        *word &= ~bits;
    } else {
        /* With the latch, because the lock is freed between one piece and the next. */
        if (state && !active) {
            bank->soft |= bits & bank->hw;
            bank->soft_latch |= bits & bank->hw;
        }
        bits &= ~*word | unknown;
        if (active)
            begin_active(gic, bank, n, bits);
        *word |= bits;
    }
    return bits;
}

static void tell_some(struct vcpu_gic *gic, struct gic_write *write, struct gic_news *news)
{
    write->value = vcpu_gic_touch_some(gic, write->value, news);
    if (write->value < gic->max_vcpus)
        return;
    write->bits = 0;
    vcpu_gic_end_write(gic);
}

static void change_some(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    struct gic_write *write = &cpu->write;
    uint32_t hw =
        gic->sources && write->offset < GICD_ICFGR ? gic_bank(gic, write->home, write->n)->hw : 0;
    uint32_t some, changed;

    /* What changes nothing costs next to nothing, unless a source is asked. */
    do {
        some = write->bits & 0xfu << __builtin_ctz(write->bits);
        write->bits &= ~some;
        if (some & hw)
            gic->sources->written(gic, write->home, write->n, some, news);
        changed = change_bits(gic, cpu, some);
    } while (write->bits && !(changed | (some & hw)));
    vcpu_gic_touch(gic, write->home, write->n, changed, news);
}

void vcpu_gic_write_piece(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    if (cpu->write.offset == GICD_CTLR)
        tell_some(gic, &cpu->write, news);
    else if (cpu->write.offset <= GIC_WRITE_CHOOSE)
        gic->share->go_on(gic, &cpu->write, news);
    else
        change_some(gic, cpu, news);
}

void vcpu_gic_write_bits(struct vcpu_gic *gic, const struct gic_access *access, unsigned n,
                         uint32_t bits, uint32_t value, struct gic_news *news)
{
    access->cpu->write = (struct gic_write){.home = access->home,
                                            .bits = bits,
                                            .value = value,
                                            .offset = (uint16_t)access->offset,
                                            .n = (uint8_t)n};
    if (bits)
        vcpu_gic_write_piece(gic, access->cpu, news);
}
