/* SPDX-License-Identifier: Apache-2.0 */
/* container runlabel: the command that an image's label holds, run on the host. */
#include "base/fd.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "container/lifecycle.h"
#include "image/fetch.h"
#include "image/resolve.h"
#include "storage/images.h"
#include "storage/store.h"
#include "userns/session.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct runlabel_args {
	char *authfile, *cert_dir, *creds, *name, *opt1, *opt2, *opt3, *signature_policy;
	bool display, quiet, replace;
	int pull, tls_verify;
};

static const struct opt runlabel_opts[] = {
	OPT_STR(0, "authfile", struct runlabel_args, authfile, "PATH", "credentials of registries"),
	OPT_STR(0, "cert-dir", struct runlabel_args, cert_dir, "DIR", "certificates of registries"),
	OPT_STR(0, "creds", struct runlabel_args, creds, "USER:PASSWORD", "credentials for the registry"),
	OPT_FLAG(0, "display", struct runlabel_args, display, "show the command, do not run it"),
	OPT_STR('n', "name", struct runlabel_args, name, "NAME", "what NAME in the label stands for (default: the image's)"),
	OPT_STR(0, "opt1", struct runlabel_args, opt1, "TEXT", "what OPT1 in the label stands for"),
	OPT_STR(0, "opt2", struct runlabel_args, opt2, "TEXT", "what OPT2 in the label stands for"),
	OPT_STR(0, "opt3", struct runlabel_args, opt3, "TEXT", "what OPT3 in the label stands for"),
	OPT_TRISTATE('p', "pull", struct runlabel_args, pull, "pull an image that is not here (default true)"),
	OPT_FLAG('q', "quiet", struct runlabel_args, quiet, "no progress while pulling"),
	OPT_FLAG(0, "replace", struct runlabel_args, replace, "remove a container of that name first"),
	OPT_LATER(0, "signature-policy", "PATH", "policy.json is read where podman reads it"),
	OPT_TRISTATE(0, "tls-verify", struct runlabel_args, tls_verify, "check the registry's certificate"),
	OPT_END,
};

static int find_image(struct cmd_context *c, const struct runlabel_args *a, const char *image, char **id,
		      char **full, struct err *e)
{
	struct fetch_args fetch = {
		.store = c->store, .name = image, .authfile = a->authfile, .creds = a->creds,
		.cert_dir = a->cert_dir, .tls_verify = a->tls_verify, .retry = -1, .is_quiet = a->quiet,
	};
	autofree char *fetched = NULL;
	int r = resolve_local_image(c->store, image, id, full, e);

	if (r >= 0 || e->code != ERR_NO_SUCH || !a->pull)
		return r;
	r = fetch_image(&fetch, &fetched, e);
	return r < 0 ? r : resolve_local_image(c->store, image, id, full, e);
}

/* "registry/a/web:1" -> "web". */
static char *default_name(const char *image)
{
	const char *base = path_base(image);

	return xstrndup(base, strcspn(base, ":@"));
}

struct words {
	const char *const (*v)[2];
	size_t n;
};

static const char *meaning(const struct words *w, const char *name, size_t len)
{
	for (size_t i = 0; i < w->n; i++)
		if (strlen(w->v[i][0]) == len && strncmp(w->v[i][0], name, len) == 0)
			return w->v[i][1];
	return NULL;
}

/* NAME as a word of its own, =NAME, $NAME and ${NAME}. */
static char *substitute(const char *word, const struct words *w)
{
	struct str out = { 0 };
	const char *whole = meaning(w, word, strlen(word));

	if (whole)
		return xstrdup(whole);
	for (const char *p = word; *p;) {
		bool is_braced = p[0] == '$' && p[1] == '{', has_sign = p[0] == '$' || p[0] == '=';
		const char *start = p + 1 + is_braced, *value = NULL;
		size_t n = 0;

		while (has_sign && (isalnum((unsigned char)start[n]) || start[n] == '_'))
			n++;
		if (n && (!is_braced || start[n] == '}'))
			value = meaning(w, start, n);
		if (!value) {
			str_addc(&out, *p++);
			continue;
		}
		if (*p == '=')
			str_addc(&out, '=');
		str_add(&out, value);
		p = start + n + is_braced;
	}
	return str_steal(&out);
}

/* Words as a shell would split them: blanks, quotes and backslashes, nothing else. */
static int split(struct strv *out, const char *text, struct err *e)
{
	struct str word = { 0 };
	bool is_open = false;
	char quote = 0;

	for (const char *p = text; *p; p++) {
		if (quote ? *p == quote : *p == '\'' || *p == '"') {
			quote = quote ? 0 : *p;
			is_open = true;
		} else if (*p == '\\' && quote != '\'' && p[1]) {
			str_addc(&word, *++p);
			is_open = true;
		} else if (!quote && isspace((unsigned char)*p)) {
			if (is_open)
				strv_add_take(out, str_steal(&word));
			is_open = false;
		} else {
			str_addc(&word, *p);
			is_open = true;
		}
	}
	if (is_open)
		strv_add_take(out, str_steal(&word));
	str_clear(&word);
	return quote ? err_set(e, EINVAL, "the label's command has an open quote: %s", text) : 0;
}

static bool is_engine(const char *word)
{
	const char *base = path_base(word);

	return str_eq(base, "podman") || str_eq(base, "docker") || str_eq(base, "rootlet");
}

static int make_command(struct strv *out, const char *label, const struct words *w,
			const struct strv *rest, struct err *e)
{
	auto_of(strv_clear) struct strv raw = { 0 };

	if (split(&raw, label, e) < 0)
		return -e->code;
	if (!raw.n)
		return err_set(e, EINVAL, "the label is empty");
	for (size_t i = 0; i < raw.n; i++)
		strv_add_take(out, substitute(raw.v[i], w));
	for (size_t i = 2; i < rest->n; i++)
		strv_add(out, rest->v[i]);
	return 0;
}

/* The engine that is asked for is this one, on this store, whatever is in PATH. */
static int run(struct cmd_context *c, const struct strv *command, struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	const char *program = command->v[0];

	if (is_engine(program)) {
		program = "/proc/self/exe";
		strv_add(&argv, command->v[0]);
		strv_add(&argv, "--root");
		strv_add(&argv, c->store->root);
		strv_add(&argv, "--runroot");
		strv_add(&argv, c->session->runtime_dir);
	} else {
		strv_add(&argv, command->v[0]);
	}
	for (size_t i = 1; i < command->n; i++)
		strv_add(&argv, command->v[i]);
	fflush(stdout);
	signal(SIGPIPE, SIG_DFL);
	execvp(program, strv_vec(&argv));
	return err_set(e, errno == ENOENT ? ERR_EXEC_NOENT : ERR_EXEC_PERM, "run %s: %s", command->v[0],
		       strerror(errno));
}

static int remove_named(struct cmd_context *c, const char *name, struct err *e)
{
	const struct lifecycle_remove how = { .force = true, .timeout = -1 };
	int r = lifecycle_remove(c->engine, name, &how, e);

	return r < 0 && e->code != ERR_NO_SUCH ? r : 0;
}

static int runlabel_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct runlabel_args *a = args;
	auto_of(images_record_free) struct images_record *image = NULL;
	auto_of(strv_clear) struct strv command = { 0 };
	autofree char *id = NULL, *full = NULL, *name = NULL, *cwd = getcwd(NULL, 0), *shown = NULL;
	const char *label;

	if (find_image(c, a, rest->v[1], &id, &full, e) < 0 ||
	    images_load(&image, c->store, id, e) < 0)
		return -e->code;
	label = json_get_str(json_path(image->config, "config.Labels"), rest->v[0]);
	if (!label)
		return err_set(e, ENOENT, "image %s has no label '%s'", rest->v[1], rest->v[0]);
	name = a->name ? xstrdup(a->name) : default_name(full ? full : rest->v[1]);
	{
		const char *const v[][2] = {
			{ "IMAGE", full ? full : id }, { "NAME", name }, { "PWD", cwd ? cwd : "" },
			{ "OPT1", a->opt1 ? a->opt1 : "" }, { "OPT2", a->opt2 ? a->opt2 : "" },
			{ "OPT3", a->opt3 ? a->opt3 : "" },
		};
		const struct words words = { v, ARRAY_SIZE(v) };

		if (make_command(&command, label, &words, rest, e) < 0)
			return -e->code;
	}
	shown = strv_join(&command, " ");
	if (a->display || !a->quiet)
		fprintf(a->display ? stdout : stderr, "%s%s\n", a->display ? "" : "command: ", shown);
	if (a->display)
		return 0;
	if (a->replace && remove_named(c, name, e) < 0)
		return -e->code;
	return run(c, &command, e);
}

const struct cmd cmd_container_runlabel = {
	.path = "container runlabel", .args = "LABEL IMAGE [ARG...]",
	.help = "run the command that a label of an image holds", .opts = runlabel_opts,
	.args_size = sizeof(struct runlabel_args), .min_args = 2, .max_args = -1,
	.needs = NEED_ENGINE, .mode = OPT_STOP_AT_ARG, .fn = runlabel_main,
};
