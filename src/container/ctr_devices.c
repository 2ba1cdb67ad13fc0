/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_devices.h"

#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "container/cdi.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 8

static bool is_node(mode_t mode)
{
	return S_ISCHR(mode) || S_ISBLK(mode);
}

/* What a container has of its own, or what is another's. */
static bool is_left_out(const char *name)
{
	static const char *const names[] = { "pts", "shm", "fd", "mqueue", "console", ".lxc", ".lxd-mounts", ".udev" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

/* Every node below a directory of the host, at the same place below dst. Links are not followed. */
static int add_directory(struct spec *s, const char *src, const char *dst, bool is_readonly, int depth,
			 struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	int r = file_list_dir(AT_FDCWD, src, &names, true);

	if (r == -EACCES && depth)
		return 0;
	if (r < 0)
		return err_set(e, ERR_USAGE, "--device: %s: %s", src, strerror(-r));
	for (size_t i = 0; i < names.n; i++) {
		autofree char *from = path_join(src, names.v[i]), *to = path_join(dst, names.v[i]);
		struct stat st;

		if (is_left_out(names.v[i]) || lstat(from, &st) < 0)
			continue;
		if (is_node(st.st_mode))
			spec_add_device(s, from, to)->is_readonly = is_readonly;
		else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX &&
			 add_directory(s, from, to, is_readonly, depth + 1, e) < 0)
			return -e->code;
	}
	return 0;
}

static int add_path(struct spec *s, const char *src, const char *dst, bool is_readonly, struct err *e)
{
	size_t before = s->devices_n;
	struct stat st;

	if (stat(src, &st) < 0)
		return err_set(e, ERR_USAGE, "--device: stat %s: %s", src,
			       errno == ENOENT ? "no such file or directory" : strerror(errno));
	if (S_ISDIR(st.st_mode)) {
		if (add_directory(s, src, dst, is_readonly, 0, e) < 0)
			return -e->code;
		if (s->devices_n == before)
			return err_set(e, ERR_USAGE, "--device: no devices found in %s: invalid argument", src);
		return 0;
	}
	if (!is_node(st.st_mode))
		return err_set(e, ERR_USAGE, "--device: %s is not a valid device: not a device node", src);
	spec_add_device(s, src, dst)->is_readonly = is_readonly;
	return 0;
}

/* "SRC[:DST[:PERMISSIONS]]"; an unprivileged user binds what he may open. */
static int add_text(struct spec *s, const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 };
	const char *perms = "rwm", *dst;

	strv_split(&parts, text, ':');
	if (parts.n < 1 || parts.n > 3 || parts.v[0][0] != '/')
		return err_set(e, ERR_USAGE, "--device %s: expected HOST-PATH[:PATH[:rwm]] or VENDOR/CLASS=NAME",
			       text);
	dst = parts.v[0];
	if (parts.n > 1 && parts.v[1][0] == '/')
		dst = parts.v[1];
	else if (parts.n > 1)
		perms = parts.v[1];
	if (parts.n > 2)
		perms = parts.v[2];
	if (!*perms || strspn(perms, "rwm") != strlen(perms))
		return err_set(e, ERR_USAGE, "--device %s: invalid device mode: %s: expected letters of rwm", text,
			       perms);
	return add_path(s, parts.v[0], dst, !strchr(perms, 'w'), e);
}

int ctr_devices_check(struct spec *s, const struct container_config *c, struct err *e)
{
	for (size_t i = 0; i < c->devices.n; i++)
		if (!cdi_is_name(c->devices.v[i]) && add_text(s, c->devices.v[i], e) < 0)
			return -e->code;
	return 0;
}

int ctr_devices_apply(struct spec *s, struct engine *g, const struct container_config *c, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };

	for (size_t i = 0; i < c->devices.n; i++)
		if (cdi_is_name(c->devices.v[i]))
			strv_add(&names, c->devices.v[i]);
	if (ctr_devices_check(s, c, e) < 0)
		return -e->code;
	return names.n ? cdi_apply(s, g, &names, e) : 0;
}
