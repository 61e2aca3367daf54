/* SPDX-License-Identifier: MIT */
/* The memory and string functions of C that exist here: see bare-metal/libc/string.h. */
#ifndef KIT_STRING_H
#define KIT_STRING_H

#include <string.h>

#endif
