/* SPDX-License-Identifier: MIT */
/* Starting and stopping CPUs, and their numbers. */
#include <kit/cpu.h>

#include <stdbool.h>

#include <kit/arch.h>
#include <kit/console.h>
#include <kit/smccc.h>

#include "internal.h"

/* A number stays with the CPU that first got it, and with the number goes a stack. */
struct slot {
    uint64_t affinity;
    bool named; /* affinity is valid */
    /* From kit_cpu_start until the CPU uses its stack only for the last call. */
    bool running;
    void (*fn)(uint64_t arg);
    uint64_t arg;
};

static struct slot slots[KIT_MAX_CPUS];
static struct kit_lock slots_lock;

static uint64_t own_affinity(void)
{
    return kit_mrs(mpidr_el1) & KIT_MPIDR_AFFINITY;
}

static void name_slot(unsigned int id, uint64_t affinity)
{
    slots[id].affinity = affinity;
    __atomic_store_n(&slots[id].named, true, __ATOMIC_RELEASE);
}

void kit_cpu_first(void)
{
    slots[0].running = true;
    name_slot(0, own_affinity());
}

/* No register is set apart for it: the guest may use TPIDR_EL1 and the rest as it likes. */
unsigned int kit_cpu_id(void)
{
    uint64_t affinity = own_affinity();
    unsigned int id = 0;

    while (id < KIT_MAX_CPUS - 1 && kit_cpu_affinity(id) != affinity)
        id++;
    return id;
}

uint64_t kit_cpu_affinity(unsigned int id)
{
    if (id >= KIT_MAX_CPUS || !__atomic_load_n(&slots[id].named, __ATOMIC_ACQUIRE))
        return KIT_CPU_NONE;
    return slots[id].affinity;
}

int64_t kit_cpu_start(uint64_t mpidr, void (*fn)(uint64_t arg), uint64_t arg)
{
    unsigned int id = 0;
    int64_t result;
    bool fresh;
    uint64_t daif = kit_irq_mask();

    kit_lock(&slots_lock);
    while (id < KIT_MAX_CPUS && slots[id].named && slots[id].affinity != mpidr)
        id++;
    if (id == KIT_MAX_CPUS) {
        result = KIT_CPU_NO_SLOT;
    } else if (__atomic_load_n(&slots[id].running, __ATOMIC_ACQUIRE)) {
        result = KIT_PSCI_ALREADY_ON;
    } else {
        fresh = !slots[id].named;
        slots[id].fn = fn;
        slots[id].arg = arg;
        slots[id].running = true;
        name_slot(id, mpidr);
        /* The new CPU reads the slot once its MMU is on, coherently; the call orders nothing. */
        kit_dsb(ish);
        result = (int64_t)kit_smccc(KIT_PSCI_CPU_ON_64, mpidr, (uint64_t)kit_secondary_entry, id);
        if (result != KIT_PSCI_SUCCESS) {
            slots[id].running = false;
            slots[id].named = !fresh;
        }
    }
    kit_unlock(&slots_lock);
    kit_irq_restore(daif);
    return result;
}

void kit_secondary_start(uint64_t cpu)
{
    slots[cpu].fn(slots[cpu].arg);
    kit_cpu_off();
}

void kit_cpu_off(void)
{
    (void)kit_irq_mask();
    /*
     * From here on kit_cpu_start may ask for this CPU again. It gets ALREADY_ON until the call
     * below has been taken, so that this stack has one user at any time.
     */
    __atomic_store_n(&slots[kit_cpu_id()].running, false, __ATOMIC_RELEASE);
    kit_smccc(KIT_PSCI_CPU_OFF, 0, 0, 0);
    kit_emergency_printf("guest-kit: CPU_OFF came back: reset\n");
    kit_reset();
}
