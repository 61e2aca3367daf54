/* SPDX-License-Identifier: MIT */
/* The hooks that this host gives to libvcpu. */
#ifndef MINI_HOST_HOST_H
#define MINI_HOST_HOST_H

#include <stdnoreturn.h>

#include <vcpu/error.h>
#include <vcpu/host.h>

/* For each mode: a CPU's id is its number in smp.h, a vCPU's user its struct guest_vcpu. */
extern const struct vcpu_host host_virtual, host_direct;

noreturn void host_refused(int error);

/* For the library's calls that cannot fail here: an error is a bug of this host, and its end. */
static inline void host_demand(int error)
{
    if (error != VCPU_OK)
        host_refused(error);
}

#endif
