/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_userns: which ids a container has, and to which of the session's they belong.
 *
 * Runs in:  any process; pure.
 * Owns:     struct ctr_userns (ctr_userns_clear).
 * Needs:    a loaded session.
 * Fails:    ERR_USAGE naming --userns or --uidmap and the part that is wrong; ERANGE more ids than
 *           the user has, with the remedy.
 * Not here: what create has to find out first (auto, container:, ns:, --subuidname: ctr_ids.h), the
 *           session's own map (userns/), writing maps (runtime/).
 * Source:   podman-run(1) --userns, --uidmap, --gidmap.
 */
#pragma once

#include "base/err.h"
#include "container/config.h"
#include "runtime/spec.h"

struct session;

struct ctr_userns {
	enum spec_ns_mode mode;		/* HOST: the session's own; NEW: maps below */
	char *ns_text;			/* owned; "container:X" or "ns:PATH" for SPEC_NS_PATH */
	struct idmap uid_map, gid_map;	/* owned */
	/* Owned; the maps by which the owners of files are shifted; empty: they are not. */
	struct idmap uid_shift, gid_shift;
	char *default_user;		/* owned; keep-id: "uid:gid" to run as; NULL */
};
int ctr_userns_plan(struct ctr_userns *out, const struct session *s,
		    const struct container_config *c, struct err *e);
/* "size=N,uidmapping=C:I:N,..." behind "auto:"; lines as ctr_idmap.h has them. */
struct ctr_userns_auto {
	uint32_t size;		/* 0: to be guessed */
	struct strv uid_lines, gid_lines;	/* owned */
};
int ctr_userns_parse_auto(struct ctr_userns_auto *out, const char *options, struct err *e);
void ctr_userns_auto_clear(struct ctr_userns_auto *a);
DEFINE_AUTO_VALUE(struct ctr_userns_auto, ctr_userns_auto_clear)
/* Says what to do about it. */
int ctr_userns_no_ids(const char *mode, const struct session *s, struct err *e);
void ctr_userns_clear(struct ctr_userns *u);
DEFINE_AUTO_VALUE(struct ctr_userns, ctr_userns_clear)
