/* SPDX-License-Identifier: MIT */
#include "sched_cpus.h"

struct sched sched;
struct sched_vcpu vcpu[SCHED_MAX_VCPUS];

void sched_set_up(unsigned cpus, unsigned vcpus)
{
    sched_init(&sched, cpus, SLICE);
    for (unsigned i = 0; i < vcpus; i++)
        sched_add(&sched, &vcpu[i]);
}
