/* SPDX-License-Identifier: MIT */
/* The mini-host's scheduler with vCPUs, all of them off. */
#ifndef VCPU_TESTS_SCHED_CPUS_H
#define VCPU_TESTS_SCHED_CPUS_H

#include "sched.h"

#define SLICE 100u

extern struct sched sched;
extern struct sched_vcpu vcpu[SCHED_MAX_VCPUS];

void sched_set_up(unsigned cpus, unsigned vcpus);

#endif
