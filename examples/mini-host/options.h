/* SPDX-License-Identifier: MIT */
/* The mini-host's own command line: /chosen/bootargs of the machine. Pure. */
#ifndef MINI_HOST_OPTIONS_H
#define MINI_HOST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_MAX_VMS    8u
#define OPTIONS_MAX_VCPUS  8u
#define OPTIONS_MIN_MEMORY 8u
#define OPTIONS_MAX_MEMORY 65536u
#define OPTIONS_NAME_SIZE  16u /* with the NUL */

enum options_mode {
    /* Guests own nothing: interrupts, timers and UARTs are virtual, vCPUs share the CPUs. */
    OPTIONS_VIRTUAL,
    /* The one guest has the physical interrupts, timers and UART to itself, a CPU each vCPU. */
    OPTIONS_DIRECT,
};

/*
 * A virtual machine. Its files are boot modules, told apart by where QEMU put them: an address here
 * is that of a module, 0 if the word was not given. Never are both kernel and firmware set; with
 * neither the VM gets the first kernel and the first initrd that there are.
 */
struct options_vm {
    char name[OPTIONS_NAME_SIZE]; /* name=TEXT of letters, digits and . _ -; else vm1, vm2, ... */
    unsigned vcpus;               /* vcpus=N; as many as the machine has CPUs if not given */
    unsigned memory;              /* memory=MIB, 256 if not given */
    bool pmu;                     /* pmu: it has a performance monitor */
    bool times;                   /* times: its exits are timed */
    uint64_t kernel;              /* kernel=0xADDRESS */
    uint64_t initrd;              /* initrd=0xADDRESS */
    uint64_t firmware;            /* firmware=0xADDRESS */
};

struct options {
    enum options_mode mode; /* mode=virtual or mode=direct; virtual if not given */
    bool harden;            /* harden: what vcpu_percpu_harden does at exits */
    unsigned vm_count;      /* 1 to OPTIONS_MAX_VMS */
    struct options_vm vms[OPTIONS_MAX_VMS];
};

/*
 * Reads words that are separated by spaces. The word "vm" begins the description of a VM. Words
 * before the first one are defaults for all; without any "vm" there is one VM. Of two words for the
 * same thing the last counts. `cpus` is the number of the machine's CPUs, 1 to 8. Returns false on
 * an error, with one line about it, without a newline, in error (size bytes).
 */
bool options_parse(const char *text, unsigned cpus, struct options *options, char *error,
                   size_t size);

#endif
