/* SPDX-License-Identifier: Apache-2.0 */
/* log: what is said on stderr beside errors. The level is the program's one mutable global.
 *
 * Runs in:  any process that owns its stderr; a forked child of the engine stays silent.
 * Owns:     the level.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: errors: these are returned (see err.h).
 */
#pragma once

enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG, LEVEL_TRACE, N_LOG_LEVELS };

int log_level_parse(const char *s);	/* debug, info, warn, error, fatal, panic, trace; -EINVAL */
void log_set_level(enum log_level level);
int log_is_on(enum log_level level);
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));	/* worded by persona.h */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
