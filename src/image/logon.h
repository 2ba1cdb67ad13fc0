/* SPDX-License-Identifier: Apache-2.0 */
/* logon: does a registry take this user name and password?
 *
 * Runs in:  rootlet-image; no store is needed.
 * Owns:     nothing.
 * Needs:    the network.
 * Fails:    EACCES the registry does not take them; else as remote.h.
 * Not here: asking the user and storing the answer (cli/login.c, auth.h).
 */
#pragma once

#include "base/err.h"

#include <stddef.h>

struct transfer_registry;

/* key: "host" or "host/path"; request: {"user","password","token"}, as it came over the pipe. */
int logon_check(const struct transfer_registry *args, const char *key, const char *request, size_t len,
		struct err *e);
