/* SPDX-License-Identifier: Apache-2.0 */
/* logs_priv: what the writer and the reader of logs agree on.
 *
 * Runs in:  as logs.h.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    as logs.h.
 * Not here: anything for callers outside logs_*.c.
 */
#pragma once

#include "container/logs.h"

#include <limits.h>

#define LOGS_FILE "ctr.log"

int logs_driver(const struct container_config *c);	/* -EINVAL */
const char *logs_option(const struct container_config *c, const char *key);	/* --log-opt; NULL */
/* The directory of the log (dirfd, owned) and its name there (owned). */
int logs_open_dir(int ctr_dirfd, const struct container_config *c, char **name, struct err *e);
