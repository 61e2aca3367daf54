/* SPDX-License-Identifier: MIT */
/* From start.S to guest_main. */
#include "internal.h"

#include <kit/kit.h>

/* From guest.ld. */
extern char kit_text_start[], kit_text_end[], kit_rodata_end[];

/*
 * The image begins writable and executable in the tables of start.S, for these cannot know where
 * its parts end.
 */
static int protect_image(void)
{
    uint64_t text = (uint64_t)kit_text_start, rodata = (uint64_t)kit_text_end;
    uint64_t data = (uint64_t)kit_rodata_end;
    uint64_t end = KIT_RAM_BASE + (UINT64_C(KIT_IMAGE_BLOCKS) << 21);
    int error = kit_protect(KIT_RAM_BASE, text - KIT_RAM_BASE, KIT_WRITE);

    if (error == 0)
        error = kit_protect(text, rodata - text, KIT_EXEC);
    if (error == 0 && data > rodata)
        error = kit_protect(rodata, data - rodata, 0);
    if (error == 0)
        error = kit_protect(data, end - data, KIT_WRITE);
    return error;
}

void kit_start(uint64_t dtb)
{
    int status;

    kit_cpu_first();
    kit_console_start();
    status = protect_image();
    if (status == 0)
        status = guest_main(dtb);
    if (status == 0)
        kit_poweroff();
    kit_printf("guest-kit: failed with %d: reset\n", status);
    kit_reset();
}
