/* SPDX-License-Identifier: Apache-2.0 */
/* session: the user namespace that all containers of one user share, held by a pause process.
 *
 * Runs in:  the command line process, single-threaded, before anything is opened in the store.
 * Owns:     struct session (session_free); the pause process outlives it.
 * Needs:    user namespaces; newuidmap and newgidmap for more than one id.
 * Fails:    EPERM with the remedy (root, AT_SECURE, AppArmor, max_user_namespaces), ENOSPC, EACCES
 *           a runtime directory that is not ours.
 * Not here: user namespaces of single containers (runtime/), the store (storage/).
 */
#pragma once

#include "base/err.h"
#include "base/idmap.h"
#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct session_record;

struct session {
	uid_t uid;		/* the user's ids outside, before the join */
	gid_t gid;
	char *user_name;	/* owned; known once joined; NULL when the account has no name */
	char *home;		/* owned */
	char *runtime_dir;	/* owned; "$XDG_RUNTIME_DIR/rootlet", exists, ours, 0700 */
	char *data_dir;		/* owned; "$XDG_DATA_HOME/rootlet"; need not exist yet */
	char *config_dir;	/* owned; "$XDG_CONFIG_HOME" or ~/.config */
	int runtime_dirfd;	/* owned */
	bool is_nested;		/* we were in a user namespace already */
	bool is_single_id;	/* only one id is mapped */
	bool is_joined;		/* this process is inside now */
	struct idmap uid_map, gid_map;	/* owned; of the namespace, as seen outside */
	bool is_narrowed;	/* session_narrow was called */
	int pause_pidfd;	/* owned; -1 while no pause process is known */

	/* For userns/ only. */
	struct session_record *record;	/* owned; of the pause process, which may be dead; NULL: none */
	char *record_file;	/* owned; its name in the runtime directory */
	bool is_runroot;	/* the runtime directory was given and is the only one */
};

/* Law 1 (README): refuses uid 0 of the initial user namespace and AT_SECURE. Cheap; first thing in main. */
int session_check_caller(struct err *e);
/* Ids, directories, and the pause process if there is one; no namespace is entered.
 * runroot NULL: the directory is found by the rules of runtime_dir.h. */
int session_load(struct session **out, const char *runroot, struct err *e);
/* Enters the user namespace (setns), starting the pause process when there is none or it is stale.
 * The mount namespace and working directory stay the caller's. runtime_dir may change: another
 * command may have made the session elsewhere first, or the directory may be full. */
int session_join(struct session *s, struct err *e);
/* Also enters the pause process's mount namespace (rootlet unshare, mount). */
int session_join_mounts(struct session *s, struct err *e);
/* From now on only the user himself is known of the ids: what is on disk can be nobody else's. The
 * namespace stays as it is. */
void session_narrow(struct session *s);
/* True in there already. */
bool session_is_in_mounts(const struct session *s);
/* Ends the pause process (system migrate, reset); ok when there is none. */
int session_stop(struct session *s, struct err *e);
/* The same for good: kills all that is in the user namespace, but us and our ancestors. */
int session_end(struct session *s, struct err *e);
void session_free(struct session *s);
DEFINE_AUTO(struct session, session_free)
