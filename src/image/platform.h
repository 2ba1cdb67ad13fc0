/* SPDX-License-Identifier: Apache-2.0 */
/* platform: operating system, processor and its variant; which image of an index is for us.
 *
 * Runs in:  any process.
 * Owns:     struct platform (platform_clear).
 * Needs:    uname(2) for this machine's.
 * Fails:    ERR_USAGE malformed text; ERR_NO_SUCH no image for the platform, listing those there are.
 * Not here: emulation of foreign processors.
 * Source:   image-spec image-index.md ("platform"); Go's GOOS and GOARCH values.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"

struct platform {
	char *os, *arch;	/* owned; "linux", "amd64" */
	char *variant;		/* owned; "v8"; NULL: any, the best one first */
};
void platform_clear(struct platform *p);
DEFINE_AUTO_VALUE(struct platform, platform_clear)

/* --platform "os/arch[/variant]" or "arch", then --os, --arch, --variant over it; each may be NULL.
 * Other spellings (x86_64, aarch64) are understood. */
int platform_parse(struct platform *out, const char *platform, const char *os, const char *arch,
		   const char *variant, struct err *e);
char *platform_to_string(const struct platform *p);
/* The descriptor of an index that fits best; borrowed from index. */
int platform_choose(const struct platform *p, const struct json *index,
		    const struct json **descriptor, struct err *e);
/* Whether an image configuration is for the platform. */
bool platform_fits_config(const struct platform *p, const struct json *config);
