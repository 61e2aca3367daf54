/* SPDX-License-Identifier: MIT */
/* The block function of ChaCha20, the stream cipher of RFC 8439. Pure. */
#ifndef BARE_METAL_CHACHA20_H
#define BARE_METAL_CHACHA20_H

#include <stdint.h>

#define CHACHA20_KEY_WORDS   8u
#define CHACHA20_NONCE_WORDS 3u
#define CHACHA20_WORDS       16u /* of a block */

/*
 * The block of a key, a counter and a nonce. A word is four bytes of the RFC, the lowest first: that
 * is their order in the memory of a little-endian CPU. out must not overlap key or nonce.
 *
 * About 1,800 instructions on AArch64. out is also the working memory: the stack keeps no copy of
 * the key or the block.
 */
void chacha20_block(uint32_t out[CHACHA20_WORDS], const uint32_t key[CHACHA20_KEY_WORDS],
                    uint32_t counter, const uint32_t nonce[CHACHA20_NONCE_WORDS]);

#endif
