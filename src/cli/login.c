/* SPDX-License-Identifier: Apache-2.0 */
/* login and logout: credentials of registries, in the files that Podman and Docker use too. */
#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "base/persona.h"
#include "base/proc.h"
#include "base/str.h"
#include "cli/ask_image.h"
#include "cli/cmd.h"
#include "image/auth.h"
#include "image/auth_file.h"
#include "image/registries.h"
#include "image/transfer.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define SECRET_MAX 65536

struct login_args {
	char *authfile, *compat_auth_file, *user, *password, *secret;
	struct transfer_registry registry;
	bool password_stdin, get_login, all, verbose;
};

static const struct opt login_opts[] = {
	OPT_STR(0, "authfile", struct login_args, authfile, "FILE", "write there instead of the usual auth.json"),
	OPT_STR(0, "cert-dir", struct login_args, registry.cert_dir, "DIR",
		"certificates of the registry: *.crt, *.cert, *.key"),
	OPT_STR(0, "compat-auth-file", struct login_args, compat_auth_file, "FILE", "write Docker's config.json there"),
	OPT_FLAG(0, "get-login", struct login_args, get_login, "print the user who is logged in"),
	OPT_STR('p', "password", struct login_args, password, "PASSWORD", "seen by others in the process list: prefer --password-stdin"),
	OPT_FLAG(0, "password-stdin", struct login_args, password_stdin, "read the password from standard input"),
	OPT_STR(0, "secret", struct login_args, secret, "NAME",
		"the password is in that secret; its name is the user's, too, without --username"),
	OPT_TRISTATE(0, "tls-verify", struct login_args, registry.tls_verify,
		     "verify the registry's certificate (default: as registries.conf says)"),
	OPT_STR('u', "username", struct login_args, user, "NAME", "the user's name"),
	OPT_FLAG('v', "verbose", struct login_args, verbose, "say which file the credentials are in"),
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
		return err_set(e, EINVAL, "login: %s is missing: use --username and --password-stdin", what);
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

static void trim_newlines(char *text)
{
	size_t len = strlen(text);

	while (len && strchr("\r\n", text[len - 1]))
		text[--len] = '\0';
}

static int read_secret(char **out, struct err *e)
{
	size_t len;
	int r = fd_read_all(STDIN_FILENO, out, &len, SECRET_MAX);

	if (r < 0)
		return err_sys(e, -r, "--password-stdin");
	trim_newlines(*out);
	return **out ? 0 : err_set(e, EINVAL, "--password-stdin: standard input is empty");
}

static int get_login(const struct login_args *a, const char *registry, struct err *e)
{
	auto_of(auth_clear) struct auth have = { 0 };
	int r = auth_find(&have, file_of(a), registry, e);

	if (r < 0)
		return r;
	if (r == 0 || !have.user)
		return err_set(e, ENOENT, "not logged into %s", registry);
	puts(have.user);
	return 0;
}

/* A command of its own: only secrets need the session. */
static int secret_of(char **out, const struct cmd_globals *g, const char *name, struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	struct err said = { 0 };
	int r;

	strv_add(&argv, "/proc/self/exe");
	if (g->root)
		strv_addf(&argv, "--root=%s", g->root);
	if (g->runroot)
		strv_addf(&argv, "--runroot=%s", g->runroot);
	strv_add(&argv, "secret");
	strv_add(&argv, "inspect");
	strv_add(&argv, "--showsecret");
	strv_add(&argv, "--format={{.SecretData}}");
	strv_add(&argv, "--");
	strv_add(&argv, name);
	r = proc_capture((const char *const *)strv_vec(&argv), NULL, out, SECRET_MAX, &said);
	if (r != 0)
		return err_set(e, ERR_NO_SUCH, "--secret: %s", ask_image_said(&said));
	trim_newlines(*out);
	return **out ? 0 : err_set(e, EINVAL, "--secret '%s' is empty", name);
}

static int read_credentials(struct auth *out, const struct cmd_globals *g, struct login_args *a,
			    struct err *e)
{
	int r = 0;

	if (a->password && a->password_stdin)
		return err_set(e, ERR_USAGE, "--password and --password-stdin exclude each other");
	if (a->secret && (a->password || a->password_stdin))
		return err_set(e, ERR_USAGE, "--secret excludes --password and --password-stdin");
	if (a->secret) {
		out->user = xstrdup(a->user ? a->user : a->secret);
		return secret_of(&out->password, g, a->secret, e);
	}
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

/* The registry is asked by the program that has the network in it. */
static int check(const struct login_args *a, const char *registry, const struct auth *auth, struct err *e)
{
	auto_of(json_free) struct json *who = json_new_object();
	auto_of(strv_clear) struct strv argv = { 0 }, operands = { 0 };
	auto_of(str_clear) struct str request = { 0 };
	autofree char *ignored = NULL;
	struct err said = { 0 };
	int r = ask_image_program(&argv, e);

	if (r < 0)
		return r;
	if (auth->user)
		json_set_str(who, "user", auth->user);
	if (auth->password)
		json_set_str(who, "password", auth->password);
	if (auth->identity_token)
		json_set_str(who, "token", auth->identity_token);
	json_write(&request, who, 0);
	strv_add(&operands, registry);
	transfer_argv(&argv, "login", transfer_login_opts, &a->registry, &operands);
	r = proc_capture((const char *const *)strv_vec(&argv), request.p, &ignored, SECRET_MAX, &said);
	explicit_bzero(request.p, request.len);
	if (r == 0)
		return 0;
	return err_set(e, EACCES, "logging into \"%s\": %s", registry, ask_image_said(&said));
}

/* 1: those that are stored already are good. */
static int try_stored(const struct login_args *a, const char *registry, struct err *e)
{
	auto_of(auth_clear) struct auth have = { 0 };
	bool is_docker = persona_get() == PERSONA_DOCKER;
	struct err refused = { 0 };
	int r = auth_find(&have, file_of(a), registry, e);

	if (r <= 0)
		return r;
	printf(is_docker ? "Authenticating with existing credentials...\n"
			 : "Authenticating with existing credentials for %s\n", registry);
	fflush(stdout);
	if (check(a, registry, &have, &refused) == 0) {
		printf(is_docker ? "Login Succeeded\n"
				 : "Existing credentials are valid. Already logged in to %s\n", registry);
		return 1;
	}
	log_warn("the stored credentials are not accepted: %s", refused.msg);
	return 0;
}

static void say_where(const struct login_args *a)
{
	auto_of(strv_clear) struct strv paths = { 0 };

	auth_file_paths(&paths, file_of(a));
	if (paths.n)
		printf("Used: %s\n", paths.v[0]);
}

/* As Docker does, when no helper keeps them. */
static void warn_unencrypted(const struct login_args *a, const char *registry)
{
	auto_of(strv_clear) struct strv paths = { 0 };
	auto_of(json_free) struct json *j = NULL;
	autofree char *key = auth_file_key(registry);
	struct err ignored = { 0 };

	key[strcspn(key, "/")] = '\0';
	auth_file_paths(&paths, file_of(a));
	if (paths.n && auth_file_load(&j, paths.v[0], &ignored) >= 0 && str_empty(auth_file_helper(j, key)))
		fprintf(stderr, "\nWARNING! Your credentials are stored unencrypted in '%s'.\n\n", paths.v[0]);
}

static int login_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct login_args *a = args;
	auto_of(auth_clear) struct auth auth = { 0 };
	autofree char *registry = registry_of(rest);
	int r = 0;

	if (a->authfile && a->compat_auth_file)
		return err_set(e, ERR_USAGE, "--authfile and --compat-auth-file exclude each other");
	if (c->globals->config && setenv("DOCKER_CONFIG", c->globals->config, 1) < 0)
		return err_sys(e, errno, "set DOCKER_CONFIG");
	if (a->get_login)
		return get_login(a, registry, e);
	if (c->globals->is_docker && a->password)
		fputs("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n", stderr);
	if (!a->user && !a->password && !a->password_stdin && !a->secret)
		r = try_stored(a, registry, e);
	if (r != 0)
		return r < 0 ? r : 0;
	r = read_credentials(&auth, c->globals, a, e);
	if (r >= 0)
		r = check(a, registry, &auth, e);
	if (r >= 0)
		r = auth_store(file_of(a), registry, &auth, e);
	if (r < 0)
		return r;
	if (a->verbose)
		say_where(a);
	if (c->globals->is_docker)
		warn_unencrypted(a, registry);
	puts(c->globals->is_docker ? "Login Succeeded" : "Login Succeeded!");
	return 0;
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

	if (a->all && rest->n)
		return err_set(e, ERR_USAGE, "logout: --all takes no registry");
	if (c->globals->config && setenv("DOCKER_CONFIG", c->globals->config, 1) < 0)
		return err_sys(e, errno, "set DOCKER_CONFIG");
	r = a->all ? auth_remove_all(file_of(a), e) : auth_remove(file_of(a), registry, e);
	if (r < 0)
		return r;
	if (a->all)
		puts("Removed login credentials for all registries");
	else if (c->globals->is_docker)
		printf("Removing login credentials for %s\n", auth_file_server(registry));
	else if (r)
		printf("Removed login credentials for %s\n", registry);
	else
		return err_set(e, ENOENT, "not logged into %s", registry);
	return 0;
}

const struct cmd cmd_logout = {
	.path = "logout", .args = "[REGISTRY]", .help = "forget the user name and password of a registry",
	.opts = logout_opts, .args_size = sizeof(struct login_args), .max_args = 1, .fn = logout_main,
};
