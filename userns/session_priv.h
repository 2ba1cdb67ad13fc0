/* SPDX-License-Identifier: Apache-2.0 */
/* session_priv: what session*.c share.
 *
 * Runs in:  as session.h.
 * Owns:     as session.h.
 * Needs:    as session.h.
 * Fails:    as session.h.
 * Not here: anything that other folders may call.
 */
#pragma once

#include "userns/nsid.h"
#include "userns/session.h"
#include "userns/session_record.h"

/* Looks for a live pause process in every place where the user's runtime directory may be; true
 * when found: record, pause_pidfd, maps and runtime directory are then set. With only_file NULL
 * "session" is tried first, then the name for our own namespaces. With only_file a record whose
 * process is dead stays in s->record (pause_pidfd -1) when nothing better was found. */
bool session_find(struct session *s, const char *only_file);
void session_forget_record(struct session *s);
/* Takes the record over: maps, ids and name of the session are then its. */
void session_set_record(struct session *s, struct session_record *taken, int pidfd_taken);
void session_set_runtime_dir(struct session *s, char *path_taken, int dirfd_taken);
/* Where a new session will be: the first place that is usable. */
int session_choose_dir(struct session *s, struct err *e);
/* setns, or nothing when we are in it already; 0 or -errno. */
int session_enter(struct session *s);

/* The slow way: under the lock of the session, repairs, replaces or makes the pause process, and
 * enters. */
int session_make(struct session *s, struct err *e);
/* The pause process has ended after we entered: finds its successor or makes one where we are. */
int session_make_here(struct session *s, struct err *e);
/* The lock of the session, in a directory on which all commands of the user agree. */
int session_lock(struct session *s, struct err *e);
