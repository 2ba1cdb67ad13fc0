/* SPDX-License-Identifier: Apache-2.0 */
/* secret create, ls, inspect, rm, exists. */
#include "container/secret.h"

#include "base/fd.h"
#include "base/persona.h"
#include "base/str.h"
#include "base/template.h"
#include "base/timefmt.h"
#include "cli/cmd.h"
#include "cli/each.h"
#include "cli/objects.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct secret_args {
	struct strv labels, filters, driver_opts;
	char *driver, *format;
	bool env, replace, ignore, all, quiet, noheading, pretty, showsecret;
};

/* ---- create ---- */

static const struct opt create_opts[] = {
	OPT_STR('d', "driver", struct secret_args, driver, "NAME", "file, pass (gpg) or shell: where the data is kept"),
	OPT_CSV(0, "driver-opts", struct secret_args, driver_opts, "KEY=VALUE", "pass: root, key, gpghomedir; "
		"shell: list, lookup, store, delete"),
	OPT_FLAG(0, "env", struct secret_args, env, "the operand is the name of a variable"),
	OPT_FLAG(0, "ignore", struct secret_args, ignore, "one that is there already is no error"),
	OPT_LIST('l', "label", struct secret_args, labels, "KEY=VALUE", "label the secret"),
	OPT_FLAG(0, "replace", struct secret_args, replace, "replace one that is there"),
	OPT_END,
};

static int read_data(const struct secret_args *a, const char *from, char **data, size_t *len,
		     struct err *e)
{
	autoclose int fd = -1;
	int r;

	if (a->env) {
		const char *value = getenv(from);

		if (!value)
			return err_set(e, ENOENT, "secret create: environment variable %s is not set", from);
		*data = xstrdup(value);
		*len = strlen(value);
		return 0;
	}
	if (!str_eq(from, "-"))
		fd = fd_open(from, O_RDONLY | O_NOCTTY);
	if (fd < 0 && !str_eq(from, "-"))
		return err_sys(e, -fd, "open %s", from);
	r = fd_read_all(fd < 0 ? STDIN_FILENO : fd, data, len, SECRET_MAX);
	if (r == -EFBIG)
		return err_set(e, EFBIG, "%s: secret data must be larger than 0 and less than %d bytes", from,
			       SECRET_MAX);
	return r < 0 ? err_sys(e, -r, "read %s", from) : 0;
}

static int create_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct secret_args *a = args;
	autofree char *data = NULL, *id = NULL;
	struct secret_new n = { .name = rest->v[0], .labels = &a->labels, .driver = a->driver,
				.driver_opts = &a->driver_opts, .replaces = a->replace,
				.ignores = a->ignore };

	if (a->replace && a->ignore)
		return err_set(e, ERR_USAGE, "--ignore and --replace exclude each other");
	if (read_data(a, rest->v[1], &data, &n.len, e) < 0)
		return -e->code;
	n.data = data;
	if (secret_create(c->engine, &n, &id, e) < 0)
		return -e->code;
	printf("%s\n", id);
	return 0;
}

const struct cmd cmd_secret_create = {
	.path = "secret create", .args = "NAME FILE|-", .help = "keep a secret", .opts = create_opts,
	.args_size = sizeof(struct secret_args), .min_args = 2, .max_args = 2, .needs = NEED_ENGINE,
	.fn = create_main,
};

/* ---- ls ---- */

static const struct opt ls_opts[] = {
	OPT_LIST('f', "filter", struct secret_args, filters, "KEY=VALUE", "those that match: name=, id="),
	OPT_STR(0, "format", struct secret_args, format, "FORMAT", "json, table TEMPLATE or a Go template"),
	OPT_FLAG('n', "noheading", struct secret_args, noheading, "no heading"),
	OPT_FLAG('q', "quiet", struct secret_args, quiet, "ids only"),
	OPT_END,
};

static int accepts(const struct secret *s, const struct strv *filters, struct err *e)
{
	for (size_t i = 0; i < filters->n; i++) {
		const char *id = str_after(filters->v[i], "id=");
		const char *name = str_after(filters->v[i], "name=");
		regex_t regex;
		bool yes;

		if (!id && !name)
			return err_set(e, ERR_USAGE, "invalid filter \"%.*s\": expected name= or id=",
				       (int)strcspn(filters->v[i], "="), filters->v[i]);
		if (id) {
			yes = str_has_prefix(s->id, id);
		} else {
			if (regcomp(&regex, name, REG_EXTENDED | REG_NOSUB) != 0)
				return err_set(e, ERR_USAGE, "--filter name=%s: no regular expression", name);
			yes = regexec(&regex, s->name, 0, NULL, 0) == 0;
			regfree(&regex);
		}
		if (!yes)
			return 0;
	}
	return 1;
}

static struct json *ls_row(const struct secret *s, int64_t now)
{
	auto_of(json_free) struct json *all = secret_to_json(s);
	struct json *j = json_new_object();
	char human[40];
	autofree char *created = xasprintf("%s ago", time_human(human, now - s->created));
	autofree char *updated = xasprintf("%s ago", time_human(human, now - s->updated));

	json_set_str(j, "ID", s->id);
	json_set_str(j, "Name", s->name);
	json_set_str(j, "Driver", s->driver);
	json_set(j, "Spec", json_copy(json_get(all, "Spec")));
	json_set_str(j, "CreatedAt", created);
	json_set_str(j, "UpdatedAt", updated);
	return j;
}

static int ls_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	static const char usual[] = "table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.CreatedAt}}\t{{.UpdatedAt}}";
	struct secret_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 };
	auto_of(json_free) struct json *rows = json_new_array(), *heads = json_new_object();
	auto_of(str_clear) struct str out = { 0 };

	(void)rest;
	if (secret_list(c->engine, &names, e) < 0)
		return -e->code;
	for (size_t i = 0; i < names.n; i++) {
		auto_of(secret_free) struct secret *s = NULL;
		struct err gone = { 0 };
		int yes;

		if (secret_load(&s, c->engine, names.v[i], &gone) < 0)
			continue;
		yes = accepts(s, &a->filters, e);
		if (yes < 0)
			return yes;
		if (yes)
			json_add(rows, ls_row(s, time_now()));
	}
	json_set_str(heads, "CreatedAt", "CREATED");
	json_set_str(heads, "UpdatedAt", "UPDATED");
	if (template_rows(&out, a->format ? a->format : a->quiet ? "{{.ID}}" : usual, rows, heads,
			  a->noheading, e) < 0)
		return -e->code;
	fputs(str_peek(&out), stdout);
	return 0;
}

const struct cmd cmd_secret_ls = {
	.path = "secret ls", .alias = "secret list", .help = "list secrets", .opts = ls_opts,
	.args_size = sizeof(struct secret_args), .needs = NEED_ENGINE, .fn = ls_main,
};

/* ---- inspect ---- */

static const struct opt inspect_opts[] = {
	OPT_STR('f', "format", struct secret_args, format, "FORMAT", "json or a Go template"),
	OPT_FLAG(0, "pretty", struct secret_args, pretty, "for people"),
	OPT_FLAG(0, "showsecret", struct secret_args, showsecret, "the secret itself too"),
	OPT_END,
};

struct inspect_what {
	struct engine *engine;	/* borrowed */
	bool shows;
};

static int load_secret(struct json **out, void *ctx, const char *name, struct err *e)
{
	const struct inspect_what *what = ctx;
	auto_of(secret_free) struct secret *s = NULL;
	autofree char *data = NULL;
	size_t len;

	if (secret_load(&s, what->engine, name, e) < 0 ||
	    (what->shows && secret_read(what->engine, s, &data, &len, e) < 0))
		return -e->code;
	*out = secret_to_json(s);
	if (data)
		json_set_str(*out, "SecretData", data);
	return 0;
}

static int inspect_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	static const char pretty[] = "ID:              {{.ID}}\nName:              {{.Spec.Name}}\n"
				     "{{if .Spec.Labels}}Labels:{{range $k, $v := .Spec.Labels}}\n - {{$k}}={{$v}}{{end}}\n{{end}}"
				     "Driver:            {{.Spec.Driver.Name}}\n"
				     "Created at:        {{.CreatedAt}}\nUpdated at:        {{.UpdatedAt}}";
	struct secret_args *a = args;
	struct inspect_what what = { .engine = c->engine, .shows = a->showsecret };

	if (a->pretty && a->format)
		return err_set(e, ERR_USAGE, "--pretty and --format exclude each other");
	return objects_print_named(rest, load_secret, &what, a->pretty ? pretty : a->format, e);
}

const struct cmd cmd_secret_inspect = {
	.path = "secret inspect", .args = "SECRET...", .help = "show all about secrets but what they say",
	.opts = inspect_opts, .args_size = sizeof(struct secret_args), .min_args = 1, .max_args = -1,
	.needs = NEED_ENGINE, .fn = inspect_main,
};

/* ---- rm, exists ---- */

static const struct opt rm_opts[] = {
	OPT_FLAG('a', "all", struct secret_args, all, "every secret"),
	OPT_FLAG('i', "ignore", struct secret_args, ignore, "one that is not there is no error"),
	OPT_END,
};

static int rm_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	const struct secret_args *a = arg;
	autofree char *id = NULL;
	int r = secret_remove(c->engine, name, &id, e);

	if (r < 0)
		return a->ignore && e->code == ERR_NO_SUCH ? 0 : r;
	printf("%s\n", id);
	return 0;
}

static int rm_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct secret_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 };

	if (a->all == (rest->n > 0))
		return err_set(e, ERR_USAGE, "`%s secret rm` requires one argument, or the --all flag",
			       persona_name());
	if (a->all && secret_list(c->engine, &names, e) < 0)
		return -e->code;
	return each_operand(c, a->all ? &names : rest, rm_one, a, e);
}

const struct cmd cmd_secret_rm = {
	.path = "secret rm", .alias = "secret remove", .args = "SECRET...", .help = "remove secrets",
	.opts = rm_opts, .args_size = sizeof(struct secret_args), .max_args = -1,
	.needs = NEED_ENGINE, .fn = rm_main,
};

static int exists_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	auto_of(secret_free) struct secret *s = NULL;
	int r = secret_load(&s, c->engine, rest->v[0], e);

	(void)args;
	if (r < 0 && e->code == ERR_NO_SUCH)
		return 1;
	return r < 0 ? r : 0;
}

const struct cmd cmd_secret_exists = {
	.path = "secret exists", .args = "SECRET", .help = "exit code 0 when it is there, else 1",
	.min_args = 1, .max_args = 1, .needs = NEED_ENGINE, .fn = exists_main,
};
