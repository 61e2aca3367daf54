/* SPDX-License-Identifier: MIT */
/* Random numbers: SMCCC TRNG 1.0. */
#include <vcpu/psci.h>

#include "arm/field.h"
#include "calls/calls.h"

#define VERSION_TRNG 0x10000 /* 1.0: major in bits 30:16 */
#define NO_ENTROPY   (-3)
#define RESULTS      3u /* registers, x1 to x3 */

static void answer(struct vcpu *vcpu, int64_t status)
{
    vcpu->regs.x[0] = (uint64_t)status;
}

/* Only the low `bits` bits of the value that x3, x2 and x1 hold, `width` bits each, x3 the lowest. */
static void cut(uint64_t x[4], unsigned bits, unsigned width)
{
    for (unsigned i = 0; i < RESULTS; i++) {
        unsigned below = i * width;

        if (bits <= below)
            x[RESULTS - i] = 0;
        else if (bits - below < 64)
            x[RESULTS - i] &= BIT(bits - below) - 1;
    }
}

/*
 * The number of bits is in x1. The bytes go to x1 to x3 at once, so that there is no copy of them:
 * in memory they are a number of 192 bits, with the lowest in x1.
 */
static void rnd(const struct vcpu_calls *calls, struct vcpu *vcpu, unsigned width)
{
    uint64_t *x = vcpu->regs.x, bits = width == 32 ? (uint32_t)x[1] : x[1], low;
    int64_t status = VCPU_PSCI_SUCCESS;

    x[1] = x[2] = x[3] = 0;
    if (bits == 0 || bits > RESULTS * width)
        status = VCPU_PSCI_INVALID_PARAMETERS;
    else if (!calls->entropy(calls->entropy_ctx, vcpu, &x[1], (bits + 7) / 8))
        status = NO_ENTROPY;
    answer(vcpu, status);
    if (status != VCPU_PSCI_SUCCESS) {
        x[1] = x[2] = x[3] = 0; /* whatever the hook has written */
        return;
    }
    low = x[1];
    if (width == 64) {
        x[1] = x[3];
        x[3] = low;
    } else {
        x[1] = (uint32_t)x[2];
        x[2] = low >> 32;
        x[3] = (uint32_t)low;
    }
    cut(x, (unsigned)bits, width);
}

static bool is_trng(uint32_t function)
{
    return (function >= VCPU_TRNG_VERSION && function <= VCPU_TRNG_RND) ||
           function == (VCPU_TRNG_RND | VCPU_SMCCC_64BIT);
}

static void features(const struct vcpu_calls *calls, struct vcpu *vcpu)
{
    uint32_t asked = (uint32_t)vcpu->regs.x[1];

    answer(vcpu, is_trng(asked) && vcpu_calls_action(calls, asked) != VCPU_CALL_DENY
                     ? VCPU_PSCI_SUCCESS
                     : VCPU_PSCI_NOT_SUPPORTED);
}

bool vcpu_calls_trng(const struct vcpu_calls *calls, struct vcpu *vcpu)
{
    uint32_t function = (uint32_t)vcpu->regs.x[0];

    if (!is_trng(function))
        return false;
    switch (function) {
    case VCPU_TRNG_VERSION:
        answer(vcpu, VERSION_TRNG);
        break;
    case VCPU_TRNG_FEATURES:
        features(calls, vcpu);
        break;
    case VCPU_TRNG_GET_UUID:
        for (unsigned i = 0; i < 4; i++)
            vcpu->regs.x[i] = calls->trng_uuid[i];
        break;
    default:
        rnd(calls, vcpu, function & VCPU_SMCCC_64BIT ? 64 : 32);
        break;
    }
    return true;
}
