/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/names.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_CANDIDATES 5

int names_get(int names_dirfd, const char *name, char **id)
{
	autofree char *file = ident_encode(name);
	char buf[256];
	ssize_t n;

	if (!file)
		return -ENOENT;
	n = readlinkat(names_dirfd, file, buf, sizeof(buf));
	if (n < 0)
		return errno == EINVAL ? -ENOENT : -errno;
	if ((size_t)n >= sizeof(buf))
		return -EBADMSG;
	*id = xstrndup(buf, n);
	return 0;
}

int names_add(int names_dirfd, const char *name, const char *id)
{
	autofree char *file = ident_encode(name);

	if (!file)
		return -ENAMETOOLONG;
	return symlinkat(id, names_dirfd, file) < 0 ? -errno : 0;
}

/* An encoded name never starts with a dot, so these cannot clash; names_list leaves them out. */
static int make_temp(int names_dirfd, const char *id, char tmp[64])
{
	char rnd[17];

	ident_random_hex(rnd, 16);
	snprintf(tmp, 64, ".%d.%s", getpid(), rnd);
	return symlinkat(id, names_dirfd, tmp) < 0 ? -errno : 0;
}

/* Gives the temporary link a name that nobody has; EEXIST and the like in errno. */
static bool name_first(int names_dirfd, const char *tmp, const char *file, const char *id)
{
	if (renameat2(names_dirfd, tmp, names_dirfd, file, RENAME_NOREPLACE) == 0)
		return true;
	/* NFS has no RENAME_NOREPLACE; the link is as exclusive when it is made. */
	if (errno != EINVAL || symlinkat(id, names_dirfd, file) < 0)
		return false;
	unlinkat(names_dirfd, tmp, 0);
	return true;
}

int names_set(int names_dirfd, const char *name, const char *id, char **old_id)
{
	autofree char *file = ident_encode(name), *old = NULL;
	char tmp[64];
	int r;

	if (!file)
		return -ENAMETOOLONG;
	r = make_temp(names_dirfd, id, tmp);
	if (r < 0)
		return r;
	/* Exchanged, not replaced: then the old id is exactly the one this change took away, even
	 * when two commands set the name at once. The loop ends: the name comes and goes only by
	 * other commands' doing. */
	for (;;) {
		if (renameat2(names_dirfd, tmp, names_dirfd, file, RENAME_EXCHANGE) == 0) {
			(void)file_readlink_at(names_dirfd, tmp, &old);
			unlinkat(names_dirfd, tmp, 0);
			break;
		}
		if (errno == EINVAL) {	/* NFS cannot exchange */
			(void)names_get(names_dirfd, name, &old);
			if (renameat(names_dirfd, tmp, names_dirfd, file) == 0)
				break;
		} else if (errno == ENOENT) {
			if (name_first(names_dirfd, tmp, file, id))
				break;
			if (errno == EEXIST)
				continue;
		}
		r = -errno;
		unlinkat(names_dirfd, tmp, 0);
		return r;
	}
	if (old_id)
		*old_id = steal_ptr(&old);
	return 0;
}

int names_remove(int names_dirfd, const char *name)
{
	autofree char *file = ident_encode(name);

	if (!file)
		return -ENOENT;
	return unlinkat(names_dirfd, file, 0) < 0 ? -errno : 0;
}

int names_list(int names_dirfd, struct strv *names, struct strv *ids)
{
	auto_of(strv_clear) struct strv files = { 0 }, sorted = { 0 };
	int r;

	r = file_list_dir(names_dirfd, ".", &files, false);
	if (r < 0)
		return r;
	for (size_t i = 0; i < files.n; i++) {
		char *name = files.v[i][0] == '.' ? NULL : ident_decode(files.v[i]);

		if (name)
			strv_add_take(&sorted, name);
	}
	strv_sort(&sorted);
	for (size_t i = 0; i < sorted.n; i++) {
		autofree char *id = NULL;

		r = names_get(names_dirfd, sorted.v[i], &id);
		if (r == -ENOENT)	/* removed since it was listed */
			continue;
		if (r < 0)
			return r;
		strv_add(names, sorted.v[i]);
		strv_add_take(ids, steal_ptr(&id));
	}
	return 0;
}

int names_find_prefix(int dirfd, const char *prefix, char **id, struct strv *candidates)
{
	autofree char *found = NULL;
	size_t len = strlen(prefix), n = 0;
	struct dirent *entry;
	DIR *dir;
	int fd;

	if (ident_is_id(prefix)) {
		if (faccessat(dirfd, prefix, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		*id = xstrdup(prefix);
		return 0;
	}
	if (!ident_is_hex(prefix) || len > IDENT_LEN)
		return -ENOENT;
	fd = fd_openat(dirfd, ".", O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		fd_close(&fd);
		return -ENOMEM;
	}
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, prefix, len) != 0 || !ident_is_id(entry->d_name))
			continue;
		if (n++ == 0)
			found = xstrdup(entry->d_name);
		if (candidates && n <= MAX_CANDIDATES)
			strv_add(candidates, entry->d_name);
	}
	closedir(dir);
	if (n != 1)
		return n ? -EEXIST : -ENOENT;
	*id = steal_ptr(&found);
	return 0;
}
