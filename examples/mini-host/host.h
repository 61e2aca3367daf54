/* SPDX-License-Identifier: MIT */
/* The hooks that this host gives to libvcpu. */
#ifndef MINI_HOST_HOST_H
#define MINI_HOST_HOST_H

#include <vcpu/host.h>

/* For each mode: a CPU's id is its number in smp.h, a vCPU's user its struct guest_vcpu. */
extern const struct vcpu_host host_virtual, host_direct;

/* For the library's calls that cannot fail here: an error is a bug of this host, and its end. */
void host_demand(int error);

#endif
