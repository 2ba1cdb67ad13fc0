/* SPDX-License-Identifier: Apache-2.0 */
/* timefmt: points in time and durations, in and out.
 *
 * Runs in:  any process.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    leaf: -EINVAL for text that is no time.
 * Not here: timers.
 * Source:   RFC 3339; Go time.ParseDuration and time.Duration.String; Docker's go-units.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* All times and durations are nanoseconds. */
#define TIME_SECOND INT64_C(1000000000)
#define TIME_MILLISECOND INT64_C(1000000)

/* Nanoseconds since 1970 (CLOCK_REALTIME) and since boot. */
int64_t time_now(void);
int64_t time_monotonic(void);
/* "2026-01-02T03:04:05.123456789Z"; is_utc, or with the local offset. buf: at least 40 bytes. */
char *time_rfc3339(char buf[40], int64_t ns, bool is_utc);
/* Podman's inspect and ps form: "2026-01-02 03:04:05.123456789 +0000 UTC". */
char *time_go_string(char buf[64], int64_t ns, bool is_utc);
/* RFC 3339 (with or without fraction, zone, time), unix seconds with fraction, or a Go duration
 * counted back from now ("10m", "1h30m"). A date that 64 bits of ns cannot tell is the first or last. */
int time_parse(const char *s, int64_t *ns);
int time_parse_ahead(const char *s, int64_t *ns);	/* durations counted forward */
/* Go durations: "1h2m3.5s", "300ms"; has_seconds: a bare number is so many of them. */
int time_duration_parse(const char *s, bool has_seconds, int64_t *ns);
char *time_duration_string(char buf[40], int64_t ns);		/* Go: "1m30s" */
/* "About a minute", "3 hours", "2 weeks" as go-units HumanDuration. */
char *time_human(char buf[40], int64_t ns);
/* strftime on local time of ns; the zone name list is not consulted. */
char *time_format(char *buf, unsigned long size, const char *strftime_format, int64_t ns);
