/* SPDX-License-Identifier: Apache-2.0 */
/* subid: the ranges of subordinate ids that the administrator gave to a user.
 *
 * Runs in:  the parent, outside the new namespace, only when a session is made and in doctor.
 * Owns:     struct subid_ranges (subid_clear).
 * Needs:    nothing; libsubid is loaded when nsswitch.conf sends "subid" elsewhere than to files.
 * Fails:    EACCES, EIO a file that exists and cannot be read; a file that is missing is no range.
 * Not here: what is made of the ranges (see session_map.h).
 * Source:   subuid(5), subgid(5), getsubids(1).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

#include <stdint.h>
#include <sys/types.h>

enum subid_kind { SUBID_UID, SUBID_GID, N_SUBID_KINDS };

struct subid_range {
	uint32_t start, count;
};

struct subid_ranges {
	struct subid_range *v;	/* owned */
	size_t n;
	bool is_nss;		/* libsubid gave them, not the file */
};

void subid_clear(struct subid_ranges *r);
DEFINE_AUTO_VALUE(struct subid_ranges, subid_clear)

/* Ranges of the account in file order; name NULL: an account without a name. */
int subid_load(struct subid_ranges *out, enum subid_kind kind, uid_t uid, const char *name,
	       struct err *e);

/* Reads lines "OWNER:START:COUNT" from fd, OWNER being name or uid in decimal; lines that are none
 * are passed over. Streamed: the size of the file does not matter. Appends; 0 or -errno. */
int subid_read(struct subid_ranges *out, int fd, uid_t uid, const char *name);

/* The lowest start from 100000 up such that START..START+65535 is free in both files, in steps of
 * 65536: what doctor proposes. 0 when the files cannot be read or are full. */
uint32_t subid_suggest(void);

/* True when nsswitch.conf text sends "subid" to something else than files. */
bool subid_is_elsewhere(const char *nsswitch);

const char *subid_file(enum subid_kind kind);	/* "/etc/subuid" */
