/* SPDX-License-Identifier: MIT */
/* BLAKE2s, the hash function of RFC 7693. Pure. */
#ifndef BARE_METAL_BLAKE2S_H
#define BARE_METAL_BLAKE2S_H

#include <stddef.h>
#include <stdint.h>

#define BLAKE2S_SIZE 32u /* bytes of the longest hash, and of the longest key */

/*
 * The hash of a message, of out_size bytes: 1 to BLAKE2S_SIZE. With a key, of 1 to BLAKE2S_SIZE
 * bytes, it is a keyed pseudorandom function; key_size 0: there is none, and key can be NULL. out
 * and the key can be the same memory. The stack keeps no copy of the message, the key or the hash.
 */
void blake2s(uint8_t *out, size_t out_size, const void *key, size_t key_size, const void *message,
             size_t size);

#endif
