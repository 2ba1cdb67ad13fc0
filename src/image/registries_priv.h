/* SPDX-License-Identifier: Apache-2.0 */
/* registries_priv: what registries.conf says, merged; for registries*.c only.
 *
 * Runs in:  any process.
 * Owns:     see struct registries.
 * Needs:    nothing.
 * Fails:    nothing here can fail.
 * Not here: the interface (see registries.h).
 */
#pragma once

#include "base/json.h"
#include "image/registries.h"

struct registries {
	struct strv search;	/* unqualified-search-registries */
	struct json *aliases;	/* owned; object of short name -> full repository */
	struct json *tables;	/* owned; array of [[registry]] with "prefix" filled in */
	bool is_enforcing;	/* short-name-mode */
};
