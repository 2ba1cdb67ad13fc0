/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * Every command begins here, so the usual case is a few system calls: open the runtime directory,
 * read the record in it, get a pidfd of the pause process and compare its identity, setns. All the
 * rest (no session yet, a dead one, another configuration) is session_make.c, under a lock.
 */
#include "userns/session_priv.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/sys.h"
#include "userns/account.h"
#include "userns/holders.h"
#include "userns/nsid.h"
#include "userns/runtime_dir.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_real_root(void)
{
	auto_of(idmap_clear) struct idmap m = { 0 };

	if (geteuid() != 0)
		return false;
	if (nsid_of(0, "user") == NSID_INIT_USER)
		return true;
	/* A namespace that maps everything to itself hides nothing: its root is root. */
	return idmap_load(&m, "/proc/self/uid_map") < 0 || idmap_is_full(&m);
}

int session_check_caller(struct err *e)
{
	const char *user = getenv("SUDO_USER");

	if (getauxval(AT_SECURE))
		return err_set(e, EPERM,
			       "rootlet does not run with raised privileges: take the setuid bit and "
			       "file capabilities off its program file");
	if (!is_real_root())
		return 0;
	if (str_empty(user) || strcmp(user, "root") == 0)
		user = "NAME";
	return err_set(e, EPERM, "rootlet does not run as root: run it as a user: "
		       "runuser -u %s -- rootlet ...", user);
}

static bool is_ours(const char *dir)
{
	struct stat st;

	return stat(dir, &st) == 0 && st.st_uid == getuid();
}

/* HOME; but runuser, su -m and sudo -E leave root's there, and then the account's own is meant. */
static char *find_home(void)
{
	const char *env = getenv("HOME");
	autofree char *own = NULL;

	if (env && env[0] == '/' && is_ours(env))
		return xstrdup(env);
	if (account_find(getuid(), NULL, &own) == 0 && own[0] == '/' &&
	    (is_ours(own) || !env || env[0] != '/'))
		return steal_ptr(&own);
	return xstrdup(env && env[0] == '/' ? env : "/");
}

static char *xdg_dir(const char *variable, const char *home, const char *below_home)
{
	const char *v = getenv(variable);

	return v && v[0] == '/' ? xstrdup(v) : path_join(home, below_home);
}

static struct session *new_session(void)
{
	struct session *s = xcalloc(1, sizeof(*s));
	autofree char *data = NULL;

	s->runtime_dirfd = s->pause_pidfd = -1;
	s->uid = getuid();
	s->gid = getgid();
	s->home = find_home();
	/* All that is read from the home (storage.conf, auth.json, ...) goes by the variable, here and in
	 * the programs that we start. Out of memory it is as wrong as it was. */
	if (!str_eq(getenv("HOME"), s->home))
		(void)setenv("HOME", s->home, 1);
	data = xdg_dir("XDG_DATA_HOME", s->home, ".local/share");
	s->data_dir = path_join(data, "rootlet");
	s->config_dir = xdg_dir("XDG_CONFIG_HOME", s->home, ".config");
	return s;
}

static int open_runroot(struct session *s, const char *runroot, struct err *e)
{
	autofree char *cwd = runroot[0] == '/' ? NULL : getcwd(NULL, 0);
	autofree char *path = cwd ? path_join(cwd, runroot) : xstrdup(runroot);
	char *clean;
	int dirfd, r;

	if (path[0] != '/' || strchr(path, '\n'))
		return err_set(e, EINVAL, "--runroot %s: not usable as a path", runroot);
	clean = path_clean(path);
	r = runtime_dir_open_path(&dirfd, clean, getuid(), true, e);
	if (r < 0) {
		free(clean);
		return r;
	}
	session_set_runtime_dir(s, clean, dirfd);
	s->is_runroot = true;
	return 0;
}

int session_load(struct session **out, const char *runroot, struct err *e)
{
	auto_of(session_free) struct session *s = new_session();
	int r = 0;

	if (runroot)
		r = open_runroot(s, runroot, e);
	if (r == 0 && !session_find(s, NULL) && !runroot)
		r = session_choose_dir(s, e);
	if (r < 0)
		return r;
	*out = steal_ptr(&s);
	return 0;
}

int session_join(struct session *s, struct err *e)
{
	if (s->is_joined)
		return 0;
	if (s->pause_pidfd >= 0 && session_record_is_config_same(s->record) && session_enter(s) == 0)
		return 0;
	return session_make(s, e);
}

int session_join_mounts(struct session *s, struct err *e)
{
	autofree char *cwd = getcwd(NULL, 0);
	int r = session_join(s, e);

	if (r < 0)
		return r;
	r = sys_setns(s->pause_pidfd, CLONE_NEWNS);
	if (r == -ESRCH) {
		r = session_make_here(s, e);
		if (r < 0)
			return r;
		r = sys_setns(s->pause_pidfd, CLONE_NEWNS);
	}
	if (r < 0)
		return err_sys(e, -r, "enter the mount namespace of the pause process");
	/* setns leaves us in the root directory; what is not to be seen from there stays so. */
	if (!cwd || chdir(cwd) < 0)
		r = chdir("/") < 0 ? err_sys(e, errno, "chdir /") : 0;
	return r;
}

static void narrow_map(struct idmap *map)
{
	for (size_t i = 0; i < map->n; i++)
		if (!map->v[i].inside) {
			map->v[0] = (struct idmap_line){ .outside = map->v[i].outside, .count = 1 };
			map->n = 1;
		}
}

void session_narrow(struct session *s)
{
	narrow_map(&s->uid_map);
	narrow_map(&s->gid_map);
	s->is_single_id = s->is_narrowed = true;
}

bool session_is_in_mounts(const struct session *s)
{
	return s->record && s->pause_pidfd >= 0 && nsid_of(0, "mnt") &&
	       nsid_of(s->record->pid, "mnt") == nsid_of(0, "mnt");
}

/* Also the copies in the other places. */
static void remove_records(struct session *s)
{
	struct err ignored;

	unlinkat(s->runtime_dirfd, s->record_file, 0);
	for (int place = 0; !s->is_runroot && place < N_RUNTIME_DIR_PLACES; place++) {
		auto_of(session_record_clear) struct session_record r = { 0 };
		autofree char *path = NULL;
		autoclose int dirfd = -1;

		if (runtime_dir_open(&path, &dirfd, place, s->uid, false, &ignored) == 0 &&
		    session_record_load(&r, dirfd, s->record_file) == 0 && r.pid == s->record->pid)
			unlinkat(dirfd, s->record_file, 0);
	}
}

int session_stop(struct session *s, struct err *e)
{
	autoclose int lock = session_lock(s, e);
	autofree char *own = s->is_joined ? xstrdup(s->record_file) : session_record_file_name();
	int r;

	if (lock < 0)
		return lock;
	/* By our own name: a nested user must not end the session outside, which he may see. */
	if (!session_find(s, own))
		return 0;
	r = sys_pidfd_send_signal(s->pause_pidfd, SIGKILL);
	if (r < 0 && r != -ESRCH)
		return err_sys(e, -r, "end the pause process %d", s->record->pid);
	proc_pidfd_wait(s->pause_pidfd, -1);
	remove_records(s);
	session_forget_record(s);
	return 0;
}

int session_end(struct session *s, struct err *e)
{
	uint64_t userns = s->record ? s->record->userns_ino : 0;

	/* Again, for what was forked while we looked. */
	for (int i = 0; userns && i < 5 && holders_kill(userns) > 0; i++)
		;
	return session_stop(s, e);
}

void session_free(struct session *s)
{
	if (!s)
		return;
	session_forget_record(s);
	fd_close(&s->runtime_dirfd);
	free(s->user_name);
	free(s->home);
	free(s->runtime_dir);
	free(s->data_dir);
	free(s->config_dir);
	free(s->record_file);
	free(s);
}
