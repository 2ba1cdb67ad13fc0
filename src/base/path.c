/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include "base/fd.h"
#include "base/str.h"
#include "base/strv.h"
#include "base/sys.h"

#include <errno.h>
#include <string.h>

#define ROOT_RESOLVE (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)
#define STORE_RESOLVE                                                                              \
	(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV)

int root_open(int root_dirfd, const char *path, int flags)
{
	return sys_openat2(root_dirfd, path, flags, 0, ROOT_RESOLVE);
}

int store_open_beneath(int dirfd, const char *path, int flags)
{
	return sys_openat2(dirfd, path, flags, 0, STORE_RESOLVE);
}

/* Opens the deepest existing prefix of clean_path; *rest is what is left to make. */
static int open_deepest(int root_dirfd, const char *clean_path, const char **rest)
{
	autofree char *part = xstrdup(clean_path);
	size_t len = strlen(part);

	for (;;) {
		int fd = root_open(root_dirfd, len ? part : "/", O_PATH | O_DIRECTORY);

		if (fd >= 0) {
			*rest = clean_path + len;
			while (**rest == '/')
				(*rest)++;
			return fd;
		}
		if (fd != -ENOENT || len == 0)
			return fd;
		while (len && part[len - 1] != '/')
			len--;
		while (len && part[len - 1] == '/')
			len--;
		part[len] = 0;
	}
}

int root_mkdirs(int root_dirfd, const char *path, mode_t mode)
{
	autofree char *rooted = path_join("/", path);
	autofree char *clean = path_clean(rooted);
	auto_of(strv_clear) struct strv parts = { 0 };
	autoclose int fd = -1;
	const char *rest;

	/* What exists may hold symbolic links and is walked by the kernel inside the root; what is
	 * made is made one name at a time below a descriptor, so nothing can be swapped in. */
	fd = open_deepest(root_dirfd, clean, &rest);
	if (fd < 0)
		return fd;
	strv_split(&parts, rest, '/');
	for (size_t i = 0; i < parts.n; i++) {
		int next;

		if (mkdirat(fd, parts.v[i], mode) < 0 && errno != EEXIST)
			return -errno;
		next = sys_openat2(fd, parts.v[i], O_PATH | O_DIRECTORY | O_NOFOLLOW, 0,
				   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
		if (next < 0)
			return next;
		fd_close(&fd);
		fd = next;
	}
	return steal_fd(&fd);
}

int root_parent(int root_dirfd, const char *path, bool make, mode_t mode, char **name)
{
	autofree char *rooted = path_join("/", path);
	autofree char *clean = path_clean(rooted);
	autofree char *dir = path_dir(clean);
	int fd;

	fd = make ? root_mkdirs(root_dirfd, dir, mode)
		  : root_open(root_dirfd, dir, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return fd;
	*name = xstrdup(path_base(clean));
	return fd;
}

char *path_clean(const char *path)
{
	auto_of(strv_clear) struct strv in = { 0 }, out = { 0 };
	bool absolute = path[0] == '/';
	autofree char *joined = NULL;

	strv_split(&in, path, '/');
	for (size_t i = 0; i < in.n; i++) {
		const char *part = in.v[i];

		if (!*part || strcmp(part, ".") == 0)
			continue;
		if (strcmp(part, "..") != 0)
			strv_add(&out, part);
		else if (out.n && strcmp(out.v[out.n - 1], "..") != 0)
			strv_remove_at(&out, out.n - 1);
		else if (!absolute)
			strv_add(&out, part);
	}
	joined = strv_join(&out, "/");
	if (absolute)
		return xasprintf("/%s", joined);
	return xstrdup(*joined ? joined : ".");
}

char *path_join(const char *a, const char *b)
{
	if (b[0] == '/' || !*a)
		return xstrdup(b);
	if (!*b)
		return xstrdup(a);
	return xasprintf("%s%s%s", a, str_has_suffix(a, "/") ? "" : "/", b);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *path_dir(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xstrndup(path, slash - path);
}

char *path_config(const char *below)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && *config)
		return path_join(config, below);
	return home && *home ? xasprintf("%s/.config/%s", home, below) : NULL;
}

bool path_is_below(const char *path, const char *dir)
{
	autofree char *p = path_clean(path), *d = path_clean(dir);
	const char *rest;

	if (strcmp(d, "/") == 0)
		return true;
	rest = str_after(p, d);
	return rest && (*rest == 0 || *rest == '/');
}
