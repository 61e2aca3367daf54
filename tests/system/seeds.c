/* SPDX-License-Identifier: MIT */
/*
 * A guest that tells the seeds in its device tree, at a first start and at a second one. Then it waits
 * for a key, so that somebody can look at the machine, and powers off.
 */
#include <kit/kit.h>

/* Memory behind the image: a reset leaves it as it is. */
#define NOTE  ((volatile uint64_t *)UINT64_C(0x43000000))
#define MAGIC UINT64_C(0x7365656473206f66)

#define UARTDR  UINT64_C(0x09000000)
#define UARTFR  UINT64_C(0x09000018)
#define FR_RXFE (1u << 4)

static void tell(uint64_t dtb, const char *name)
{
    uint32_t size = 0;
    const uint8_t *bytes = kit_fdt_chosen(dtb, name, &size);
    char text[2 * 64 + 1];

    if (size > 64)
        size = 64;
    for (uint32_t i = 0; bytes != NULL && i < 2 * size; i++)
        text[i] = "0123456789abcdef"[bytes[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
    text[2 * size] = '\0';
    kit_printf("%s: %s.\n", name, bytes != NULL ? text : "none");
}

int guest_main(uint64_t dtb)
{
    tell(dtb, "rng-seed");
    tell(dtb, "kaslr-seed");
    if (*NOTE != MAGIC) {
        *NOTE = MAGIC;
        kit_reset();
    }
    kit_printf("that is all\n");
    while ((kit_read32(UARTFR) & FR_RXFE) != 0)
        kit_yield();
    return 0;
}
