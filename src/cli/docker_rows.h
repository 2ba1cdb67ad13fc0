/* SPDX-License-Identifier: Apache-2.0 */
/* docker_rows: the rows of lists with the placeholders that Docker documents, and no others.
 *
 * Runs in:  the command line process, called as docker.
 * Owns:     nothing; rows are the caller's.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: Podman's rows (each list command), tables and templates (base/template.h).
 * Source:   Docker CLI reference, "Format the output (--format)" of each command; API 1.51.
 */
#pragma once

#include "base/json.h"

/* From an object of query_ps. */
struct json *docker_rows_container(const struct json *ps, bool no_trunc);
struct json *docker_rows_container_headings(void);
/* From an object of catalog_list and one of its names, or NULL for an image without one. */
struct json *docker_rows_image(const struct json *image, const char *name, bool no_trunc, bool digests);
/* From an object of volume_to_json. */
struct json *docker_rows_volume(const struct json *volume);
/* From a row of search; in a table what is so is "[OK]". */
struct json *docker_rows_search(const struct json *found, bool is_table);
/* From a row with Podman's placeholders: those of them that are Docker's too, as texts. */
struct json *docker_rows_pick(const struct json *row, const char *const *members, size_t n);
