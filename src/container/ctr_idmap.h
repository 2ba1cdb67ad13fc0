/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_idmap: the map of a container's user namespace, built up line by line.
 *
 * Runs in:  any process; pure.
 * Owns:     struct ctr_idmap (ctr_idmap_clear).
 * Needs:    a loaded session: ids on the right side are those of its user namespace.
 * Fails:    ERR_USAGE naming option and line; ERANGE ids that the user does not have.
 * Not here: which mode asks for which map (ctr_userns.h), writing maps (runtime/).
 * Source:   podman-run(1) --uidmap, --gidmap (the extended syntax is that of Podman 5).
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"
#include "runtime/spec.h"
#include "userns/session.h"

struct ctr_idmap {
	struct spec_idmap *v;	/* owned */
	size_t n;
};

void ctr_idmap_clear(struct ctr_idmap *m);
DEFINE_AUTO_VALUE(struct ctr_idmap, ctr_idmap_clear)
void ctr_idmap_add(struct ctr_idmap *m, uint32_t inside, uint32_t outside, uint32_t count);
/* The same, and what was there for any of these ids, inside or outside, goes. */
void ctr_idmap_put(struct ctr_idmap *m, uint32_t inside, uint32_t outside, uint32_t count);
/* "inside outside count" lines, as the kernel takes them; owned. */
char *ctr_idmap_text(const struct ctr_idmap *m);
/* Back again, from a record of ours; false: it is none. */
bool ctr_idmap_parse(struct ctr_idmap *out, const char *text);
/* True when every id of the session is there and has its own number. */
bool ctr_idmap_is_identity(const struct ctr_idmap *m, uint32_t total);

/* The session's id that is `id` in the container: itself without a map, UINT32_MAX when there is
 * none. */
uint32_t ctr_idmap_outside(const struct spec_idmap *map, size_t n, uint32_t id);
/* The container's ids as the host has them: map (n lines; none: the session's own ids) through the
 * session's. Owned; *out_n lines. */
struct spec_idmap *ctr_idmap_on_host(const struct spec_idmap *map, size_t n,
				     const struct session_idmap *session, size_t session_n,
				     size_t *out_n);
/* Cuts lines where the session's own map begins another line: the kernel takes no others. */
void ctr_idmap_cut(struct ctr_idmap *m, const struct session_idmap *map, size_t n);
uint32_t ctr_idmap_total(const struct session_idmap *map, size_t n);	/* ids of the session */

/* "[+ug]CONTAINER:[@]FROM[:AMOUNT]" of option, put into uids and gids by its flags; a line without u
 * and g goes where is_gid says, and also to the other side with is_both. */
struct ctr_idmap_line {
	uint32_t inside, outside, count;
	bool is_extending;	/* + */
	bool is_host;		/* @: outside is an id of the host */
	bool is_uid, is_gid;	/* u, g; none: as the option says */
};
int ctr_idmap_parse_line(struct ctr_idmap_line *out, const char *option, const char *text,
			 struct err *e);
/* Adds the line to m: session ids of `map` (n lines) are what it may lead to. */
int ctr_idmap_apply(struct ctr_idmap *m, const struct ctr_idmap_line *line,
		    const struct session_idmap *map, size_t n, const char *option, const char *text,
		    struct err *e);
/* All lines of --uidmap and --gidmap: a side that nothing was said about follows the other one, or
 * is what the session has. */
int ctr_idmap_build(struct ctr_idmap *uids, struct ctr_idmap *gids, const struct session *s,
		    const struct strv *uidmap, const struct strv *gidmap, struct err *e);
