/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * One user must have one session however he came in: with or without XDG_RUNTIME_DIR, which su,
 * cron and ssh leave out or get wrong. A command looks in its own first choice, and only if no
 * pause process lives there in the other places; a session in an XDG_RUNTIME_DIR that nobody else
 * could guess leaves a copy of its record in the usual place (session_make.c).
 *
 * Nested users (root of a container, or of `unshare -Ur`) may see the directory of the session
 * outside. Theirs is another file there, see session_record.h; joining the outer one fails with EPERM.
 */
#include "userns/session_priv.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/sys.h"
#include "userns/runtime_dir.h"

#include <string.h>
#include <unistd.h>

void session_set_runtime_dir(struct session *s, char *path_taken, int dirfd_taken)
{
	fd_close(&s->runtime_dirfd);
	free(s->runtime_dir);
	s->runtime_dir = path_taken;
	s->runtime_dirfd = dirfd_taken;
}

void session_forget_record(struct session *s)
{
	if (s->record)
		session_record_clear(s->record);
	free(steal_ptr(&s->record));
	fd_close(&s->pause_pidfd);
	idmap_clear(&s->uid_map);
	idmap_clear(&s->gid_map);
}

void session_set_record(struct session *s, struct session_record *taken, int pidfd_taken)
{
	struct session_record *r = xmemdup(taken, sizeof(*taken));

	*taken = (struct session_record){ 0 };
	session_forget_record(s);
	s->record = r;
	s->pause_pidfd = pidfd_taken;
	idmap_copy(&s->uid_map, &r->uids);
	idmap_copy(&s->gid_map, &r->gids);
	s->uid = r->uid;
	s->gid = r->gid;
	s->is_nested = r->is_nested;
	s->is_single_id = r->is_single;
	xreplace(&s->user_name, r->name);
}

static bool is_this_boot(const struct session_record *r)
{
	autofree char *now = NULL;

	return !r->boot || ((now = session_record_boot_id()) && strcmp(now, r->boot) == 0);
}

static bool try_record(struct session *s, int dirfd, const char *path, const char *file,
		       bool keep_dead)
{
	auto_of(session_record_clear) struct session_record r = { 0 };
	autoclose int pidfd = -1, other_fd = -1;
	struct err ignored;

	if (session_record_load(&r, dirfd, file) < 0 || !is_this_boot(&r))
		return false;
	pidfd = session_record_open(&r);
	if (pidfd < 0) {
		if (keep_dead && !s->record)
			session_set_record(s, &r, -1);
		return false;
	}
	/* The copy that a session in an unusual XDG_RUNTIME_DIR left here. */
	if (strcmp(r.dir, path) != 0) {
		if (s->is_runroot ||
		    runtime_dir_open_path(&other_fd, r.dir, getuid(), false, &ignored) < 0)
			return false;
		/* That directory was emptied and made again. */
		if (!file_exists_at(other_fd, file))
			session_record_save(&r, other_fd, file);
		session_set_runtime_dir(s, xstrdup(r.dir), steal_fd(&other_fd));
	}
	xreplace(&s->record_file, file);
	session_set_record(s, &r, steal_fd(&pidfd));
	return true;
}

/* own: "session" or the name for our namespaces, made when first needed. */
static bool try_dir(struct session *s, int dirfd, const char *path, const char *only_file,
		    char **own)
{
	if (only_file)
		return try_record(s, dirfd, path, only_file, true);
	if (try_record(s, dirfd, path, "session", false))
		return true;
	if (!*own)
		*own = session_record_file_name();
	return strcmp(*own, "session") != 0 && try_record(s, dirfd, path, *own, false);
}

bool session_find(struct session *s, const char *only_file)
{
	autofree char *own = NULL;
	struct err ignored;

	session_forget_record(s);
	if (s->is_runroot)
		return try_dir(s, s->runtime_dirfd, s->runtime_dir, only_file, &own);
	for (int place = 0; place < N_RUNTIME_DIR_PLACES; place++) {
		autofree char *path = NULL;
		autoclose int dirfd = -1;

		if (runtime_dir_open(&path, &dirfd, place, s->uid, false, &ignored) < 0)
			continue;
		if (!try_dir(s, dirfd, path, only_file, &own))
			continue;
		if (strcmp(s->record->dir, path) == 0)
			session_set_runtime_dir(s, steal_ptr(&path), steal_fd(&dirfd));
		return true;
	}
	return false;
}

int session_enter(struct session *s)
{
	int r = sys_setns(s->pause_pidfd, CLONE_NEWUSER);

	/* The kernel refuses the namespace that one is in: `rootlet unshare rootlet ps`. */
	if (r == -EINVAL && nsid_of(0, "user") == s->record->userns_ino)
		r = 0;
	if (r == 0)
		s->is_joined = true;
	return r;
}

int session_choose_dir(struct session *s, struct err *e)
{
	char *path = NULL;
	int dirfd = -1, r = 0;

	for (int place = 0; place < N_RUNTIME_DIR_PLACES; place++) {
		r = runtime_dir_open(&path, &dirfd, place, s->uid, true, e);
		if (r == 0) {
			session_set_runtime_dir(s, path, dirfd);
			return 0;
		}
	}
	return r;
}
