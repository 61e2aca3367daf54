/* SPDX-License-Identifier: MIT */
/* The memory and string functions of C, as far as there are: see bare-metal/libc/string.h. */
#ifndef KIT_STRING_H
#define KIT_STRING_H

#include <string.h>

#endif
