/* SPDX-License-Identifier: Apache-2.0 */
/* session_record: the file of the runtime directory that says who the pause process is.
 *
 * Runs in:  the command line process, outside the session's namespace or inside.
 * Owns:     struct session_record (session_record_clear).
 * Needs:    the lock of the session for session_record_save; reading needs none, as the file is
 *           renamed into place.
 * Fails:    EBADMSG text that is no record: treated like none, it is made again.
 * Not here: what is done with a record that is stale (see session.h).
 *
 * "session" for users of the initial user and pid namespace, "session-<userns>-<pidns>" (inode
 * numbers, hex) elsewhere, since a nested user may see the same directory. One "key values" per
 * line, unknown keys are passed over:
 *	version 1
 *	pause PID START PIDFD-INODE	0 as inode where pidfds have no identity (Linux < 6.9)
 *	userns INODE
 *	owner UID GID [NAME]		as seen where the session was made
 *	dir PATH			the runtime directory, which may be another than the file's
 *	boot ID				only where the directory outlives a reboot
 *	config DEV INO SIZE MTIME DEV INO SIZE MTIME	/etc/subuid, /etc/subgid; 0 when missing
 *	flags [nested] [single]
 *	uid|gid INSIDE OUTSIDE COUNT	one for each line of the map
 */
#pragma once

#include "base/err.h"
#include "base/idmap.h"
#include "base/mem.h"
#include "userns/subid.h"

struct session_record_config {		/* identity of a configuration file */
	uint64_t dev, ino, size, mtime;
};

struct session_record {
	pid_t pid;
	uint64_t start, pidfd_ino, userns_ino;
	uid_t uid;
	gid_t gid;
	char *name;		/* owned; NULL */
	char *dir;		/* owned */
	char *boot;		/* owned; NULL */
	struct session_record_config config[N_SUBID_KINDS];
	bool is_nested, is_single;
	struct idmap uids, gids;	/* owned */
};

void session_record_clear(struct session_record *r);
DEFINE_AUTO_VALUE(struct session_record, session_record_clear)

int session_record_parse(struct session_record *out, const char *text);		/* 0 or -EBADMSG */
char *session_record_format(const struct session_record *r);			/* owned */
int session_record_load(struct session_record *out, int dirfd, const char *file);	/* 0 or -errno */
int session_record_save(const struct session_record *r, int dirfd, const char *file);	/* 0 or -errno */

/* Fills pid, start, pidfd_ino and userns_ino from a running process. */
int session_record_identify(struct session_record *r, pid_t pid, int pidfd);
/* A pidfd when the process of the record still runs, -ESRCH when not. */
int session_record_open(const struct session_record *r);
/* Two stat calls: what the configuration looks like now. */
void session_record_read_config(struct session_record_config config[N_SUBID_KINDS]);
bool session_record_is_config_same(const struct session_record *r);
/* "session" or the name for our namespaces; owned. */
char *session_record_file_name(void);
char *session_record_boot_id(void);	/* owned; NULL when unknown */
/* Sets boot when the directory may outlive a reboot. */
void session_record_mark_boot(struct session_record *r, int dirfd);
