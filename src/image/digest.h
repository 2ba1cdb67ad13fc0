/* SPDX-License-Identifier: Apache-2.0 */
/* digest: sha256 of bytes that stream past.
 *
 * Runs in:  rootlet-image, any thread; one struct digest belongs to one thread at a time.
 * Owns:     struct digest's context (digest_clear).
 * Needs:    libcrypto, which picks the processor's SHA instructions.
 * Fails:    never; out of memory aborts.
 * Not here: the syntax of digests (see manifest.h).
 */
#pragma once

#include "base/mem.h"

#define DIGEST_HEX 64

struct digest {
	void *ctx;	/* owned; EVP_MD_CTX */
	uint64_t bytes;	/* so far */
};

void digest_init(struct digest *d);
void digest_update(struct digest *d, const void *data, size_t n);
/* Lower-case hex; d may be used again after digest_init. */
void digest_final(struct digest *d, char hex[DIGEST_HEX + 1]);
void digest_clear(struct digest *d);
DEFINE_AUTO_VALUE(struct digest, digest_clear)

void digest_of(char hex[DIGEST_HEX + 1], const void *data, size_t n);
