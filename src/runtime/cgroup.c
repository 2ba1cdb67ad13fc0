/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/cgroup.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/units.h"

#include <string.h>

#define CGROUP_TEXT_MAX (1u << 20)

/* One name of a file of the cgroup itself: what a user gave with --cgroup-conf goes nowhere else,
 * and moves no process. */
static bool is_setting(const char *file)
{
	return *file && strspn(file, "abcdefghijklmnopqrstuvwxyz0123456789._") == strlen(file) &&
	       strchr(file, '.') && *file != '.' && !str_eq(file, "cgroup.procs") &&
	       !str_eq(file, "cgroup.threads") && !str_eq(file, "cgroup.kill");
}

static int write_file(int cgroup_fd, const char *file, const char *text)
{
	autoclose int fd = store_open_beneath(cgroup_fd, file, O_WRONLY);

	return fd < 0 ? fd : fd_write_all(fd, text, strlen(text));
}

static int apply_one(int cgroup_fd, const char *setting, struct err *e)
{
	const char *eq = strchr(setting, '=');
	autofree char *file = eq ? xstrndup(setting, eq - setting) : NULL;
	int r;

	if (!file || !is_setting(file))
		return err_set(e, EINVAL, "cgroup setting '%s' is not of the form memory.high=1000000",
			       setting);
	r = write_file(cgroup_fd, file, eq + 1);
	if (r == -ENOENT)
		return err_set(e, ENOENT, "cgroup setting %s: this kernel has no such file, or the "
			       "controller '%.*s' is not delegated to the user (systemd: Delegate=yes "
			       "in user@.service)", setting, (int)strcspn(file, "."), file);
	return r < 0 ? err_sys(e, -r, "cgroup setting %s", setting) : 0;
}

int cgroup_apply(int cgroup_fd, const struct spec_resources *resources, struct err *e)
{
	for (size_t i = 0; i < resources->unified.n; i++) {
		int r = apply_one(cgroup_fd, resources->unified.v[i], e);

		if (r < 0)
			return r;
	}
	return 0;
}

int cgroup_kill(int cgroup_fd)
{
	return write_file(cgroup_fd, "cgroup.kill", "1");
}

int cgroup_read(int cgroup_fd, const char *file, char **text)
{
	autoclose int fd = store_open_beneath(cgroup_fd, file, O_RDONLY);
	size_t len;

	return fd < 0 ? fd : fd_read_all(fd, text, &len, CGROUP_TEXT_MAX);
}

int cgroup_read_key(int cgroup_fd, const char *file, const char *key, uint64_t *value)
{
	autofree char *text = NULL;
	size_t len = strlen(key);
	int r = cgroup_read(cgroup_fd, file, &text);

	if (r < 0)
		return r;
	for (char *p = text; p && *p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncmp(p, key, len) == 0 && p[len] == ' ') {
			p[strcspn(p, "\n")] = 0;
			return units_parse_uint(p + len + 1, value);
		}
	}
	return -ENOENT;
}
