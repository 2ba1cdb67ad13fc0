/* SPDX-License-Identifier: Apache-2.0 */
/* verify: do the files of every layer still give the archive that its DiffID names?
 *
 * Runs in:  rootlet-image, inside the session's user namespace.
 * Owns:     nothing; findings are added to the caller's array.
 * Needs:    time: every byte is read.
 * Fails:    when the layers cannot be listed; a damaged one is a finding.
 * Not here: what becomes of it (cli/system_check.c), records (store_check.h).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"

struct store;

/* Adds {"id": hex, "problem"} for each. */
int verify_layers(struct store *s, struct json *damaged, struct err *e);
