/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/denied.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "runtime/spec.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define OVERFLOW_ID 65534	/* what the kernel shows of ids that are not mapped */

/* The component that denies: the last that can still be opened. *is_whole: that is path itself. */
static int find_denying(int root_fd, const char *path, char **found, bool *is_whole)
{
	autofree char *clean = path_clean(path);
	autoclose int last = root_open(root_fd, "/", O_PATH);
	size_t len = 1;

	*found = xstrdup("/");
	*is_whole = strcmp(clean, "/") == 0;
	for (const char *p = clean; last >= 0 && *p; p += strcspn(p, "/")) {
		autofree char *prefix = NULL;
		int fd;

		p += strspn(p, "/");
		if (!*p)
			break;
		len = p - clean + strcspn(p, "/");
		prefix = xstrndup(clean, len);
		fd = root_open(root_fd, prefix, O_PATH);
		if (fd < 0)
			break;
		fd_close(&last);
		last = fd;
		xreplace(found, prefix);
		*is_whole = !clean[len];
	}
	return steal_fd(&last);
}

static void add_owner(struct str *s, const struct spec_process *p, const struct stat *st)
{
	uint32_t uid = idmap_outside(&p->host_uids, st->st_uid);
	uint32_t gid = idmap_outside(&p->host_gids, st->st_gid);

	str_addf(s, " (mode %04o, owner ", st->st_mode & 07777);
	if (st->st_uid == OVERFLOW_ID && st->st_gid == OVERFLOW_ID)
		str_add(s, "and group outside of its ids");
	else if (st->st_uid == OVERFLOW_ID)
		str_addf(s, "outside of its ids, group %u", st->st_gid);
	else
		str_addf(s, "%u:%u", st->st_uid, st->st_gid);
	if (uid != IDMAP_NONE && st->st_uid != OVERFLOW_ID && (uid != st->st_uid || gid != st->st_gid)) {
		str_addf(s, ", on the host %u:", uid);
		if (gid != IDMAP_NONE)
			str_addf(s, "%u", gid);
		else
			str_add(s, "?");
	}
	str_addc(s, ')');
}

static void add_remedy(struct str *s, const struct spec_process *p, uid_t uid, const struct stat *st)
{
	bool is_own = idmap_outside(&p->host_uids, st->st_uid) == p->host_uid;

	if (!S_ISDIR(st->st_mode) && !(st->st_mode & 0111))
		str_add(s, "chmod +x");
	else if (st->st_uid == OVERFLOW_ID)
		str_addf(s, "chmod o+x, as its owner%s",
			 p->keep_groups ? "" : ", or --group-add keep-groups if a group of yours may");
	else if (is_own && uid != st->st_uid)
		str_addf(s, "--userns=keep-id:uid=%u,gid=%u, the volume option U, or chmod o+x", uid,
			 getgid());
	else
		str_addf(s, "chmod o+x, or --user %u", st->st_uid);
}

void denied_explain(struct err *e, const struct spec_process *p, uid_t uid, int root_fd,
		    const char *path)
{
	auto_of(str_clear) struct str s = { 0 };
	autofree char *found = NULL;
	bool is_whole = false;
	autoclose int fd = find_denying(root_fd, path, &found, &is_whole);
	uint32_t outside = idmap_outside(&p->host_uids, uid);
	struct statvfs fs;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	str_addf(&s, ": %s", found);
	add_owner(&s, p, &st);
	if (is_whole && S_ISREG(st.st_mode) && fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_NOEXEC)) {
		str_add(&s, " is on a file system mounted noexec");
	} else {
		str_addf(&s, " is closed to uid %u", uid);
		if (outside != IDMAP_NONE && outside != uid)
			str_addf(&s, " (host uid %u)", outside);
		str_add(&s, ": ");
		add_remedy(&s, p, uid, &st);
	}
	snprintf(e->msg + strlen(e->msg), sizeof(e->msg) - strlen(e->msg), "%s", str_peek(&s));
}
