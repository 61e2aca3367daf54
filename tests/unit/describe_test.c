/* SPDX-License-Identifier: MIT */
/* An exit in words. */
#include "cmocka_all.h"

#include <string.h>

#include <vcpu/answer.h>

static struct vcpu vcpu;

#define EXIT(of, ...)                                                                              \
    (vcpu.exit = (struct vcpu_exit){.reason = VCPU_EXIT_##of, .esr_el2 = 0x93830006, __VA_ARGS__})

/* The end that each line has. */
#define END ", pc 0x40080124, esr 0x93830006"

static void says(const char *expected)
{
    char text[200];

    vcpu.regs.pc = 0x40080124;
    memset(text, '#', sizeof(text));
    assert_int_equal(vcpu_exit_describe(&vcpu, text, sizeof(text)), strlen(expected));
    assert_string_equal(text, expected);
}

static void each_reason_has_its_line(void **state)
{
    (void)state;
    EXIT(NONE);
    says("none" END);
    vcpu.regs.x[0] = 0x84000000;
    EXIT(HYPERCALL);
    says("hypercall HVC #6, x0 0x84000000" END);
    EXIT(HYPERCALL, .smc = 1);
    says("hypercall SMC #6, x0 0x84000000" END);
    EXIT(MMIO_READ, .ipa = {0x9000018}, .mmio = {.size = 4, .data = 7});
    says("mmio-read of 4 bytes at IPA 0x9000018" END);
    EXIT(MMIO_WRITE, .ipa = {0x9000000}, .mmio = {.size = 1, .data = 0x41});
    says("mmio-write of 1 byte, data 0x41 at IPA 0x9000000" END);
    EXIT(SYSREG_READ, .sysreg = {.encoding = 3u << 14 | 1u << 11 | 15u << 7 | 2u << 3 | 4});
    says("sysreg-read of S3_1_C15_C2_4" END);
    EXIT(SYSREG_WRITE, .sysreg = {.encoding = 2u << 14 | 7, .write = true, .value = UINT64_MAX});
    says("sysreg-write of S2_0_C0_C0_7, value 0xffffffffffffffff" END);
    vcpu.regs.x[1] = 0x105;
    EXIT(CPU_UP, .cpu_up = {.entry = 0x40080000});
    says("cpu-up of 0x105 at 0x40080000, context 0x0" END);
    EXIT(CPU_DOWN);
    says("cpu-down" END);
    EXIT(CPU_SUSPEND, .suspend = {.power_state = 3, .entry = 9});
    says("cpu-suspend, power state 0x3" END);
    EXIT(CPU_SUSPEND, .suspend = {.power_state = 0x10000, .power_down = true, .entry = 0x80});
    says("cpu-suspend, power state 0x10000, entry 0x80" END);
    EXIT(SYSTEM_SUSPEND, .suspend = {.entry = 0x80, .power_down = true});
    says("system-suspend, entry 0x80" END);
    EXIT(SYSTEM_OFF, .system_off = {.type = 1});
    says("system-off, type 0x1" END);
    EXIT(SYSTEM_RESET, .system_reset = {.type = 0x80000000, .cookie = 0x99});
    says("system-reset, type 0x80000000, cookie 0x99" END);
    EXIT(IRQ);
    says("irq" END);
    EXIT(WFI);
    says("wfi" END);
    EXIT(WFE, .wait = {.timed = true, .reg = 30});
    says("wfe until the count in x30" END);
    EXIT(SERROR);
    says("serror" END);
    EXIT(KICK);
    says("kick" END);
    EXIT(UNHANDLED);
    says("unhandled" END);
    vcpu.exit.reason = 1000;
    says("unknown" END);
}

static void faults(void **state)
{
    (void)state;
    EXIT(STAGE2_FAULT, .ipa = {0x8000}, .far_el2 = 0xffff000000008010,
         .fault = {.kind = VCPU_FAULT_PERMISSION,
                   .access = VCPU_ACCESS_WRITE,
                   .level = 3,
                   .ipa_valid = true,
                   .mmio = {.size = 8, .data = 0x12}});
    says("stage2-fault (permission, level 3) of a write of 8 bytes, data 0x12 at IPA 0x8000, "
         "virtual 0xffff000000008010" END);
    EXIT(STAGE2_FAULT, .ipa = {0x8000}, .far_el2 = 0x10,
         .fault = {.kind = VCPU_FAULT_TRANSLATION,
                   .access = VCPU_ACCESS_EXECUTE,
                   .level = -1,
                   .s1ptw = true});
    says("stage2-fault (translation, level -1) of a fetch, on a table walk, virtual 0x10" END);
    EXIT(STAGE2_FAULT, .ipa = {0x9000},
         .fault = {.kind = VCPU_FAULT_ACCESS_FLAG,
                   .access = VCPU_ACCESS_READ,
                   .level = 0,
                   .ipa_valid = true,
                   .cache_maintenance = true});
    says("stage2-fault (access flag, level 0) of a read by cache maintenance at IPA 0x9000, "
         "virtual 0x0" END);
}

static void debug_exits(void **state)
{
    (void)state;
    EXIT(DEBUG, .debug = {.kind = VCPU_DEBUG_KIND_STEP, .number = 2});
    says("debug: step" END);
    EXIT(DEBUG, .debug = {.kind = VCPU_DEBUG_KIND_BREAKPOINT, .number = 2});
    says("debug: breakpoint 2" END);
    EXIT(DEBUG, .debug = {.kind = VCPU_DEBUG_KIND_WATCHPOINT, .number = 0, .address = 0x77});
    says("debug: watchpoint 0 at 0x77" END);
    EXIT(DEBUG, .debug = {.kind = VCPU_DEBUG_KIND_BRK, .comment = 0xf000});
    says("debug: BRK #61440" END);
}

/* As snprintf: cut, always with an end, and nothing behind it is written. */
static void a_small_buffer_has_the_beginning(void **state)
{
    static const char whole[] = "irq" END;
    char text[sizeof(whole) + 2];

    (void)state;
    EXIT(IRQ);
    vcpu.regs.pc = 0x40080124;
    assert_int_equal(vcpu_exit_describe(&vcpu, NULL, 0), sizeof(whole) - 1);
    for (size_t size = 1; size <= sizeof(whole) + 1; size++) {
        size_t kept = size < sizeof(whole) ? size - 1 : sizeof(whole) - 1;

        memset(text, '#', sizeof(text));
        assert_int_equal(vcpu_exit_describe(&vcpu, text, size), sizeof(whole) - 1);
        assert_memory_equal(text, whole, kept);
        assert_int_equal(text[kept], 0);
        assert_int_equal(text[kept + 1], '#');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_has_its_line),
        cmocka_unit_test(faults),
        cmocka_unit_test(debug_exits),
        cmocka_unit_test(a_small_buffer_has_the_beginning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
