/* SPDX-License-Identifier: Apache-2.0 */
/* search: repositories of registries by a word, and the tags of one.
 *
 * Runs in:  rootlet-image; no store is needed.
 * Owns:     nothing; the rows are the caller's.
 * Needs:    the network.
 * Fails:    as remote.h. One of several registries that fails becomes a row with "Error".
 * Not here: tables (cli/search.c).
 * Source:   Docker "registry v1 search" (Docker Hub, Quay); OCI distribution-spec "tags/list" and the
 *           catalog of the registries that have no search.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"

struct transfer_search;

/* Rows: Index, Name, Description, Stars, Official, Automated, Tag. term: [HOST/]WORD. */
int search_images(const struct transfer_search *args, const char *term, struct json **rows,
		  struct err *e);
