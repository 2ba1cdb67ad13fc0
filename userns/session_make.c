/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * session_make() runs when there is no pause process that can be joined as it is. Under the lock
 * it looks again, since another command may have been faster, and then:
 *
 *	pause alive, ids unchanged	remember the new look of /etc/subuid, join
 *	pause alive, ids changed	end it if nothing else is in its namespace, make a new one;
 *					else keep it and say so once
 *	pause dead, others in there	the namespace lives on in running containers: put a new pause
 *					process into it
 *	no record, but a pause		the runtime directory was emptied under it (logout without
 *					linger, a cleaner of /tmp): write the record again
 *	else				new namespace, new pause process
 */
#include "userns/session_priv.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/strv.h"
#include "base/sys.h"
#include "userns/holders.h"
#include "userns/pause.h"
#include "userns/runtime_dir.h"
#include "userns/session_plan.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define LOCK_FILE "session.lock"
#define MAX_TRIES 8	/* in a row that the pause process was killed under us */
#define DYING_MS 1000

static bool is_full_disk(int r)
{
	return r == -ENOSPC || r == -EDQUOT || r == -EROFS || r == -EACCES || r == -EPERM;
}

/* The directory whose lock everybody takes: not an XDG_RUNTIME_DIR that others do not know. */
static int open_meeting_dir(struct session *s)
{
	struct err ignored;

	for (int place = RUNTIME_DIR_RUN; !s->is_runroot && place < N_RUNTIME_DIR_PLACES; place++) {
		autofree char *path = NULL;
		int fd;

		if (runtime_dir_open(&path, &fd, place, s->uid, true, &ignored) == 0)
			return fd;
	}
	return fd_dup(s->runtime_dirfd);
}

int session_lock(struct session *s, struct err *e)
{
	autoclose int dirfd = open_meeting_dir(s), tmp_fd = -1;
	autofree char *path = NULL;
	struct err ignored;
	int r;

	if (dirfd < 0)
		return err_sys(e, -dirfd, "open runtime directory %s", s->runtime_dir);
	r = lock_take(dirfd, LOCK_FILE, true);
	/* /run is small and may be full. */
	if (is_full_disk(r) && !s->is_runroot &&
	    runtime_dir_open(&path, &tmp_fd, RUNTIME_DIR_TMP, s->uid, true, &ignored) == 0)
		r = lock_take(tmp_fd, LOCK_FILE, true);
	return r < 0 ? err_sys(e, -r, "lock the session in %s", s->runtime_dir) : r;
}

/* Other commands look for it in the usual places only, see session_find.c. */
static void leave_copy(struct session *s, const struct session_record *r)
{
	autofree char *xdg = runtime_dir_parent(RUNTIME_DIR_XDG, s->uid);
	autofree char *xdg_dir = xdg ? xasprintf("%s/rootlet", xdg) : NULL;
	autoclose int dirfd = -1;

	if (s->is_runroot || !str_eq(xdg_dir, s->runtime_dir))
		return;
	dirfd = open_meeting_dir(s);
	if (dirfd < 0 || session_record_save(r, dirfd, s->record_file) < 0)
		log_debug("the session in %s cannot be found without XDG_RUNTIME_DIR", s->runtime_dir);
}

static int save_to(struct session *s, struct session_record *r)
{
	int err;

	xreplace(&r->dir, s->runtime_dir);
	session_record_mark_boot(r, s->runtime_dirfd);
	err = session_record_save(r, s->runtime_dirfd, s->record_file);
	if (err == 0)
		leave_copy(s, r);
	return err;
}

static int save_record(struct session *s, struct session_record *r, struct err *e)
{
	struct err ignored;
	char *path;
	int err, dirfd;

	err = save_to(s, r);
	if (is_full_disk(err) && !s->is_runroot &&
	    runtime_dir_open(&path, &dirfd, RUNTIME_DIR_TMP, s->uid, true, &ignored) == 0) {
		log_debug("%s: %s: the session goes to %s", s->runtime_dir, strerror(-err), path);
		session_set_runtime_dir(s, path, dirfd);
		err = save_to(s, r);
	}
	return err < 0 ? err_sys(e, -err, "write the session file in %s", s->runtime_dir) : 0;
}

static int enter_existing(struct session *s, struct err *e)
{
	int r = session_enter(s);

	return r < 0 ? err_sys(e, -r, "enter the session of pause process %d", s->record->pid) : 0;
}

/* Names the new pause process in the record, lets it go and enters. */
static int install(struct session *s, struct pause *pause, struct session_record *r, struct err *e)
{
	int err;

	err = session_record_identify(r, pause->pid, pause->pidfd);
	if (err < 0)
		return err_sys(e, -err, "look at the pause process %d", pause->pid);
	err = save_record(s, r, e);
	if (err == 0)
		err = pause_release(pause, e);
	if (err < 0)
		return err;
	session_set_record(s, r, steal_fd(&pause->pidfd));
	err = session_enter(s);
	return err < 0 ? err_sys(e, -err, "enter the new session") : 0;
}

static struct pause_args pause_args_for(const struct session *s, int userns_fd)
{
	return (struct pause_args){
		.userns_fd = userns_fd,
		.keep_dirfd = str_has_prefix(s->runtime_dir, "/tmp/") ? s->runtime_dirfd : -1,
		.name = s->is_runroot ? PAUSE_NAME_RUNROOT : PAUSE_NAME,
	};
}

/* Nested sessions end with their container and leave their records; nobody else asks for these. */
static void sweep_nested(struct session *s)
{
	auto_of(strv_clear) struct strv names = { 0 };
	autofree char *here = session_record_boot_id();
	const char *pidns = strrchr(s->record_file, '-');

	/* Processes of another pid namespace would all look dead from here. */
	if (!pidns || file_list_dir(s->runtime_dirfd, ".", &names, false) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		auto_of(session_record_clear) struct session_record r = { 0 };
		autoclose int pidfd = -1;

		if (!str_has_prefix(names.v[i], "session-") ||
		    !str_has_suffix(names.v[i], pidns) ||
		    session_record_load(&r, s->runtime_dirfd, names.v[i]) < 0)
			continue;
		pidfd = r.boot && !str_eq(r.boot, here) ? -ESRCH : session_record_open(&r);
		if (pidfd == -ESRCH)
			unlinkat(s->runtime_dirfd, names.v[i], 0);
	}
}

static int make_new(struct session *s, struct session_plan *p, struct err *e)
{
	const struct pause_args how = pause_args_for(s, -1);
	auto_of(pause_clear) struct pause pause = { .pidfd = -1, .go_fd = -1 };
	auto_of(session_record_clear) struct session_record r = { 0 };
	enum session_method m = SESSION_SINGLE;
	int err;

	err = session_plan_start(p, &m, &how, &pause, e);
	if (err < 0)
		return err;
	session_plan_describe(&r, p, m);
	err = install(s, &pause, &r, e);
	if (err < 0)
		return err;
	if (s->is_nested)
		sweep_nested(s);
	if (s->is_single_id)
		session_plan_warn(p);
	return 0;
}

/* s->record names a dead pause process: is anything else left in its namespace? 1 when that has a
 * new one now. */
static int adopt(struct session *s, struct err *e)
{
	auto_of(pause_clear) struct pause pause = { .pidfd = -1, .go_fd = -1 };
	auto_of(session_record_clear) struct session_record r = *s->record;
	autoclose int ns_fd = -1;
	int err;

	struct pause_args how;

	*s->record = (struct session_record){ 0 };
	ns_fd = holders_open(r.userns_ino, &r.uids, &r.gids);
	if (ns_fd < 0)
		return 0;
	log_debug("the pause process %d is gone: its namespace is taken over", r.pid);
	how = pause_args_for(s, ns_fd);
	err = pause_fork(&pause, &how, e);
	if (err == 0)
		err = install(s, &pause, &r, e);
	return err < 0 ? err : 1;
}

/* A pause process that nobody has a record of any more. 1 when we are in its session now. */
static int recover(struct session *s, const struct session_plan *p, struct err *e)
{
	enum session_method m = p->may[SESSION_HELPERS] ? SESSION_HELPERS : SESSION_SINGLE;
	auto_of(session_record_clear) struct session_record r = { 0 };
	autoclose int pidfd = -1;
	pid_t pid;
	int err;

	/* A session of its own was asked for; and nested users may see the pause process outside. */
	if (s->is_runroot || p->is_nested)
		return 0;
	pid = holders_find_pause(getuid(), &p->uids[m], &p->gids[m]);
	if (pid < 0)
		return 0;
	pidfd = sys_pidfd_open(pid);
	session_plan_describe(&r, p, m);
	if (pidfd < 0 || session_record_identify(&r, pid, pidfd) < 0)
		return 0;
	log_debug("pause process %d has lost its record", pid);
	err = save_record(s, &r, e);
	if (err < 0)
		return err;
	session_set_record(s, &r, steal_fd(&pidfd));
	return session_enter(s) == 0;
}

int session_make_here(struct session *s, struct err *e)
{
	auto_of(pause_clear) struct pause pause = { .pidfd = -1, .go_fd = -1 };
	auto_of(session_record_clear) struct session_record r = { 0 };
	autoclose int lock = session_lock(s, e);
	struct pause_args how;
	int err;

	if (lock < 0)
		return lock;
	if (session_find(s, s->record_file) && proc_pidfd_is_alive(s->pause_pidfd))
		return enter_existing(s, e);
	if (!s->record)
		return err_set(e, ESRCH, "the session has ended: run the command again");
	r = *s->record;
	*s->record = (struct session_record){ 0 };
	how = pause_args_for(s, -1);
	how.is_here = true;
	err = pause_fork(&pause, &how, e);
	return err < 0 ? err : install(s, &pause, &r, e);
}

/* /etc/subuid or /etc/subgid changed under a live session. 1: it stays, 0: it was ended. */
static int renew_config(struct session *s, const struct session_plan *p, struct err *e)
{
	struct session_record *r = s->record;
	int err;

	if (!session_plan_is_of(p, r)) {
		if (holders_find(r->userns_ino, r->pid) < 0) {
			log_debug("the subordinate ids changed: pause process %d ends", r->pid);
			sys_pidfd_send_signal(s->pause_pidfd, SIGKILL);
			proc_pidfd_wait(s->pause_pidfd, -1);
			return 0;
		}
		log_warn("the subordinate ids of this user changed; running containers keep the "
			 "old ones: stop them and run: rootlet system migrate");
	}
	session_record_read_config(r->config);
	err = save_record(s, r, e);
	return err < 0 ? err : 1;
}

/* Under the lock. */
static int find_or_make(struct session *s, struct err *e)
{
	auto_of(session_plan_clear) struct session_plan p = { 0 };
	bool is_alive;
	int r = 0;

	/* Not those of an outer session that was seen on the way. */
	s->uid = getuid();
	s->gid = getgid();
	free(s->record_file);
	s->record_file = session_record_file_name();
	is_alive = session_find(s, s->record_file) && proc_pidfd_is_alive(s->pause_pidfd);
	if (is_alive && session_record_is_config_same(s->record))
		return enter_existing(s, e);
	if (!is_alive && s->record)
		r = adopt(s, e);
	if (r != 0)
		return r < 0 ? r : 0;
	r = session_plan_make(&p, e);
	if (r == 0 && is_alive) {
		r = renew_config(s, &p, e);
		if (r > 0)
			return enter_existing(s, e);
	} else if (r == 0) {
		r = recover(s, &p, e);
		if (r > 0)
			return 0;
		/* The directory of an outer session may be one where nobody would look for ours. */
		if (r == 0 && p.is_nested && !s->is_runroot)
			r = session_choose_dir(s, e);
	}
	return r < 0 ? r : make_new(s, &p, e);
}

int session_make(struct session *s, struct err *e)
{
	autoclose int lock = session_lock(s, e);
	int r;

	if (lock < 0)
		return lock;
	/* A pause process may be killed at any moment: between the look at it and setns too, and a
	 * dying one has no namespaces any more before its pidfd says so. */
	for (int tries = 0;; tries++) {
		r = find_or_make(s, e);
		if ((r != -ESRCH && r != -EPIPE) || tries == MAX_TRIES)
			return r;
		log_debug("%s: once more", e->msg);
		if (s->pause_pidfd >= 0)
			proc_pidfd_wait(s->pause_pidfd, DYING_MS);
	}
}
