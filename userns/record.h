/* SPDX-License-Identifier: Apache-2.0 */
/* record: the file of the runtime directory that says who the pause process is.
 *
 * Runs in:  the command line process, outside the session's namespace or inside.
 * Owns:     struct record (record_clear).
 * Needs:    the lock of the session for record_save; reading needs none (the file is renamed in).
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
#include "base/mem.h"
#include "userns/idmap.h"

struct record_config {		/* identity of a configuration file */
	uint64_t dev, ino, size, mtime;
};

struct record {
	pid_t pid;
	uint64_t start, pidfd_ino, userns_ino;
	uid_t uid;
	gid_t gid;
	char *name;		/* owned; NULL */
	char *dir;		/* owned */
	char *boot;		/* owned; NULL */
	struct record_config config[N_SUBID_KINDS];
	bool is_nested, is_single;
	struct idmap uids, gids;	/* owned */
};

void record_clear(struct record *r);
DEFINE_AUTO_VALUE(struct record, record_clear)

int record_parse(struct record *out, const char *text);		/* 0 or -EBADMSG */
char *record_format(const struct record *r);			/* owned */
int record_load(struct record *out, int dirfd, const char *file);	/* 0 or -errno */
int record_save(const struct record *r, int dirfd, const char *file);	/* 0 or -errno */

/* Fills pid, start, pidfd_ino and userns_ino from a running process. */
int record_identify(struct record *r, pid_t pid, int pidfd);
/* A pidfd when the process of the record still runs, -ESRCH when not. */
int record_open(const struct record *r);
/* Two stat calls: what the configuration looks like now. */
void record_read_config(struct record_config config[N_SUBID_KINDS]);
bool record_is_config_same(const struct record *r);
/* "session" or the name for our namespaces; owned. */
char *record_file_name(void);
char *record_boot_id(void);	/* owned; NULL when unknown */
/* Sets boot when the directory may outlive a reboot. */
void record_mark_boot(struct record *r, int dirfd);
/* Inode of /proc/PID/ns/NAME, pid 0 meaning ourselves; 0 when it cannot be read. */
uint64_t record_ns_ino(pid_t pid, const char *ns);

#define RECORD_INIT_USERNS 0xEFFFFFFDu	/* the kernel's fixed inodes, linux/proc_ns.h */
#define RECORD_INIT_PIDNS 0xEFFFFFFCu
