/* SPDX-License-Identifier: Apache-2.0 */
/* rootlet-image: the program for all that touches a registry or an archive. Not for typing: rootlet
 * starts it, inside the session's user namespace, and says where the store is.
 */
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/opt.h"
#include "base/persona.h"
#include "base/str.h"
#include "base/sys.h"
#include "image/auth_file.h"
#include "image/bundle.h"
#include "image/cancel.h"
#include "image/commit.h"
#include "image/commit_opts.h"
#include "image/docker_words.h"
#include "image/import.h"
#include "image/load.h"
#include "image/logon.h"
#include "image/manifest_fetch.h"
#include "image/pull.h"
#include "image/push.h"
#include "image/reference.h"
#include "image/resolve.h"
#include "image/sandbox.h"
#include "image/save.h"
#include "image/search.h"
#include "image/transfer.h"
#include "image/verify.h"
#include "storage/event_log.h"
#include "storage/store.h"
#include "userns/session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EXIT_ENGINE = 125 };

struct program {
	char *root, *driver, *log_level, *persona;
	struct strv driver_opts;
	bool is_single_id;
};

static const struct opt program_opts[] = {
	OPT_STR(0, "root", struct program, root, "DIR", ""),
	OPT_STR(0, "storage-driver", struct program, driver, "NAME", ""),
	OPT_LIST(0, "storage-opt", struct program, driver_opts, "KEY=VALUE", ""),
	OPT_FLAG(0, "single-id", struct program, is_single_id, ""),
	OPT_STR(0, "log-level", struct program, log_level, "LEVEL", ""),
	OPT_STR(0, "persona", struct program, persona, "NAME", ""),
	OPT_END,
};

/* rootlet sets ROOTLET_EVENTS when the user wants none, or wants them in the journal. */
static void add_event(const struct store *s, const struct event_log_entry *x)
{
	const char *wanted = getenv("ROOTLET_EVENTS");

	if (!str_eq(wanted, "none"))
		(void)event_log_add(s, str_eq(wanted, "journald") ? EVENT_LOG_TO_JOURNAL
								     : EVENT_LOG_TO_FILE, x, 1);
}

static void tell(const struct store *s, const char *status, const char *id, const char *name)
{
	const struct event_log_entry x = { .type = "image", .status = status, .id = id, .name = name };

	add_event(s, &x);
}

static void tell_pull_error(const struct store *s, const char *name, const struct err *why)
{
	const struct event_log_entry x = { .type = "image", .status = "pull-error", .name = name,
					   .error = why->msg };

	add_event(s, &x);
}

/* What the verbs print on stdout is what they were asked for: ids and names, a line each. */
static int do_pull(struct store *s, void *args, const struct strv *rest, struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	const struct transfer_pull *a = args;
	int r = auth_file_check(a->registry.authfile, e);

	if (r >= 0)
		r = pull_images(s, args, rest, &ids, e);
	for (size_t i = 0; i < ids.n && !docker_words_wanted(); i++)
		puts(ids.v[i]);
	for (size_t i = 0; r >= 0 && i < ids.n; i++)
		tell(s, "pull", ids.v[i], i < rest->n ? rest->v[i] : NULL);
	if (r < 0 && ids.n < rest->n)
		tell_pull_error(s, rest->v[ids.n], e);
	return r;
}

static int do_load(struct store *s, void *args, const struct strv *rest, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	const struct transfer_load *a = args;
	int r;

	(void)rest;
	r = sandbox_enter(s, e);
	if (r >= 0)
		r = load_images(s, args, &names, e);
	for (size_t i = 0; r >= 0 && i < names.n; i++)
		printf("Loaded image: %s\n", reference_familiar(names.v[i]));
	if (r >= 0)
		tell(s, "loadfromarchive", NULL, a->input ? a->input : "-");
	return r;
}

static int do_save(struct store *s, void *args, const struct strv *rest, struct err *e)
{
	const struct transfer_save *a = args;
	int r = save_images(s, args, rest, e);

	for (size_t i = 0; r >= 0 && i < rest->n; i++) {
		autofree char *id = NULL, *name = NULL;
		struct err gone;

		(void)resolve_local_image(s, rest->v[i], &id, &name, &gone);
		tell(s, "save", id, a->output ? a->output : rest->v[i]);
	}
	return r;
}

static int do_import(struct store *s, void *args, const struct strv *rest, struct err *e)
{
	autofree char *id = NULL;
	int r = sandbox_enter(s, e);

	if (r >= 0)
		r = import_image(s, args, rest->v[0], rest->n > 1 ? rest->v[1] : NULL, &id, e);
	if (r >= 0)
		printf("sha256:%s\n", id);
	if (r >= 0)
		tell(s, "import", id, rest->n > 1 ? rest->v[1] : NULL);
	return r;
}

static int do_commit(struct store *s, void *args, const struct strv *rest, struct err *e)
{
	autofree char *request = NULL, *id = NULL;
	size_t len;
	int r = fd_read_all(STDIN_FILENO, &request, &len, FILE_MAX_CONFIG);

	if (r < 0)
		return err_sys(e, -r, "read the configuration of the image");
	r = commit_image(s, args, request, len, rest->n ? rest->v[0] : NULL, &id, e);
	if (r >= 0)
		puts(id);
	return r;
}

/* For cp: standard input to standard output, without its compression. */
static int do_inflate(struct store *s, void *args, const struct strv *rest, struct err *e)
{
	(void)s;
	(void)args;
	(void)rest;
	return bundle_inflate(STDIN_FILENO, STDOUT_FILENO, "the archive", e);
}

/* For login: the name and password come on standard input. */
static int do_login(struct store *s, void *args, const struct strv *rest, struct err *e)
{
	autofree char *request = NULL;
	size_t len;
	int r = fd_read_all(STDIN_FILENO, &request, &len, FILE_MAX_CONFIG);

	(void)s;
	if (r < 0)
		return err_sys(e, -r, "read the user name and password");
	r = logon_check(args, rest->v[0], request, len, e);
	explicit_bzero(request, len);
	return r;
}

static int do_search(struct store *s, void *args, const struct strv *rest, struct err *e)
{
	auto_of(json_free) struct json *rows = NULL;
	auto_of(str_clear) struct str text = { 0 };
	const struct transfer_search *a = args;
	int r = auth_file_check(a->registry.authfile, e);

	(void)s;
	if (r >= 0)
		r = search_images(args, rest->v[0], &rows, e);
	if (r < 0)
		return r;
	json_write(&text, rows, 0);
	puts(text.p);
	return 0;
}

static int do_push(struct store *s, void *args, const struct strv *rest, struct err *e)
{
	autofree char *id = NULL;
	const struct transfer_push *a = args;
	int r = auth_file_check(a->registry.authfile, e);

	if (r >= 0)
		r = push_image(s, args, rest->v[0], rest->n > 1 ? rest->v[1] : NULL, &id, e);
	if (r >= 0)
		tell(s, "push", id, rest->v[rest->n - 1]);
	return r;
}

static int do_manifest(struct store *s, void *args, const struct strv *rest, struct err *e)
{
	auto_of(json_free) struct json *found = NULL;
	auto_of(str_clear) struct str text = { 0 };
	const struct transfer_registry *a = args;
	int r = auth_file_check(a->authfile, e);

	(void)s;
	if (r >= 0)
		r = manifest_fetch(args, rest->v[0], &found, e);
	if (r < 0)
		return r;
	json_write(&text, found, 0);
	puts(text.p);
	return 0;
}

/* For system check: the layers whose files do not give their archives any more. */
static int do_verify(struct store *s, void *args, const struct strv *rest, struct err *e)
{
	auto_of(json_free) struct json *damaged = json_new_array();
	auto_of(str_clear) struct str text = { 0 };
	int r = verify_layers(s, damaged, e);

	(void)args;
	(void)rest;
	if (r < 0)
		return r;
	json_write(&text, damaged, 0);
	puts(text.p);
	return 0;
}

static const struct opt no_opts[] = { OPT_END };

static const struct verb {
	const char *name;
	const struct opt *opts;
	size_t args_size, min, max;
	bool needs_no_store;
	int (*fn)(struct store *s, void *args, const struct strv *rest, struct err *e);
} verbs[] = {
	{ "pull", transfer_pull_opts, sizeof(struct transfer_pull), 1, SIZE_MAX, false, do_pull },
	{ "push", transfer_push_opts, sizeof(struct transfer_push), 1, 2, false, do_push },
	{ "load", transfer_load_opts, sizeof(struct transfer_load), 0, 0, false, do_load },
	{ "save", transfer_save_opts, sizeof(struct transfer_save), 1, SIZE_MAX, false, do_save },
	{ "commit", commit_opts_table, sizeof(struct commit_opts), 0, 1, false, do_commit },
	{ "inflate", no_opts, 1, 0, 0, false, do_inflate },
	{ "import", transfer_import_opts, sizeof(struct transfer_import), 1, 2, false, do_import },
	{ "manifest", transfer_manifest_opts, sizeof(struct transfer_registry), 1, 1, true, do_manifest },
	{ "verify", no_opts, 1, 0, 0, false, do_verify },
	{ "search", transfer_search_opts, sizeof(struct transfer_search), 1, 1, true, do_search },
	{ "login", transfer_login_opts, sizeof(struct transfer_registry), 1, 1, true, do_login },
};

static int run_verb(const struct verb *v, struct store *s, int argc, char *const *argv,
		    struct err *e)
{
	auto_of(strv_clear) struct strv rest = { 0 };
	autofree void *args = xcalloc(1, v->args_size);
	int r;

	opt_defaults(v->opts, args);
	r = opt_parse(v->opts, args, argc, argv, 0, &rest, e);
	if (r >= 0 && (rest.n < v->min || rest.n > v->max))
		r = err_set(e, ERR_USAGE, "%s: wrong number of operands", v->name);
	if (r >= 0)
		r = v->fn(s, args, &rest, e);
	opt_clear(v->opts, args);
	return r;
}

static int run_program(const struct program *p, const struct strv *words, struct err *e)
{
	auto_of(store_free) struct store *s = NULL;
	struct store_args args = {
		.root = p->root,
		.driver = p->driver,
		.driver_opts = &p->driver_opts,
		.is_single_id = p->is_single_id,
	};
	int r;

	if (words->n == 0)
		return err_set(e, ERR_USAGE, "rootlet-image is started by rootlet: rootlet pull, load, "
			       "save, import");
	if (p->persona)
		persona_set(p->persona);
	if (p->log_level && log_level_parse(p->log_level) >= 0)
		log_set_level(log_level_parse(p->log_level));
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(verbs[i].name, words->v[0]) != 0)
			continue;
		if (!p->root && !verbs[i].needs_no_store)
			return err_set(e, ERR_USAGE, "rootlet-image %s: --root is missing",
				       words->v[0]);
		r = verbs[i].needs_no_store ? 0 : store_open(&s, &args, e);
		if (s)
			s->event_log = xstrdup_or_null(getenv(EVENT_LOG_ENV));
		return r < 0 ? r : run_verb(&verbs[i], s, words->n - 1, words->v + 1, e);
	}
	return err_set(e, ERR_USAGE, "rootlet-image has no '%s'", words->v[0]);
}

/* Each layer in the making costs a few descriptors, and an image may have a hundred. */
static void raise_file_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < l.rlim_max) {
		l.rlim_cur = l.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &l);
	}
}

static void say(const struct err *e)
{
	auto_of(str_clear) struct str line = { 0 };

	const char *command = persona_get() != PERSONA_DOCKER || e->code == ERR_USAGE ? NULL : "image";

	persona_error(&line, e, docker_words_for_run() ? "container run" : command, NULL);
	fputs(str_peek(&line), stderr);
}

int main(int argc, char **argv)
{
	auto_of(strv_clear) struct strv words = { 0 };
	struct program p = { 0 };
	struct err e = { 0 };
	int r;

	signal(SIGPIPE, SIG_IGN);	/* connections and pipes report it as an error */
	raise_file_limit();
	/* Nobody should call us but rootlet, which has looked already: here, too, law 1 needs no trust. */
	r = session_check_caller(&e);
	/* What foreign bytes may one day make us execute gains nothing from a setuid program. */
	if (r >= 0 && (r = sys_set_no_new_privs()) < 0)
		err_sys(&e, -r, "set no_new_privs");
	if (r >= 0)
		r = opt_parse(program_opts, &p, argc - 1, argv + 1, OPT_STOP_AT_ARG, &words, &e);
	if (r >= 0)
		r = run_program(&p, &words, &e);
	if (r >= 0 && fflush(stdout) != 0)
		r = err_sys(&e, errno, "write to stdout");
	opt_clear(program_opts, &p);
	cancel_finish();
	if (r >= 0)
		return 0;
	if (e.code != ERR_REPORTED)
		say(&e);
	return persona_get() == PERSONA_DOCKER ? 1 : EXIT_ENGINE;
}
