/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/command.h"

#include "base/str.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* 0 or -errno, as execve would say it. */
static int check(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	return access(path, X_OK) < 0 ? -errno : 0;
}

static int find_in(char **path, const char *dirs, const char *name)
{
	auto_of(strv_clear) struct strv list = { 0 };
	int worst = -ENOENT;

	strv_split(&list, dirs, ':');
	for (size_t i = 0; i < list.n; i++) {
		autofree char *full = NULL;
		int r;

		/* "" and "." in PATH mean the working directory, which the image may have filled with
		 * programs of well-known names: not here. */
		if (list.v[i][0] != '/')
			continue;
		full = xasprintf("%s/%s", list.v[i], name);
		r = check(full);
		if (r >= 0) {
			*path = steal_ptr(&full);
			return 0;
		}
		if (r == -EACCES)
			worst = r;
	}
	return worst;
}

int command_find(char **path, const char *arg0, const struct strv *env, struct err *e)
{
	const char *dirs = strv_env_get(env, "PATH");
	int r;

	if (str_empty(arg0))
		return err_set(e, ERR_EXEC_NOENT, "no command was given, and the image has none");
	if (strchr(arg0, '/')) {
		r = check(arg0);
		if (r >= 0)
			*path = xstrdup(arg0);
		return r < 0 ? command_error(arg0, -r, e) : 0;
	}
	r = find_in(path, dirs ? dirs : DEFAULT_PATH, arg0);
	if (r == -EACCES)
		return command_error(arg0, EACCES, e);
	if (r < 0)
		return err_set(e, ERR_EXEC_NOENT, "executable file `%s` not found in $PATH: "
			       "No such file or directory", arg0);
	return 0;
}

/* A file that is there but whose interpreter is not gives ENOENT too. */
static int missing(const char *path, struct err *e)
{
	if (access(path, F_OK) == 0)
		return err_set(e, ERR_EXEC_NOENT, "exec `%s`: its interpreter or loader was not found: "
			       "No such file or directory", path);
	return err_set(e, ERR_EXEC_NOENT, "executable file `%s` not found: "
		       "No such file or directory", path);
}

int command_error(const char *path, int code, struct err *e)
{
	switch (code) {
	case ENOENT:
	case ENOTDIR:
		return missing(path, e);
	case EACCES:
	case EPERM:
	case EISDIR:
		return err_set(e, ERR_EXEC_PERM, "exec `%s`: Permission denied", path);
	case ENOEXEC:
		return err_set(e, ERR_EXEC_PERM, "exec `%s`: Exec format error (built for another "
			       "architecture, or a script without #!)", path);
	default:
		return err_set(e, ERR_EXEC_PERM, "exec `%s`: %s", path, strerror(code));
	}
}
