/* SPDX-License-Identifier: Apache-2.0 */
#include "container/secret_driver.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"

#include <string.h>
#include <unistd.h>

#define DATA_FILE "data"
#define KEY_MAX 4096

struct secret_driver {
	const char *name;
	const char *const *options;	/* NULL-terminated */
	size_t required;		/* of them, from the first */
	int (*store)(const struct secret_driver_args *a, const char *data, size_t n, struct err *e);
	int (*lookup)(const struct secret_driver_args *a, char **data, size_t *n, struct err *e);
	int (*del)(const struct secret_driver_args *a, struct err *e);
};

/* --- file --- */

static int file_store(const struct secret_driver_args *a, const char *data, size_t n, struct err *e)
{
	int r = file_write_at(a->dirfd, DATA_FILE, data, n, 0600, FILE_SYNC);

	return r < 0 ? err_sys(e, -r, "write secret") : 0;
}

static int file_lookup(const struct secret_driver_args *a, char **data, size_t *n, struct err *e)
{
	int r = file_read_at(a->dirfd, DATA_FILE, data, n, a->max);

	return r < 0 ? err_sys(e, -r, "read secret") : 0;
}

/* It goes with the secret's directory. */
static int file_delete(const struct secret_driver_args *a, struct err *e)
{
	(void)a;
	(void)e;
	return 0;
}

/* --- programs --- */

struct program {
	const struct strv *argv, *env;	/* env: more variables; NULL: none */
	const char *input;		/* NULL: no stdin */
	size_t input_n;
	const char *shown;		/* in errors */
	bool wants_output;
};

/* What it writes; owned. Its stderr is ours: it is a person who reads what gpg wants to say. */
static int run(const struct program *p, char **out, size_t *n, size_t max, struct err *e)
{
	auto_of(proc_clear) struct proc child = { .pidfd = -1 };
	auto_of(strv_clear) struct strv env = { 0 };
	autoclose int in_fd = -1, out_fd = -1;
	struct proc_args args = { .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = STDERR_FILENO };
	int r = 0;

	if (p->input)
		args.stdin_fd = in_fd = r = fd_memfd_with("secret", p->input, p->input_n);
	if (r >= 0 && p->wants_output)
		args.stdout_fd = out_fd = r = fd_memfd("secret");
	if (r < 0)
		return err_sys(e, -r, "secret: memfd");
	for (char **v = environ; *v; v++)
		strv_add(&env, *v);
	for (size_t i = 0; p->env && i < p->env->n; i++)
		strv_env_put(&env, p->env->v[i]);
	args.argv = (const char *const *)strv_vec(p->argv);
	args.envp = (const char *const *)strv_vec(&env);
	if (proc_spawn(&child, &args, e) < 0)
		return -e->code;
	r = proc_wait(&child, e);
	if (r != 0)
		return r < 0 ? r : err_set(e, EIO, "'%s' ended with %d", p->shown, r);
	if (!p->wants_output)
		return 0;
	if (lseek(out_fd, 0, SEEK_SET) < 0)
		return err_sys(e, errno, "secret");
	r = fd_read_all(out_fd, out, n, max);
	return r < 0 ? err_sys(e, -r, "what '%s' wrote", p->argv->v[0]) : 0;
}

/* --- pass --- */

static char *pass_root(const struct secret_driver_args *a)
{
	const char *root = strv_env_get(a->opts, "root"), *home = getenv("HOME");
	const char *dir = getenv("PASSWORD_STORE_DIR");

	if (root)
		return xstrdup(root);
	return !str_empty(dir) ? xstrdup(dir) : xasprintf("%s/.password-store", home ? home : "");
}

/* The key of the option, or the first of .gpg-id as pass(1) keeps it. */
static int pass_key(char **key, const struct secret_driver_args *a, const char *root, struct err *e)
{
	const char *given = strv_env_get(a->opts, "key");
	autofree char *path = xasprintf("%s/.gpg-id", root);
	int r;

	if (given) {
		*key = xstrdup(given);
		return 0;
	}
	r = file_read_at(AT_FDCWD, path, key, NULL, KEY_MAX);
	if (r < 0)
		return err_set(e, -r, "secret driver pass: which key? there is no option key and no %s", path);
	(*key)[strcspn(*key, "\r\n")] = 0;
	return 0;
}

static void gpg(struct strv *argv, const struct secret_driver_args *a)
{
	const char *home = strv_env_get(a->opts, "gpghomedir");

	strv_add(argv, "gpg");
	if (home) {
		strv_add(argv, "--homedir");
		strv_add(argv, home);
	}
	strv_add(argv, "--quiet");
	strv_add(argv, "--batch");
	strv_add(argv, "--yes");
}

static int pass_store(const struct secret_driver_args *a, const char *data, size_t n, struct err *e)
{
	autofree char *root = pass_root(a), *path = xasprintf("%s/%s.gpg", root, a->id), *key = NULL;
	auto_of(strv_clear) struct strv argv = { 0 };
	struct program p = { .argv = &argv, .input = data, .input_n = n, .shown = "gpg" };

	if (pass_key(&key, a, root, e) < 0)
		return -e->code;
	if (mkdir(root, 0700) < 0 && errno != EEXIST)
		return err_sys(e, errno, "%s", root);
	gpg(&argv, a);
	/* The user named the key: whether it is trusted is not ours to ask. */
	strv_add(&argv, "--trust-model=always");
	strv_add(&argv, "--no-auto-key-locate");
	strv_add(&argv, "--encrypt");
	strv_add(&argv, "--recipient");
	strv_add(&argv, key);
	strv_add(&argv, "--output");
	strv_add(&argv, path);
	return run(&p, NULL, NULL, 0, e);
}

static int pass_lookup(const struct secret_driver_args *a, char **data, size_t *n, struct err *e)
{
	autofree char *root = pass_root(a), *path = xasprintf("%s/%s.gpg", root, a->id);
	auto_of(strv_clear) struct strv argv = { 0 };
	struct program p = { .argv = &argv, .wants_output = true, .shown = "gpg" };

	gpg(&argv, a);
	strv_add(&argv, "--decrypt");
	strv_add(&argv, path);
	return run(&p, data, n, a->max, e);
}

static int pass_delete(const struct secret_driver_args *a, struct err *e)
{
	autofree char *root = pass_root(a), *path = xasprintf("%s/%s.gpg", root, a->id);

	if (unlink(path) < 0 && errno != ENOENT)
		return err_sys(e, errno, "remove %s", path);
	return 0;
}

/* --- shell --- */

static int shell(const struct secret_driver_args *a, const char *option, const char *data, size_t n,
		 char **out, size_t *out_n, struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 }, env = { 0 };
	struct program p = { .argv = &argv, .env = &env, .input = data, .input_n = n,
			     .wants_output = out != NULL, .shown = strv_env_get(a->opts, option) };

	strv_add(&argv, "/bin/sh");
	strv_add(&argv, "-c");
	strv_add(&argv, strv_env_get(a->opts, option));
	strv_addf(&env, "SECRET_ID=%s", a->id);
	return run(&p, out, out_n, a->max, e);
}

static int shell_store(const struct secret_driver_args *a, const char *data, size_t n, struct err *e)
{
	return shell(a, "store", data, n, NULL, NULL, e);
}

static int shell_lookup(const struct secret_driver_args *a, char **data, size_t *n, struct err *e)
{
	return shell(a, "lookup", NULL, 0, data, n, e);
}

static int shell_delete(const struct secret_driver_args *a, struct err *e)
{
	return shell(a, "delete", NULL, 0, NULL, NULL, e);
}

/* --- all --- */

static const char *const no_options[] = { NULL };
static const char *const pass_options[] = { "root", "key", "gpghomedir", NULL };
static const char *const shell_options[] = { "list", "lookup", "store", "delete", NULL };

static const struct secret_driver drivers[] = {
	{ "file", no_options, 0, file_store, file_lookup, file_delete },
	{ "pass", pass_options, 0, pass_store, pass_lookup, pass_delete },
	{ "shell", shell_options, 4, shell_store, shell_lookup, shell_delete },
};

const struct secret_driver *secret_driver_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (str_eq(drivers[i].name, name))
			return &drivers[i];
	return NULL;
}

static bool has_option(const struct secret_driver *d, const char *text)
{
	for (const char *const *o = d->options; *o; o++) {
		const char *rest = str_after(text, *o);

		if (rest && *rest == '=' && rest[1])
			return true;
	}
	return false;
}

int secret_driver_check(const struct secret_driver *d, const struct strv *opts, struct err *e)
{
	auto_of(str_clear) struct str all = { 0 };

	for (const char *const *o = d->options; *o; o++)
		str_addf(&all, "%s%s", all.len ? ", " : "", *o);
	for (size_t i = 0; i < opts->n; i++)
		if (!has_option(d, opts->v[i]))
			return err_set(e, ERR_USAGE, "--driver-opts '%s': driver %s takes %s%s", opts->v[i],
				       d->name, all.len ? "KEY=VALUE, KEY one of " : "no options",
				       str_peek(&all));
	for (size_t i = 0; i < d->required; i++)
		if (!strv_env_get(opts, d->options[i]))
			return err_set(e, ERR_USAGE, "--driver-opts: driver %s needs the commands %s; %s is "
				       "missing", d->name, str_peek(&all), d->options[i]);
	return 0;
}

int secret_driver_store(const struct secret_driver *d, const struct secret_driver_args *a,
			const char *data, size_t n, struct err *e)
{
	return d->store(a, data, n, e);
}

int secret_driver_lookup(const struct secret_driver *d, const struct secret_driver_args *a, char **data,
			 size_t *n, struct err *e)
{
	return d->lookup(a, data, n, e);
}

int secret_driver_delete(const struct secret_driver *d, const struct secret_driver_args *a,
			 struct err *e)
{
	return d->del(a, e);
}
