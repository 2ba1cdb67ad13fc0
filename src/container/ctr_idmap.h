/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_idmap: the map of a container's user namespace, built up line by line.
 *
 * Runs in:  any process; pure.
 * Owns:     nothing; maps are the caller's.
 * Needs:    a loaded session: ids on the right side are those of its user namespace.
 * Fails:    ERR_USAGE naming option and line; ERANGE ids that the user does not have.
 * Not here: which mode asks for which map (ctr_userns.h), the type and its text (base/idmap.h).
 * Source:   podman-run(1) --uidmap, --gidmap (the extended syntax is that of Podman 5).
 */
#pragma once

#include "base/err.h"
#include "base/idmap.h"
#include "base/strv.h"
#include "userns/session.h"

/* As idmap_add, and what was there for any of these ids, inside or outside, goes. */
void ctr_idmap_put(struct idmap *m, uint32_t inside, uint32_t outside, uint32_t count);
/* True when every id of the session is there and has its own number. */
bool ctr_idmap_is_identity(const struct idmap *m, uint32_t total);

/* The session's id that is `id` in the container: itself without a map, IDMAP_NONE when there is none. */
uint32_t ctr_idmap_outside(const struct idmap *m, uint32_t id);
/* The container's ids as the host has them: m (empty: the session's own ids) through the session's. */
void ctr_idmap_on_host(struct idmap *out, const struct idmap *m, const struct idmap *session);
/* Cuts lines where the session's own map begins another line: the kernel takes no others. */
void ctr_idmap_cut(struct idmap *m, const struct idmap *session);

/* "[+ug]CONTAINER:[@]FROM[:AMOUNT]" of option, put into uids and gids by its flags; a line without u
 * and g goes where is_gid says, and also to the other side with is_both. */
struct ctr_idmap_line {
	struct idmap_line line;
	bool is_extending;	/* + */
	bool is_host;		/* @: outside is an id of the host */
	bool is_uid, is_gid;	/* u, g; none: as the option says */
	const char *option, *text;	/* borrowed; for messages */
};
int ctr_idmap_parse_line(struct ctr_idmap_line *out, const char *option, const char *text,
			 struct err *e);
/* Adds the line to m: the session's ids are what it may lead to. */
int ctr_idmap_apply(struct idmap *m, const struct ctr_idmap_line *line, const struct idmap *session,
		    struct err *e);
/* All lines of --uidmap and --gidmap: a side that nothing was said about follows the other one, or
 * is what the session has. */
int ctr_idmap_build(struct idmap *uids, struct idmap *gids, const struct session *s,
		    const struct strv *uidmap, const struct strv *gidmap, struct err *e);
