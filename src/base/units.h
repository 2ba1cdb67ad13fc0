/* SPDX-License-Identifier: Apache-2.0 */
/* units: numbers with a unit, as the command line writes them.
 *
 * Runs in:  any process.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    leaf: -EINVAL (no number), -ERANGE (does not fit).
 * Not here: durations (see timefmt.h).
 * Source:   Docker go-units: RAMInBytes (b, k, m, g, t, p; 1024), BytesSize, HumanSize (1000).
 */
#pragma once

#include <stdint.h>

int units_parse_bytes(const char *s, int64_t *bytes);	/* "64m", "1.5GiB", "-1" */
int units_parse_int(const char *s, int64_t *n);		/* decimal, whole string */
int units_parse_uint(const char *s, uint64_t *n);
int units_parse_double(const char *s, double *d);	/* independent of the locale */
int units_parse_bool(const char *s, int *b);		/* Go ParseBool: 1 t T true TRUE True ... */
char *units_human_size(char buf[32], double bytes);	/* 1000: "5.85MB" (podman images: "5.85 MB") */
char *units_human_size_spaced(char buf[32], double bytes);
char *units_human_size_short(char buf[32], double bytes);	/* docker images, ps, history: "5.9MB" */
char *units_bytes_size(char buf[32], double bytes);	/* 1024: "1.5MiB" */
