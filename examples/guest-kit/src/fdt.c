/* SPDX-License-Identifier: MIT */
/* Reads flattened device trees: one property after the other, each offset checked. */
#include <kit/fdt.h>

#include <stddef.h>

#include <kit/string.h>

#define FDT_MAGIC    0xd00dfeedu
#define FDT_VERSION  17u
#define FDT_MAX_SIZE (2u << 20) /* none is larger by the boot protocol of Linux */

/* Offsets in the header. */
enum {
    HEADER_MAGIC = 0,
    HEADER_TOTAL_SIZE = 4,
    HEADER_STRUCT = 8,
    HEADER_STRINGS = 12,
    HEADER_VERSION = 20,
    HEADER_STRINGS_SIZE = 32,
    HEADER_STRUCT_SIZE = 36,
    HEADER_SIZE = 40,
};

enum { BEGIN_NODE = 1, END_NODE = 2, PROPERTY = 3, NOP = 4 };

struct reader {
    const uint8_t *structure, *strings;
    uint32_t structure_size, strings_size;
    uint32_t at;        /* in the structure block */
    unsigned int depth; /* 1: a property of the root */
    unsigned int node;  /* counts the nodes */
    bool in_chosen;     /* at depth 2: a property of /chosen */
};

struct property {
    const char *name;
    const uint8_t *value;
    uint32_t size;
};

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool inside(uint32_t offset, uint32_t size, uint32_t limit)
{
    return offset <= limit && size <= limit - offset;
}

static bool reader_open(struct reader *r, uint64_t dtb)
{
    const uint8_t *header = (const uint8_t *)dtb;
    uint32_t total, structure, strings;

    if (dtb == 0 || be32(header + HEADER_MAGIC) != FDT_MAGIC)
        return false;
    total = be32(header + HEADER_TOTAL_SIZE);
    structure = be32(header + HEADER_STRUCT);
    strings = be32(header + HEADER_STRINGS);
    *r = (struct reader){.structure_size = be32(header + HEADER_STRUCT_SIZE),
                         .strings_size = be32(header + HEADER_STRINGS_SIZE)};
    if (be32(header + HEADER_VERSION) < FDT_VERSION || total < HEADER_SIZE ||
        total > FDT_MAX_SIZE || !inside(structure, r->structure_size, total) ||
        !inside(strings, r->strings_size, total))
        return false;
    r->structure = header + structure;
    r->strings = header + strings;
    return true;
}

static bool take_cell(struct reader *r, uint32_t *cell)
{
    if (!inside(r->at, 4, r->structure_size))
        return false;
    *cell = be32(r->structure + r->at);
    r->at += 4;
    return true;
}

/* Steps over bytes and what pads them to a cell. */
static bool skip(struct reader *r, uint32_t size)
{
    if (!inside(r->at, size, r->structure_size))
        return false;
    r->at = (r->at + size + 3) & ~UINT32_C(3);
    return true;
}

static bool take_property(struct reader *r, struct property *p)
{
    uint32_t name;

    if (!take_cell(r, &p->size) || !take_cell(r, &name) || name >= r->strings_size)
        return false;
    p->name = (const char *)r->strings + name;
    p->value = r->structure + r->at;
    return strnlen(p->name, r->strings_size - name) < r->strings_size - name && skip(r, p->size);
}

/* The next property of the tree; false at its end, or where it is not well formed. */
static bool reader_next(struct reader *r, struct property *p)
{
    uint32_t token;

    while (take_cell(r, &token)) {
        switch (token) {
        case BEGIN_NODE: {
            const char *name = (const char *)r->structure + r->at;
            uint32_t left = r->structure_size - r->at;

            r->depth++;
            r->node++;
            if (r->depth == 2)
                r->in_chosen = strncmp(name, "chosen", left) == 0;
            if (!skip(r, (uint32_t)strnlen(name, left) + 1))
                return false;
            break;
        }
        case END_NODE:
            r->depth--;
            break;
        case PROPERTY:
            return take_property(r, p);
        case NOP:
            break;
        default:
            return false;
        }
    }
    return false;
}

/* A list of strings, each ended by a zero, holds this one. */
static bool has_string(const struct property *p, const char *text)
{
    const char *list = (const char *)p->value;
    size_t wanted = strlen(text) + 1, length;

    for (size_t at = 0; at < p->size; at += length) {
        length = strnlen(list + at, p->size - at) + 1;
        if (length == wanted && length <= p->size - at && memcmp(list + at, text, wanted) == 0)
            return true;
    }
    return false;
}

static uint64_t cells(const uint8_t *value, uint32_t count)
{
    uint64_t number = 0;

    for (uint32_t i = 0; i < count; i++)
        number = number << 32 | be32(value + 4 * i);
    return number;
}

bool kit_fdt_valid(uint64_t dtb)
{
    struct reader r;

    return reader_open(&r, dtb);
}

bool kit_fdt_compatible(uint64_t dtb, const char *compatible)
{
    struct reader r;
    struct property p;

    if (!reader_open(&r, dtb))
        return false;
    while (reader_next(&r, &p)) {
        if (strcmp(p.name, "compatible") == 0 && has_string(&p, compatible))
            return true;
    }
    return false;
}

bool kit_fdt_memory(uint64_t dtb, uint64_t *base, uint64_t *size)
{
    uint32_t address_cells = 2, size_cells = 1; /* the defaults of the specification */
    unsigned int memory_node = 0, reg_node = 0;
    struct property p, reg = {0};
    struct reader r;

    if (!reader_open(&r, dtb))
        return false;
    while (reader_next(&r, &p)) {
        if (r.depth == 1 && strcmp(p.name, "#address-cells") == 0 && p.size == 4)
            address_cells = be32(p.value);
        if (r.depth == 1 && strcmp(p.name, "#size-cells") == 0 && p.size == 4)
            size_cells = be32(p.value);
        if (strcmp(p.name, "device_type") == 0 && has_string(&p, "memory"))
            memory_node = r.node;
        if (strcmp(p.name, "reg") == 0) {
            reg = p;
            reg_node = r.node;
        }
        if (memory_node == 0 || memory_node != reg_node)
            continue;
        if (address_cells > 2 || size_cells > 2 || reg.size < 4 * (address_cells + size_cells))
            return false;
        *base = cells(reg.value, address_cells);
        *size = cells(reg.value + 4 * address_cells, size_cells);
        return true;
    }
    return false;
}

const void *kit_fdt_chosen(uint64_t dtb, const char *name, uint32_t *size)
{
    struct reader r;
    struct property p;

    if (!reader_open(&r, dtb))
        return NULL;
    while (reader_next(&r, &p)) {
        if (r.depth == 2 && r.in_chosen && strcmp(p.name, name) == 0) {
            *size = p.size;
            return p.value;
        }
    }
    return NULL;
}
