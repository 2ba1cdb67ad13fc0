/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tar_meta.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

struct tar_meta tar_meta_of(const struct tar_entry *entry)
{
	return (struct tar_meta){
		.mode = entry->mode,
		.uid = entry->uid,
		.gid = entry->gid,
		.mtime = entry->mtime,
		.atime = entry->atime,
		.xattrs = entry->xattrs,
		.xattr_n = entry->xattr_n,
	};
}

struct tar_meta tar_meta_copy(const struct tar_meta *m)
{
	struct tar_meta copy = *m;
	struct tar_xattr *v;

	if (!m->xattr_n) {
		copy.xattrs = NULL;
		return copy;
	}
	v = xcalloc(m->xattr_n, sizeof(*v));
	for (size_t i = 0; i < m->xattr_n; i++)
		v[i] = (struct tar_xattr){ .name = xstrdup(m->xattrs[i].name),
					   .value = xmemdup(m->xattrs[i].value, m->xattrs[i].len),
					   .len = m->xattrs[i].len };
	copy.xattrs = v;
	return copy;
}

void tar_meta_clear(struct tar_meta *m)
{
	for (size_t i = 0; i < m->xattr_n; i++) {
		free(m->xattrs[i].name);
		free(m->xattrs[i].value);
	}
	free((void *)m->xattrs);
	m->xattrs = NULL;
	m->xattr_n = 0;
}

/* The attributes of overlay and our own are instructions to us: an archive may not give them. The
 * others in this list of what is left out cannot be set without privilege over the host. */
static bool is_wanted(const char *name)
{
	if (str_has_prefix(name, "user.overlay.") || str_has_prefix(name, "user.fuseoverlayfs.") ||
	    str_has_prefix(name, "user.rootlet.") || str_has_prefix(name, "user.containers."))
		return false;
	return str_has_prefix(name, "user.") || strcmp(name, "security.capability") == 0 ||
	       strcmp(name, "system.posix_acl_access") == 0 ||
	       strcmp(name, "system.posix_acl_default") == 0;
}

static int set_xattrs(const struct tar_meta *m, int fd, const struct tar_meta_policy *p,
		      struct err *e)
{
	for (size_t i = 0; i < m->xattr_n; i++) {
		const struct tar_xattr *x = &m->xattrs[i];

		if (!is_wanted(x->name) || fsetxattr(fd, x->name, x->value, x->len, 0) == 0)
			continue;
		/* The file system has none, an ACL names unmapped ids, or one id has no rights. */
		if (errno == ENOTSUP || errno == EINVAL || (errno == EPERM && p->is_single_id))
			continue;
		return err_sys(e, errno, "set attribute %s", x->name);
	}
	return 0;
}

static bool needs_chown(const struct tar_meta *m, const struct tar_meta_policy *p)
{
	return !p->is_single_id && (m->uid || m->gid || p->is_always_set);
}

static int chown_failed(const struct tar_meta *m, const struct tar_meta_policy *p, struct err *e)
{
	int code = errno;

	if (p->ignore_chown_errors)
		return 0;
	if (code == EINVAL || code == EOVERFLOW)
		return err_set(e, EOVERFLOW,
			       "owner %u:%u has no id in your user namespace: more subordinate ids "
			       "are needed in /etc/subuid and /etc/subgid", m->uid, m->gid);
	return err_sys(e, code, "change the owner to %u:%u", m->uid, m->gid);
}

static bool needs_chmod(mode_t want, mode_t made, const struct tar_meta_policy *p)
{
	return p->is_always_set || (made & TAR_MODE_UNKNOWN) || want != (made & 0777 & ~p->umask);
}

static void fill_times(const struct tar_meta *m, struct timespec times[2])
{
	const struct tar_time *a = m->atime.is_set ? &m->atime : &m->mtime;

	times[0] = (struct timespec){ .tv_sec = a->sec, .tv_nsec = a->nsec };
	times[1] = (struct timespec){ .tv_sec = m->mtime.sec, .tv_nsec = m->mtime.nsec };
}

int tar_meta_apply(const struct tar_meta *m, int fd, mode_t made_mode,
		   const struct tar_meta_policy *p, struct err *e)
{
	struct timespec times[2];
	int r;

	if (needs_chown(m, p) && fchown(fd, m->uid, m->gid) < 0) {
		r = chown_failed(m, p, e);
		if (r < 0)
			return r;
	}
	if (needs_chmod(m->mode, made_mode, p) && fchmod(fd, m->mode) < 0)
		return err_sys(e, errno, "set mode %o", m->mode);
	if ((m->uid || m->gid) && p->is_single_id) {
		char owner[32];

		snprintf(owner, sizeof(owner), "%u:%u", m->uid, m->gid);
		if (fsetxattr(fd, TAR_OWNER_XATTR, owner, strlen(owner), 0) < 0 && errno != ENOTSUP)
			return err_sys(e, errno, "record the owner");
	}
	r = set_xattrs(m, fd, p, e);
	if (r < 0)
		return r;
	fill_times(m, times);
	return futimens(fd, times) < 0 ? err_sys(e, errno, "set the time") : 0;
}

int tar_meta_apply_at(const struct tar_meta *m, int dirfd, const char *name, bool is_link,
		      const struct tar_meta_policy *p, struct err *e)
{
	struct timespec times[2];
	int r;

	if (needs_chown(m, p) &&
	    fchownat(dirfd, name, m->uid, m->gid, AT_SYMLINK_NOFOLLOW) < 0) {
		r = chown_failed(m, p, e);
		if (r < 0)
			return r;
	}
	/* Made by us a moment ago with O_EXCL's meaning, and nobody else writes here. */
	if (!is_link && needs_chmod(m->mode, m->mode, p) && fchmodat(dirfd, name, m->mode, 0) < 0)
		return err_sys(e, errno, "set mode %o", m->mode);
	fill_times(m, times);
	if (utimensat(dirfd, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, errno, "set the time");
	return 0;
}
