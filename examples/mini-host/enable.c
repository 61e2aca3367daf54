/* SPDX-License-Identifier: MIT */
#include "enable.h"

#include "exit.h"
#include "host.h"
#include "terminal.h"

/* What the guests have trained the branch predictor to, and their SErrors, is not the host's. */
static void harden_cpu(struct vcpu_percpu *percpu, unsigned index)
{
    struct vcpu_hardening done;

    host_demand(vcpu_percpu_harden(percpu, VCPU_HARDEN_BRANCHES | VCPU_HARDEN_SERRORS, &done));
    terminal_print("mini-host: CPU %u: each exit looks for SErrors%s%s%s%s", index,
                   done.loop ? ", has a loop of branches" : "", done.clrbhb ? ", has CLRBHB" : "",
                   done.call ? ", calls the firmware" : "",
                   done.targets_exposed || done.history_exposed
                       ? "; the firmware does not do what the CPU needs besides"
                       : "");
}

void enable_library(struct vcpu_percpu *percpu, unsigned index, bool has_firmware, bool harden)
{
    const struct vcpu_percpu_config config = {
        .host = &host_virtual,
        .id = index,
        .flags = VCPU_PERCPU_HOST_CNTPCT,
    };
    int error = vcpu_percpu_enable(percpu, &config);

    if (error != VCPU_OK)
        exit_panic("libvcpu cannot use CPU %u: %s", index, vcpu_error_string(error));
    if (has_firmware)
        host_demand(vcpu_percpu_ask_firmware(percpu));
    if (harden)
        harden_cpu(percpu, index);
}
