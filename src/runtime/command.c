/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * CVE-2019-5736: an image's program is "#!/proc/self/exe". The kernel resolves that while we are still
 * ourselves, so rootlet is started inside the container, and the container reaches rootlet's file on
 * the host through /proc/PID/exe: it could write to it when it is installed in the user's home. Two
 * things are in the way:
 *
 * - such a program is not started: the file and each interpreter in its chain are compared with our
 *   own file. Another container may change a script in a shared volume between the look and the exec;
 * - then rootlet's file is still busy (ETXTBSY) for writers: the monitor of this container and the
 *   pause process execute the same file for as long as any container runs.
 */
#include "runtime/command.h"

#include "base/fd.h"
#include "base/str.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int find_in(char **path, char **denied, const char *dirs, const char *name)
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
		if (r == -EACCES && worst != r) {
			worst = r;
			*denied = steal_ptr(&full);
		}
	}
	return worst;
}

int command_find(char **path, const char *arg0, const struct strv *env, struct err *e)
{
	const char *dirs = strv_env_get(env, "PATH");
	autofree char *denied = NULL;
	int r;

	if (str_empty(arg0))
		return err_set(e, ERR_EXEC_NOENT, "no command was given, and the image has none");
	if (strchr(arg0, '/')) {
		r = check(arg0);
		if (r >= 0 || r == -EACCES)
			*path = xstrdup(arg0);
		return r < 0 ? command_error(arg0, -r, e) : 0;
	}
	if (!dirs)
		return err_set(e, ERR_EXEC_NOENT, "executable file `%s` not found in $PATH: the container has "
			       "no PATH: give the program's whole path", arg0);
	r = find_in(path, &denied, dirs, arg0);
	if (r == -EACCES) {
		*path = steal_ptr(&denied);
		return command_error(arg0, EACCES, e);
	}
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

/* The first word behind "#!" of a file into buf; false when it has none. */
static bool read_interpreter(const char *path, char *buf, size_t size)
{
	autoclose int fd = fd_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd < 0 ? fd : fd_read_full(fd, buf, size - 1);
	char *word;

	if (n < 3 || buf[0] != '#' || buf[1] != '!')
		return false;
	buf[n] = 0;
	word = buf + 2 + strspn(buf + 2, " \t");
	word[strcspn(word, " \t\n")] = 0;
	memmove(buf, word, strlen(word) + 1);
	return *buf;
}

int command_check(const char *path, int proc_fd, struct err *e)
{
	char interpreter[256];
	struct stat own, st;

	if (fstatat(proc_fd, "self/exe", &own, 0) < 0)
		return 0;	/* deleted by an upgrade: nobody can open it by that name either */
	/* binfmt_script goes four interpreters deep. */
	for (int depth = 0; depth < 6; depth++) {
		if (stat(path, &st) == 0 && st.st_dev == own.st_dev && st.st_ino == own.st_ino)
			return err_set(e, ERR_EXEC_PERM, "exec `%s`: Permission denied: it would run the "
				       "container engine inside the container", path);
		if (!read_interpreter(path, interpreter, sizeof(interpreter)))
			return 0;
		path = interpreter;
	}
	return 0;
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
