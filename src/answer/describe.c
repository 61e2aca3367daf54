/* SPDX-License-Identifier: MIT */
/* Pure. */
#include <vcpu/answer.h>

struct line {
    char *text;
    size_t size, length;
};

static void letter(struct line *line, char c)
{
    if (line->length + 1 < line->size)
        line->text[line->length] = c;
    line->length++;
}

static void words(struct line *line, const char *text)
{
    while (*text)
        letter(line, *text++);
}

/* before: words in front of the number. */
static void number(struct line *line, const char *before, uint64_t value, unsigned base)
{
    char digits[20];
    unsigned count = 0;

    words(line, before);
    do
        digits[count++] = "0123456789abcdef"[value % base];
    while (value /= base);
    while (count > 0)
        letter(line, digits[--count]);
}

static void decimal(struct line *line, const char *before, uint64_t value)
{
    number(line, before, value, 10);
}

static void hex(struct line *line, const char *before, uint64_t value)
{
    words(line, before);
    number(line, "0x", value, 16);
}

static void about_access(struct line *line, const struct vcpu_mmio *access, bool write)
{
    if (access->size == 0)
        return;
    decimal(line, " of ", access->size);
    words(line, access->size == 1 ? " byte" : " bytes");
    if (write)
        hex(line, ", data ", access->data);
}

static void about_sysreg(struct line *line, const struct vcpu_sysreg_access *access)
{
    unsigned encoding = access->encoding;

    decimal(line, " of S", encoding >> 14);
    decimal(line, "_", encoding >> 11 & 7);
    decimal(line, "_C", encoding >> 7 & 15);
    decimal(line, "_C", encoding >> 3 & 15);
    decimal(line, "_", encoding & 7);
    if (access->write)
        hex(line, ", value ", access->value);
}

static void about_fault(struct line *line, const struct vcpu_exit *exit)
{
    static const char *const kinds[] = {"translation", "access flag", "permission", "address size"};
    static const char *const accesses[] = {"read", "write", "fetch"};
    const struct vcpu_fault *fault = &exit->fault;

    words(line, " (");
    words(line, kinds[fault->kind & 3]);
    if (fault->level < 0)
        words(line, ", level -1");
    else
        decimal(line, ", level ", (unsigned)fault->level);
    words(line, ") of a ");
    words(line, fault->access <= VCPU_ACCESS_EXECUTE ? accesses[fault->access] : "?");
    about_access(line, &fault->mmio, fault->access == VCPU_ACCESS_WRITE);
    if (fault->cache_maintenance)
        words(line, " by cache maintenance");
    if (fault->s1ptw)
        words(line, ", on a table walk");
    if (fault->ipa_valid)
        hex(line, " at IPA ", exit->ipa.value);
    hex(line, ", virtual ", exit->far_el2);
}

static void about_debug(struct line *line, const struct vcpu_debug *debug)
{
    static const char *const kinds[] = {"step", "breakpoint ", "watchpoint ", "BRK "};

    words(line, ": ");
    words(line, kinds[debug->kind & 3]);
    if (debug->kind == VCPU_DEBUG_KIND_BRK)
        decimal(line, "#", debug->comment);
    else if (debug->kind != VCPU_DEBUG_KIND_STEP)
        decimal(line, "", debug->number);
    if (debug->kind == VCPU_DEBUG_KIND_WATCHPOINT)
        hex(line, " at ", debug->address);
}

static void about(struct line *line, const struct vcpu *vcpu)
{
    const struct vcpu_exit *exit = &vcpu->exit;

    switch (exit->reason) {
    case VCPU_EXIT_HYPERCALL:
        decimal(line, exit->smc ? " SMC #" : " HVC #", vcpu_exit_imm(exit));
        hex(line, ", x0 ", vcpu->regs.x[0]);
        break;
    case VCPU_EXIT_MMIO_READ:
    case VCPU_EXIT_MMIO_WRITE:
        about_access(line, &exit->mmio, exit->reason == VCPU_EXIT_MMIO_WRITE);
        hex(line, " at IPA ", exit->ipa.value);
        break;
    case VCPU_EXIT_SYSREG_READ:
    case VCPU_EXIT_SYSREG_WRITE:
        about_sysreg(line, &exit->sysreg);
        break;
    case VCPU_EXIT_CPU_UP:
        hex(line, " of ", vcpu->regs.x[1]); /* the target may be gone: after vcpu_reset */
        hex(line, " at ", exit->cpu_up.entry);
        hex(line, ", context ", exit->cpu_up.context);
        break;
    case VCPU_EXIT_CPU_SUSPEND:
        hex(line, ", power state ", exit->suspend.power_state);
        if (exit->suspend.power_down)
            hex(line, ", entry ", exit->suspend.entry);
        break;
    case VCPU_EXIT_SYSTEM_SUSPEND:
        hex(line, ", entry ", exit->suspend.entry);
        break;
    case VCPU_EXIT_SYSTEM_OFF:
        hex(line, ", type ", exit->system_off.type);
        break;
    case VCPU_EXIT_SYSTEM_RESET:
        hex(line, ", type ", exit->system_reset.type);
        hex(line, ", cookie ", exit->system_reset.cookie);
        break;
    case VCPU_EXIT_WFI:
    case VCPU_EXIT_WFE:
        if (exit->wait.timed)
            decimal(line, " until the count in x", exit->wait.reg);
        break;
    case VCPU_EXIT_STAGE2_FAULT:
        about_fault(line, exit);
        break;
    case VCPU_EXIT_DEBUG:
        about_debug(line, &exit->debug);
        break;
    default:
        break;
    }
}

size_t vcpu_exit_describe(const struct vcpu *vcpu, char *text, size_t size)
{
    struct line line = {.text = text, .size = size};

    words(&line, vcpu_exit_name(vcpu->exit.reason));
    about(&line, vcpu);
    hex(&line, ", pc ", vcpu->regs.pc);
    hex(&line, ", esr ", vcpu->exit.esr_el2);
    if (size > 0)
        text[line.length < size ? line.length : size - 1] = '\0';
    return line.length;
}
