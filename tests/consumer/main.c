/* SPDX-License-Identifier: MIT */
/* The least host: it links the library and nothing else, and asks it for the text of an error. */
#include <stddef.h>

#ifdef ONE_FILE
#include "vcpu.h"
#else
#include <vcpu/error.h>
#endif

const char *volatile consumer_text;

_Noreturn void _start(void);

_Noreturn void _start(void)
{
    consumer_text = vcpu_error_string(VCPU_ERR_NOT_EL2);
    for (;;)
        ;
}
