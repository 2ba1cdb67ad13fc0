/* SPDX-License-Identifier: Apache-2.0 */
/* login and logout: credentials of registries, in the files that Podman and Docker use too. */
#include "base/fd.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/commands.h"
#include "image/auth.h"
#include "image/registries.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define SECRET_MAX 65536

struct login_args {
	char *authfile, *compat_auth_file, *user, *password;
	bool password_stdin, get_login, all;
};

static const struct opt login_opts[] = {
	OPT_STR(0, "authfile", struct login_args, authfile, "FILE", "write there instead of the usual auth.json"),
	OPT_LATER(0, "cert-dir", "DIR", "the registry itself is asked at the first pull"),
	OPT_STR(0, "compat-auth-file", struct login_args, compat_auth_file, "FILE", "write Docker's config.json there"),
	OPT_FLAG(0, "get-login", struct login_args, get_login, "print the user who is logged in"),
	OPT_STR('p', "password", struct login_args, password, "PASSWORD", "seen by others in the process list: prefer --password-stdin"),
	OPT_FLAG(0, "password-stdin", struct login_args, password_stdin, "read the password from standard input"),
	OPT_LATER(0, "secret", "NAME", "secrets are not there yet"),
	OPT_LATER(0, "tls-verify", NULL, "the registry itself is asked at the first pull"),
	OPT_STR('u', "username", struct login_args, user, "NAME", "the user's name"),
	OPT_LATER('v', "verbose", NULL, ""),
	OPT_END,
};

/* The registry of the operand; else the first that short names are looked for in. */
static char *registry_of(const struct strv *rest)
{
	auto_of(registries_free) struct registries *r = NULL;
	const struct strv *search;
	struct err ignored;

	if (rest->n)
		return xstrdup(rest->v[0]);
	if (registries_load(&r, &ignored) < 0)
		return xstrdup("docker.io");
	search = registries_search_peek(r);
	return xstrdup(search->n ? search->v[0] : "docker.io");
}

static const char *file_of(const struct login_args *a)
{
	return a->authfile ? a->authfile : a->compat_auth_file;
}

/* One line from the terminal; a password is not shown while it is typed. */
static int ask(char **out, const char *what, bool is_secret, struct err *e)
{
	struct termios old, quiet;
	bool hide = is_secret && tcgetattr(STDIN_FILENO, &old) == 0;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (!isatty(STDIN_FILENO))
		return err_set(e, ERR_USAGE, "login: %s is missing: use --username and --password-stdin", what);
	fprintf(stderr, "%s: ", what);
	if (hide) {
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	n = getline(&line, &cap, stdin);
	if (hide) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
		fputc('\n', stderr);
	}
	if (n > 0 && line[n - 1] == '\n')
		line[n - 1] = '\0';
	if (n <= 0 || !*line) {
		free(line);
		return err_set(e, EINVAL, "login: no %s was given", what);
	}
	*out = line;
	return 0;
}

static int read_secret(char **out, struct err *e)
{
	size_t len;
	int r = fd_read_all(STDIN_FILENO, out, &len, SECRET_MAX);

	if (r < 0)
		return err_sys(e, -r, "--password-stdin");
	while (len && strchr("\r\n", (*out)[len - 1]))
		(*out)[--len] = '\0';
	return len ? 0 : err_set(e, EINVAL, "--password-stdin: standard input is empty");
}

static int get_login(const struct login_args *a, const char *registry, struct err *e)
{
	auto_of(auth_clear) struct auth have = { 0 };
	int r = auth_find(&have, file_of(a), registry, e);

	if (r < 0)
		return r;
	if (r == 0 || !have.user)
		return err_set(e, ENOENT, "not logged in to %s", registry);
	puts(have.user);
	return 0;
}

static int read_credentials(struct auth *out, struct login_args *a, struct err *e)
{
	int r = 0;

	if (a->password && a->password_stdin)
		return err_set(e, ERR_USAGE, "--password and --password-stdin exclude each other");
	if (a->password_stdin && !a->user)
		return err_set(e, ERR_USAGE, "--password-stdin needs --username");
	if (a->user)
		out->user = xstrdup(a->user);
	else
		r = ask(&out->user, "user name", false, e);
	if (r >= 0 && strchr(out->user, ':'))
		r = err_set(e, ERR_USAGE, "a user name has no ':'");
	if (r < 0)
		return r;
	if (a->password_stdin)
		return read_secret(&out->password, e);
	if (!a->password)
		return ask(&out->password, "password", true, e);
	out->password = xstrdup(a->password);
	return 0;
}

static int login_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct login_args *a = args;
	auto_of(auth_clear) struct auth auth = { 0 };
	autofree char *registry = registry_of(rest);
	int r;

	(void)c;
	if (a->get_login)
		return get_login(a, registry, e);
	r = read_credentials(&auth, a, e);
	if (r >= 0)
		r = auth_store(file_of(a), registry, &auth, e);
	if (r >= 0)
		printf("Credentials for %s are stored; the registry is asked with them at the next pull.\n",
		       registry);
	return r;
}

const struct cmd cmd_login = {
	.path = "login", .args = "[REGISTRY]", .help = "store the user name and password of a registry",
	.opts = login_opts, .args_size = sizeof(struct login_args), .max_args = 1, .fn = login_main,
};

static const struct opt logout_opts[] = {
	OPT_FLAG('a', "all", struct login_args, all, "of every registry"),
	OPT_STR(0, "authfile", struct login_args, authfile, "FILE", "change that instead of the usual auth.json"),
	OPT_STR(0, "compat-auth-file", struct login_args, compat_auth_file, "FILE", "change Docker's config.json there"),
	OPT_END,
};

static int logout_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct login_args *a = args;
	autofree char *registry = registry_of(rest);
	int r;

	(void)c;
	if (a->all && rest->n)
		return err_set(e, ERR_USAGE, "logout: --all and a registry exclude each other");
	r = a->all ? auth_remove_all(file_of(a), e) : auth_remove(file_of(a), registry, e);
	if (r < 0)
		return r;
	if (!a->all && r == 0)
		return err_set(e, ENOENT, "not logged in to %s", registry);
	if (a->all)
		puts("Removed the credentials of all registries");
	else
		printf("Removed the credentials of %s\n", registry);
	return 0;
}

const struct cmd cmd_logout = {
	.path = "logout", .args = "[REGISTRY]", .help = "forget the user name and password of a registry",
	.opts = logout_opts, .args_size = sizeof(struct login_args), .max_args = 1, .fn = logout_main,
};
