/* SPDX-License-Identifier: MIT */
#include "decode/abort.h"
#include "run/decide.h"
#include "switch/translate.h"

/*
 * The guest's own tables translate far_el2. If they do not any more, another of its vCPUs has
 * changed them: the guest makes the access again.
 */
enum outcome vcpu_decide_fault(struct vcpu_state *v)
{
    struct vcpu_exit *exit = &v->pub.exit;
    uint64_t par = vcpu_translate_par(v, exit->far_el2, VCPU_ACCESS_EXECUTE, TRANSLATE_EL1);

    return vcpu_decode_apply_par(exit, par) ? OUTCOME_HOST : OUTCOME_AGAIN;
}
