/* SPDX-License-Identifier: MIT */
/* The handlers: what they are told, what they may change, from EL1 and from EL0. */
#include "check.h"

#define USER_VA     UINT64_C(0x3000000000)
#define USER_CODE   USER_VA
#define USER_STACK  (USER_VA + 0x2000) /* its top */
#define UNMAPPED_VA UINT64_C(0x3800000000)

/* probe() in probe.S. */
extern char probe_brk[], probe_change[];
uint64_t probe(uint64_t *registers);
extern char user_code[], user_svc[], user_sysreg[], user_load[], user_spin[], user_code_end[];

static struct kit_frame last;
static unsigned int taken;

static void skip(struct kit_frame *frame)
{
    last = *frame;
    taken++;
    frame->elr += kit_esr_length(frame->esr);
}

/* The return address of a call into data. */
static void leave_to_caller(struct kit_frame *frame)
{
    last = *frame;
    taken++;
    frame->elr = frame->x[30];
}

static void undefined_instructions_can_be_skipped(void)
{
    kit_set_handler(KIT_SYNC_CURRENT, skip);
    taken = 0;
    __asm__ volatile(".inst 0x00000000" ::: "memory");
    CHECK(taken == 1 && kit_esr_class(last.esr) == KIT_EC_UNKNOWN);
    CHECK((last.spsr & 0xf) == 5);
}

static void aborts_tell_address_and_direction(void)
{
    static const char constant = 'c';
    uint64_t text = (uint64_t)guest_main;

    kit_set_handler(KIT_SYNC_CURRENT, skip);
    taken = 0;
    (void)kit_read64(UNMAPPED_VA + 8);
    CHECK(taken == 1 && kit_esr_class(last.esr) == KIT_EC_DABORT_CURRENT);
    CHECK(last.far == UNMAPPED_VA + 8 && (last.esr & (1 << 6)) == 0);
    kit_write32(text, 0);
    CHECK(taken == 2 && kit_esr_class(last.esr) == KIT_EC_DABORT_CURRENT);
    CHECK(last.far == text && (last.esr & (1 << 6)) != 0);
    kit_write8((uint64_t)&constant, 0);
    CHECK(taken == 3);
}

static void data_is_not_executable(void)
{
    static uint32_t code[1] = {0xd65f03c0}; /* RET */

    kit_set_handler(KIT_SYNC_CURRENT, leave_to_caller);
    taken = 0;
    ((void (*)(void))(uintptr_t)code)();
    CHECK(taken == 1 && kit_esr_class(last.esr) == KIT_EC_IABORT_CURRENT);
    CHECK(last.elr == (uint64_t)code);
}

/* probe() loads x0-x30 with values of their own, and takes BRK; it stores what it has then. */
static void check_probe(struct kit_frame *frame)
{
    bool same = true;

    last = *frame;
    taken++;
    for (uint64_t i = 1; i < 31; i++)
        same = same && frame->x[i] == 0x1000 + i;
    CHECK(same);
    CHECK(frame->elr == (uint64_t)probe_brk);
    for (uint64_t i = 1; i < 31; i++)
        frame->x[i] = 0x2000 + i;
    frame->elr = (uint64_t)probe_change;
    frame->sp -= 64;
    frame->spsr ^= UINT64_C(0xf) << 28; /* N, Z, C and V */
}

static void every_register_is_seen_and_can_be_changed(void)
{
    uint64_t registers[33];
    bool same = true;
    uint64_t sp_before;

    kit_set_handler(KIT_SYNC_CURRENT, check_probe);
    taken = 0;
    sp_before = probe(registers);
    CHECK(taken == 1 && last.sp == sp_before);
    for (uint64_t i = 1; i < 31; i++)
        same = same && registers[i] == 0x2000 + i;
    CHECK(same);
    CHECK(registers[31] == sp_before - 64);
    CHECK((registers[32] ^ last.spsr) >> 28 == 0xf);
}

static void exceptions_are_taken_on_either_stack_pointer(void)
{
    uint64_t old = kit_mrs(sp_el0), seen;

    kit_set_handler(KIT_SYNC_CURRENT, skip);
    taken = 0;
    __asm__ volatile("msr sp_el0, %1\n\t"
                     "msr spsel, #0\n\t"
                     "brk #1\n\t"
                     "mov %0, sp\n\t"
                     "msr spsel, #1"
                     : "=&r"(seen)
                     : "r"(UINT64_C(0x12340))
                     : "memory");
    CHECK(taken == 1 && last.sp == 0x12340 && (last.spsr & 0xf) == 4);
    CHECK(seen == 0x12340);
    kit_msr(sp_el0, old);
}

static void nested(struct kit_frame *frame)
{
    if ((frame->esr & 0xffff) == 7) {
        __asm__ volatile("brk #8");
        CHECK(taken == 1 && frame->x[0] != 0);
    }
    taken++;
    frame->elr += 4;
}

static void handlers_may_take_exceptions(void)
{
    kit_set_handler(KIT_SYNC_CURRENT, nested);
    taken = 0;
    __asm__ volatile("mov x0, #1\n\tbrk #7" ::: "x0", "memory");
    CHECK(taken == 2);
}

static void setting_a_handler_returns_the_one_before(void)
{
    kit_set_handler(KIT_SYNC_CURRENT, skip);
    CHECK(kit_set_handler(KIT_SYNC_CURRENT, nested) == skip);
    CHECK(kit_set_handler(KIT_SYNC_CURRENT, NULL) == nested);
}

static unsigned int noted[KIT_EXCEPTIONS];

#define NOTES(kind)                                                                                \
    static void note_##kind(struct kit_frame *frame)                                               \
    {                                                                                              \
        (void)frame;                                                                               \
        noted[kind]++;                                                                             \
    }
NOTES(KIT_SYNC_CURRENT)
NOTES(KIT_IRQ_CURRENT)
NOTES(KIT_FIQ_CURRENT)
NOTES(KIT_SERROR_CURRENT)
NOTES(KIT_SYNC_LOWER)
NOTES(KIT_IRQ_LOWER)
NOTES(KIT_FIQ_LOWER)
NOTES(KIT_SERROR_LOWER)

/* Goes to a vector as an exception would, for those that nothing raises here. */
static void enter_vector(uint64_t slot)
{
    uint64_t vector = kit_mrs(vbar_el1) + slot * 0x80;

    kit_msr(spsr_el1, kit_mrs(daif) | 5); /* EL1h */
    __asm__ volatile("adr x1, 1f\n\t"
                     "msr elr_el1, x1\n\t"
                     "br %0\n"
                     "1:" ::"r"(vector)
                     : "x1", "memory");
}

/* Which of the 16 vectors calls which handler: four groups of four. */
static void every_vector_calls_the_handler_of_its_kind(void)
{
    static const kit_handler_t notes[KIT_EXCEPTIONS] = {
        note_KIT_SYNC_CURRENT, note_KIT_IRQ_CURRENT, note_KIT_FIQ_CURRENT, note_KIT_SERROR_CURRENT,
        note_KIT_SYNC_LOWER,   note_KIT_IRQ_LOWER,   note_KIT_FIQ_LOWER,   note_KIT_SERROR_LOWER,
    };
    bool good = true;

    for (unsigned int kind = 0; kind < KIT_EXCEPTIONS; kind++)
        kit_set_handler((enum kit_exception)kind, notes[kind]);
    for (unsigned int slot = 0; slot < 16; slot++) {
        unsigned int kind = slot < 8 ? slot % 4 : 4 + slot % 4;
        unsigned int before = noted[kind];

        enter_vector(slot);
        good = good && noted[kind] == before + 1;
    }
    CHECK(good);
    for (unsigned int kind = 0; kind < KIT_EXCEPTIONS; kind++) {
        CHECK(noted[kind] == 2);
        kit_set_handler((enum kit_exception)kind, NULL);
    }
}

static void leave_with_class(struct kit_frame *frame)
{
    last = *frame;
    kit_el0_leave(frame, kit_esr_class(frame->esr));
}

static uint64_t run_user(const char *entry, uint64_t arg)
{
    return kit_el0_run(USER_CODE + (uint64_t)(entry - user_code), USER_STACK, arg);
}

static void el0_comes_back_through_the_lower_handlers(void)
{
    uint64_t sp_el0 = kit_mrs(sp_el0);

    kit_set_handler(KIT_SYNC_LOWER, leave_with_class);
    CHECK(run_user(user_svc, 77) == KIT_EC_SVC);
    CHECK(last.x[0] == 77 && last.sp == USER_STACK - 16 && (last.spsr & 0xf) == 0);
    CHECK((last.esr & 0xffff) == 0x99 && last.x[19] == 0xdead);
    CHECK(kit_mrs(sp_el0) == sp_el0 && kit_mrs(currentel) >> 2 == 1);
}

static void el0_may_not_do_what_el1_may(void)
{
    static uint64_t secret;

    kit_set_handler(KIT_SYNC_LOWER, leave_with_class);
    CHECK(run_user(user_load, (uint64_t)&secret) == KIT_EC_DABORT_LOWER);
    CHECK(last.far == (uint64_t)&secret);
    CHECK(run_user(user_sysreg, 0) == KIT_EC_UNKNOWN || kit_esr_class(last.esr) == KIT_EC_SYSREG);
    CHECK(kit_el0_run((uint64_t)&secret, USER_STACK, 0) == KIT_EC_IABORT_LOWER);
}

static void on_lower_irq(struct kit_frame *frame)
{
    uint32_t irq = kit_irq_ack();

    kit_timer_stop();
    last = *frame;
    kit_irq_end(irq);
    kit_el0_leave(frame, KIT_INTID(irq));
}

static uint64_t timer_ticks;

/* On a busy machine it is due before EL0 is reached: then later. */
static void on_early_irq(struct kit_frame *frame)
{
    uint32_t irq = kit_irq_ack();

    (void)frame;
    timer_ticks *= 2;
    kit_timer_start(timer_ticks);
    kit_irq_end(irq);
}

static void interrupts_at_el0_are_lower_ones(uint64_t dtb)
{
    uint64_t daif = kit_mrs(daif);

    kit_gic_init(dtb);
    kit_irq_enable(KIT_IRQ_VIRTUAL_TIMER);
    kit_set_handler(KIT_IRQ_LOWER, on_lower_irq);
    kit_set_handler(KIT_IRQ_CURRENT, on_early_irq);
    timer_ticks = kit_counter_frequency() / 100;
    kit_timer_start(timer_ticks);
    kit_irq_unmask();
    CHECK(run_user(user_spin, 0) == KIT_IRQ_VIRTUAL_TIMER);
    kit_irq_restore(daif);
    CHECK((last.spsr & 0xf) == 0 && last.elr >= USER_CODE && last.elr < USER_CODE + 4096);
}

static void map_user_pages(void)
{
    static uint8_t stack[4096] __attribute__((aligned(4096)));
    static uint8_t code[4096] __attribute__((aligned(4096)));

    memcpy(code, user_code, (size_t)(user_code_end - user_code));
    kit_sync_code(code, sizeof(code));
    CHECK(kit_map(USER_CODE, (uint64_t)code, 4096, KIT_NORMAL | KIT_USER | KIT_EXEC) == 0);
    CHECK(kit_map(USER_STACK - 4096, (uint64_t)stack, 4096, KIT_NORMAL | KIT_USER | KIT_WRITE) ==
          0);
}

int guest_main(uint64_t dtb)
{
    undefined_instructions_can_be_skipped();
    aborts_tell_address_and_direction();
    data_is_not_executable();
    every_register_is_seen_and_can_be_changed();
    exceptions_are_taken_on_either_stack_pointer();
    handlers_may_take_exceptions();
    setting_a_handler_returns_the_one_before();
    every_vector_calls_the_handler_of_its_kind();
    map_user_pages();
    el0_comes_back_through_the_lower_handlers();
    el0_may_not_do_what_el1_may();
    interrupts_at_el0_are_lower_ones(dtb);
    return check_end("exceptions");
}
