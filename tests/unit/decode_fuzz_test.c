/* SPDX-License-Identifier: MIT */
/* Whatever the registers hold, the exit that comes of them is well formed. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "decode/abort.h"
#include "decode/exception.h"
#include "decode/mmio.h"
#include "random.h"

#define ROUNDS 100000

/* HPFAR_EL2 between NS (bit 63) and FIPA (47:4): the architecture promises 0. */
#define HPFAR_RES0 UINT64_C(0x7fff000000000000)

static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t draw(void)
{
    return random64(&seed);
}

/* Half of them aborts with a fault of stage 2, which plain chance would seldom hit. */
static uint64_t random_esr(void)
{
    uint64_t esr = draw();

    if (esr & UINT64_C(1) << 63)
        esr = (esr & 0xffffffff02ffffcf) | (esr >> 62 & 1 ? 0x81000000 : 0x91000000);
    return esr;
}

static void check_mmio(const struct vcpu_mmio *mmio, uint64_t esr, const uint64_t *x, bool store)
{
    uint64_t reg = esr >> 16 & 31;
    uint64_t limit = mmio->size < 8 ? UINT64_C(1) << 8 * mmio->size : 0;

    assert_true(mmio->size == 1 || mmio->size == 2 || mmio->size == 4 || mmio->size == 8);
    assert_int_equal(decode_mmio_reg(esr), reg);
    if (!store || reg == 31)
        assert_int_equal(mmio->data, 0);
    else
        assert_int_equal(mmio->data, limit ? x[reg] % limit : x[reg]);
}

static void check_fault(const struct vcpu_exit *exit, const uint64_t *x, uint64_t far)
{
    const struct vcpu_fault *fault = &exit->fault;

    assert_in_range(fault->kind, VCPU_FAULT_TRANSLATION, VCPU_FAULT_ADDRESS_SIZE);
    assert_in_range(fault->access, VCPU_ACCESS_READ, VCPU_ACCESS_EXECUTE);
    assert_in_range(fault->level + 1, 0, 4);
    assert_int_equal(exit->far_el2, far);
    if (fault->mmio.size != 0) {
        assert_false(fault->s1ptw || fault->cache_maintenance);
        assert_int_not_equal(fault->access, VCPU_ACCESS_EXECUTE);
        check_mmio(&fault->mmio, exit->esr_el2, x, fault->access == VCPU_ACCESS_WRITE);
    }
    if (!fault->ipa_valid) {
        assert_int_equal(fault->kind, VCPU_FAULT_PERMISSION);
        assert_int_equal(exit->ipa.value, 0);
    } else {
        assert_int_equal(exit->ipa.value & 0xfff, fault->s1ptw ? 0 : far & 0xfff);
    }
    assert_int_equal(decode_needs_translation(exit), !fault->ipa_valid);
}

/* What of FAR_EL2 counts: with FnP, bit 15 of a data abort without ISV, only the page. */
static uint64_t precise(uint64_t esr, uint64_t far)
{
    bool imprecise = (esr >> 26 & 0x3f) == 0x24 && !(esr >> 24 & 1) && (esr >> 15 & 1);

    return imprecise ? far & ~UINT64_C(0xfff) : far;
}

static void every_exit_is_well_formed(void **state)
{
    unsigned seen[VCPU_EXIT_REASONS] = {0};

    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t esr = random_esr(), far = draw(), hpfar = draw() & ~HPFAR_RES0;
        struct vcpu_regs regs;
        struct vcpu_exit exit;

        for (unsigned n = 0; n < sizeof(regs) / sizeof(uint64_t); n++)
            ((uint64_t *)&regs)[n] = draw();
        memset(&exit, 0xa5, sizeof(exit));
        vcpu_decode_exception(esr, far, hpfar, &regs, &exit);
        far = precise(esr, far);

        assert_in_range(exit.reason, VCPU_EXIT_NONE + 1, VCPU_EXIT_REASONS - 1);
        seen[exit.reason]++;
        assert_int_equal(exit.esr_el2, esr);
        assert_true(exit.far_el2 == 0 || exit.far_el2 == far);
        assert_int_equal(exit.ipa.value >> 56, 0);
        switch (exit.reason) {
        case VCPU_EXIT_MMIO_READ:
        case VCPU_EXIT_MMIO_WRITE:
            check_mmio(&exit.mmio, esr, regs.x, exit.reason == VCPU_EXIT_MMIO_WRITE);
            break;
        case VCPU_EXIT_STAGE2_FAULT:
            check_fault(&exit, regs.x, far);
            break;
        case VCPU_EXIT_SYSREG_READ:
        case VCPU_EXIT_SYSREG_WRITE:
            assert_in_range(exit.sysreg.encoding, 0, 0xffff);
            assert_int_equal(exit.sysreg.write, exit.reason == VCPU_EXIT_SYSREG_WRITE);
            assert_int_equal(exit.sysreg.value, exit.sysreg.write && exit.sysreg.reg != 31
                                                    ? regs.x[exit.sysreg.reg]
                                                    : 0);
            break;
        case VCPU_EXIT_WFI:
        case VCPU_EXIT_WFE:
            assert_in_range(exit.wait.reg, 0, 31);
            break;
        case VCPU_EXIT_HYPERCALL:
        case VCPU_EXIT_DEBUG:
        case VCPU_EXIT_UNHANDLED:
            break;
        default:
            fail_msg("no exception gives reason %u", exit.reason);
        }
        /* Any pstate, any syndrome: it only must come back. */
        vcpu_decode_condition_passed(esr, regs.pstate);
    }
    /* The dice reached all of it. */
    assert_true(seen[VCPU_EXIT_MMIO_READ] > 100 && seen[VCPU_EXIT_MMIO_WRITE] > 100);
    assert_true(seen[VCPU_EXIT_STAGE2_FAULT] > 100 && seen[VCPU_EXIT_SYSREG_WRITE] > 100);
}

/* Left to the whole: level -1, and bits that mean nothing in a translation fault (FnV, EA). */
static bool is_for_the_fast_path(uint64_t esr)
{
    return (esr & 0x3f) != 0x2b && !(esr & 0x600);
}

static void the_fast_path_and_the_whole_agree(void **state)
{
    unsigned seen[VCPU_EXIT_REASONS] = {0};
    uint64_t *x = malloc(31 * sizeof(*x)); /* of its own: reading x[31] is an error in ASan */

    (void)state;
    assert_non_null(x);
    for (unsigned i = 0; i < ROUNDS; i++) {
        /* Of a data abort: the fast path is for no other class. */
        uint64_t esr = (random_esr() & ~UINT64_C(0xfc000000)) | 0x90000000;
        uint64_t far = draw(), hpfar = draw() & ~HPFAR_RES0;
        struct vcpu_regs regs = {.pc = draw()};
        struct vcpu_exit fast, whole;
        bool taken;

        for (unsigned n = 0; n < 31; n++)
            regs.x[n] = x[n] = draw();
        memset(&fast, 0x5a, sizeof(fast));
        taken = decode_mmio(esr, far, hpfar, x, &fast);
        vcpu_decode_exception(esr, far, hpfar, &regs, &whole);
        assert_int_equal(
            taken, (whole.reason == VCPU_EXIT_MMIO_READ || whole.reason == VCPU_EXIT_MMIO_WRITE) &&
                       is_for_the_fast_path(esr));
        if (!taken)
            continue;
        assert_int_equal(fast.reason, whole.reason);
        assert_int_equal(fast.far_el2, whole.far_el2);
        assert_int_equal(fast.ipa.value, whole.ipa.value);
        assert_int_equal(fast.smc, whole.smc);
        assert_int_equal(fast.mmio.size, whole.mmio.size);
        if (fast.reason == VCPU_EXIT_MMIO_WRITE)
            assert_int_equal(fast.mmio.data, whole.mmio.data);
        seen[fast.reason]++;
    }
    free(x);
    assert_true(seen[VCPU_EXIT_MMIO_READ] > 50 && seen[VCPU_EXIT_MMIO_WRITE] > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_exit_is_well_formed),
        cmocka_unit_test(the_fast_path_and_the_whole_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
