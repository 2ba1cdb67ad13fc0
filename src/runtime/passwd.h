/* SPDX-License-Identifier: Apache-2.0 */
/* passwd: users and groups of a container, from its own /etc/passwd and /etc/group.
 *
 * Runs in:  init and exec, before privileges are dropped; and the engine, with a root's dirfd.
 * Owns:     struct passwd_user (passwd_user_clear).
 * Needs:    nothing of libc's name services: these would load code from the container.
 * Fails:    ENOENT no such user or group, ERANGE a number that is no id, EFBIG a file above 8 MiB.
 * Not here: whether the ids are mapped (setresuid says so).
 *
 * Digits are an id and never looked up as a name (CVE-2016-3697, CVE-2026-46680), and an id is
 * 0..4294967294 exactly (CVE-2024-40635).
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

#include <stdint.h>
#include <sys/types.h>

struct passwd_user {
	uid_t uid;
	gid_t gid;
	char *name;		/* owned; NULL: only a number */
	char *home;		/* owned; "/" when unknown */
	gid_t *groups;		/* owned; the primary one first */
	size_t groups_n;
};

/* text: "user[:group]"; NULL: uid and gid of *out are set already. With a group given, the groups
 * that /etc/group lists the user in do not count. extra: more groups, NULL for none. */
int passwd_resolve(struct passwd_user *out, int root_dirfd, const char *text,
		   const struct strv *extra, struct err *e);
void passwd_user_clear(struct passwd_user *u);
DEFINE_AUTO_VALUE(struct passwd_user, passwd_user_clear)
/* All digits and an id: 0. -EINVAL: not a number; -ERANGE: a number that is no id. */
int passwd_parse_id(const char *s, uint32_t *id);
