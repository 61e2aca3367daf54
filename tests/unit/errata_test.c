/* SPDX-License-Identifier: MIT */
/*
 * docs/errata.md and the code say the same: of each CPU what vcpu_percpu_harden does, which of the
 * firmware's calls its guests do not need, and which CPUs are refused. And the page is whole: its
 * CPUs are in its table, the files that it names are there.
 */
#include "cmocka_all.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/firmware.h"
#include "cpu/hardening.h"
#include "cpu/probe.h"

#define CPUS    128
#define COLUMNS 5

static struct cpu {
    char name[32];
    uint32_t midr;
    bool targets_safe, history_safe, stores_safe;
    unsigned loop;
    bool refused; /* by a row of the second table */
} cpus[CPUS];
static unsigned count;

/* The implementers of CPUs of this architecture. */
static const uint8_t implementers[] = {0x41, 0x42, 0x43, 0x46, 0x48, 0x4e, 0x50, 0x51,
                                       0x53, 0x56, 0x61, 0x66, 0x69, 0x6d, 0x70, 0xc0};

static char *trimmed(char *text)
{
    char *end;

    while (*text == ' ')
        text++;
    end = text + strlen(text);
    while (end > text && (end[-1] == ' ' || end[-1] == '\n'))
        *--end = '\0';
    return text;
}

/* The cells of a row of a table; how many. 0: it is another line, a head or a rule. */
static unsigned cells_of(char *line, char *cell[COLUMNS])
{
    unsigned cells = 0;
    char *bar;

    if (line[0] != '|' || strstr(line, "| ---"))
        return 0;
    for (line++; (bar = strchr(line, '|')); line = bar + 1) {
        assert_true(cells < COLUMNS);
        *bar = '\0';
        cell[cells++] = trimmed(line);
    }
    return strcmp(cell[0], "CPU") == 0 || strcmp(cell[0], "erratum") == 0 ? 0 : cells;
}

static struct cpu *find(const char *name)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(cpus[i].name, name) == 0)
            return &cpus[i];
    return NULL;
}

static void take_cpu(char *cell[COLUMNS])
{
    struct cpu *cpu = &cpus[count];

    assert_true(count < CPUS && strlen(cell[0]) < sizeof(cpu->name));
    assert_null(find(cell[0]));
    strcpy(cpu->name, cell[0]);
    cpu->midr = (uint32_t)strtoul(cell[1], NULL, 16);
    cpu->targets_safe = strcmp(cell[2], "safe") == 0;
    cpu->history_safe = strcmp(cell[3], "safe") == 0;
    assert_true(cpu->targets_safe || strcmp(cell[2], "firmware") == 0);
    if (!cpu->history_safe && strcmp(cell[3], "firmware") != 0)
        assert_int_equal(sscanf(cell[3], "loop %u", &cpu->loop), 1);
    cpu->stores_safe = strcmp(cell[4], "safe") == 0;
    assert_true(cpu->stores_safe || strcmp(cell[4], "open") == 0);
    count++;
}

/* `file` in backticks is there, from the tree's root. */
static unsigned files_of(const char *text)
{
    unsigned files = 0;

    while ((text = strchr(text, '`'))) {
        const char *end = strchr(text + 1, '`');
        char path[512];
        FILE *file;

        assert_non_null(end);
        snprintf(path, sizeof(path), "%s/%.*s", ROOT, (int)(end - text - 1), text + 1);
        file = fopen(path, "r");
        if (!file)
            fail_msg("the page names %s, which is not there", path);
        fclose(file);
        files++;
        text = end + 1;
    }
    return files;
}

static void take_erratum(char *cell[COLUMNS])
{
    static const char *const who[] = {"handled",  "avoided", "guest", "host",
                                      "firmware", "refused", "open"};
    bool known = false, refused = strncmp(cell[3], "refused", 7) == 0;
    bool ours = refused || strncmp(cell[3], "handled", 7) == 0 || cell[3][0] == 'a';

    for (unsigned i = 0; i < sizeof(who) / sizeof(who[0]); i++)
        known |= strncmp(cell[3], who[i], strlen(who[i])) == 0;
    if (!known)
        fail_msg("%s: nobody's", cell[0]);
    if (files_of(cell[3]) == 0 && ours)
        fail_msg("%s: the page does not say where", cell[0]);
    for (char *name = strtok(cell[1], ","); name; name = strtok(NULL, ",")) {
        struct cpu *cpu = find(trimmed(name));

        if (!cpu)
            fail_msg("%s: there is no %s in the table of CPUs", cell[0], name);
        else
            cpu->refused |= refused;
    }
}

static int read_page(void **state)
{
    FILE *page = fopen(ROOT "/docs/errata.md", "r");
    unsigned errata = 0;
    char line[1024];

    (void)state;
    assert_non_null(page);
    while (fgets(line, sizeof(line), page)) {
        char *cell[COLUMNS];
        unsigned cells = cells_of(line, cell);

        assert_non_null(memchr(line, '\0', sizeof(line) - 1));
        if (cells == 0)
            continue;
        if (strncmp(cell[1], "0x", 2) == 0) {
            assert_int_equal(cells, 5);
            take_cpu(cell);
        } else {
            assert_int_equal(cells, 4);
            take_erratum(cell);
            errata++;
        }
    }
    fclose(page);
    assert_true(count > 50 && errata > 40);
    return 0;
}

/* A CPU whose ID registers say nothing, and whose firmware has nothing. */
static struct vcpu_hardening bare(uint32_t midr)
{
    const struct firmware_answers none = {.asked = true, .workaround = {-1, -1, -1}};
    const uint64_t id[ID_COUNT] = {[ID_MIDR_EL1] = midr};

    return vcpu_hardening_choose(id, &none);
}

/* Bit n: its guests do not need ARCH_WORKAROUND_<n + 1>. */
static unsigned unaffected(uint32_t midr)
{
    const uint64_t id[ID_COUNT] = {[ID_MIDR_EL1] = midr};

    return vcpu_firmware_unaffected(id);
}

static void the_page_says_what_each_cpu_does(void **state)
{
    (void)state;
    for (unsigned i = 0; i < count; i++) {
        struct vcpu_hardening h = bare(cpus[i].midr);

        if (h.targets_exposed == cpus[i].targets_safe || h.loop != cpus[i].loop ||
            h.history_exposed != (!cpus[i].history_safe && !cpus[i].loop))
            fail_msg("%s: the code does something else", cpus[i].name);
        if (unaffected(cpus[i].midr) !=
            (unsigned)(cpus[i].targets_safe | cpus[i].stores_safe << 1 | cpus[i].history_safe << 2))
            fail_msg("%s: a guest is told something else", cpus[i].name);
        assert_int_equal(probe_is_refused(cpus[i].midr), cpus[i].refused);
    }
}

/* Of all numbers that a CPU may have. */
static void the_code_knows_no_cpu_that_is_not_on_the_page(void **state)
{
    unsigned found = 0;

    (void)state;
    for (unsigned i = 0; i < sizeof(implementers); i++) {
        for (uint32_t part = 0; part < 0x1000; part++) {
            uint32_t midr = (uint32_t)implementers[i] << 24 | 0xf0000 | part << 4;
            struct vcpu_hardening h = bare(midr);
            bool on_page = false;

            if (h.targets_exposed && h.history_exposed && !unaffected(midr) &&
                !probe_is_refused(midr))
                continue;
            found++;
            for (unsigned cpu = 0; cpu < count; cpu++)
                on_page |= cpus[cpu].midr == midr;
            if (!on_page)
                fail_msg("0x%08x is not on the page", midr);
        }
    }
    assert_true(found > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_says_what_each_cpu_does),
        cmocka_unit_test(the_code_knows_no_cpu_that_is_not_on_the_page),
    };
    return cmocka_run_group_tests(tests, read_page, NULL);
}
