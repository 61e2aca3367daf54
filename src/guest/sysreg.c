/* SPDX-License-Identifier: MIT */
#include "guest/sysreg.h"

#include <stddef.h>

#include <vcpu/sysreg.h>

#include "debug/debug.h"
#include "decode/sysreg.h"
#include "guest/account.h"
#include "hw/nospec.h"

static enum outcome read_only(struct vcpu_sysreg_access *access, uint64_t value)
{
    if (access->write)
        return OUTCOME_UNDEFINED;
    access->value = value;
    return OUTCOME_DONE;
}

static enum outcome zero(struct vcpu_sysreg_access *access)
{
    if (!access->write)
        access->value = 0;
    return OUTCOME_DONE;
}

/* The encodings that the account leaves to the host. */
static const struct {
    uint16_t first, count;
} exits[] = {
#define ROW_SWITCHED(first, n)
#define ROW_EMULATED(first, n)
#define ROW_EXIT(first, n) {first, n},
#define ROW_HIDDEN(first, n)
#define ROW_PLAIN(first, n)
#define ROW(fate, name, op0, op1, crn, crm, op2, n, el1, el0, feature, by)                         \
    ROW_##fate(VCPU_SYSREG(op0, op1, crn, crm, op2), n)
    ACCOUNT_TABLE(ROW)
#undef ROW
#undef ROW_SWITCHED
#undef ROW_EMULATED
#undef ROW_EXIT
#undef ROW_HIDDEN
#undef ROW_PLAIN
};

static bool is_exit(uint32_t encoding)
{
    for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
        if (encoding - exits[i].first < exits[i].count)
            return true;
    return account_is_impdef(encoding) || account_is_set_way(encoding);
}

enum outcome vcpu_sysreg_emulate(const uint64_t id[ID_REG_COUNT], struct debug_state *debug,
                                 struct vcpu_sysreg_access *access)
{
    uint32_t encoding = access->encoding;

    if (FIELD_GET(SYSREG_OP0, encoding) == 2)
        return vcpu_debug_sysreg(id, debug, access);

    /* op0 = 3, op1 = 0, CRn = 0: CRm = 1 to 7 are identification registers, assigned or not. */
    if (encoding >= VCPU_SYSREG(3, 0, 0, 1, 0) && encoding <= VCPU_SYSREG(3, 0, 0, 7, 7))
        return read_only(access,
                         id[NOSPEC_INDEX(encoding - VCPU_SYSREG(3, 0, 0, 1, 0), ID_REG_COUNT)]);

    switch (encoding) {
    case VCPU_SYSREG(3, 0, 0, 0, 6): /* REVIDR_EL1 */
    case VCPU_SYSREG(3, 1, 0, 0, 7): /* AIDR_EL1 */
        return read_only(access, 0);
    case VCPU_SYSREG(3, 0, 1, 0, 1): /* ACTLR_EL1: IMPLEMENTATION DEFINED, and of the machine */
        return zero(access);
    default:
        /* Trapped, so this CPU has it, but no guest is shown it. */
        return is_exit(encoding) ? OUTCOME_HOST : OUTCOME_UNDEFINED;
    }
}
