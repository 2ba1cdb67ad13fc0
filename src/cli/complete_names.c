/* SPDX-License-Identifier: Apache-2.0 */
/* complete_names: names from directories.
 *
 * THEORY
 * A key press waits for us, with any number of containers. What costs is opening a file for each,
 * so nothing is opened but the few records that the runtime directory, which holds the running ones,
 * points to: "any" is one listing, "running" goes from the runtime directory to the names, and
 * "stopped" is the first without the second.
 */
#include "cli/complete_names.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "container/state.h"
#include "storage/store.h"
#include "userns/session.h"

#include <string.h>

#define SHORT_ID 12
#define MIN_ID 2	/* digits before ids are offered: every word begins like some id */

void complete_names_open(struct complete_names *n, const struct cmd_globals *g)
{
	auto_of(session_free) struct session *session = NULL;
	autofree char *root = NULL;
	struct store_args args = { .root = g->root };
	struct err ignored;

	*n = (struct complete_names){ -1, -1 };
	if (session_load(&session, g->runroot, &ignored) < 0)
		return;
	args.data_dir = session->data_dir;
	n->runtime_dirfd = fd_opendir(session->runtime_dir);
	if (store_locate(&root, &args, &ignored) >= 0)
		n->root_dirfd = fd_opendir(root);
}

void complete_names_close(struct complete_names *n)
{
	fd_close(&n->root_dirfd);
	fd_close(&n->runtime_dirfd);
}

static void list(int dirfd, const char *dir, struct strv *out)
{
	if (dirfd >= 0 && file_list_dir(dirfd, dir, out, true) < 0)
		strv_clear(out);
}

/* Ids of containers with that state, or every live one with COMPLETE_ANY. */
static void list_live(const struct complete_names *n, enum complete_state state, struct strv *out)
{
	auto_of(strv_clear) struct strv dirs = { 0 };
	autoclose int all = n->root_dirfd < 0 ? -1 : fd_opendirat(n->root_dirfd, "containers");

	list(n->runtime_dirfd, ".", &dirs);
	for (size_t i = 0; all >= 0 && i < dirs.n; i++) {
		auto_of(state_clear) struct state s = { 0 };
		struct err ignored;

		if (!ident_is_id(dirs.v[i]) || state_load_id(&s, all, dirs.v[i], &ignored) < 0 ||
		    !state_is_alive(&s))
			continue;
		if (state == COMPLETE_ANY || (state == COMPLETE_PAUSED) == (s.status == STATE_PAUSED))
			strv_add(out, dirs.v[i]);
	}
}

/* The name a definition has; only for live containers, of which there are few. */
static char *name_of(const struct complete_names *n, const char *id)
{
	autofree char *path = xasprintf("containers/%s/config.json", id), *text = NULL;
	auto_of(json_free) struct json *config = NULL;
	const char *name;
	struct err ignored;
	size_t len;

	if (file_read_at(n->root_dirfd, path, &text, &len, FILE_MAX_CONFIG) < 0 ||
	    json_parse(&config, text, len, &ignored) < 0)
		return NULL;
	name = json_get_str(json_get(config, "config"), "name");
	return xstrdup_or_null(name);
}

static void add_short_id(const char *id, const char *prefix, struct strv *out)
{
	if (strlen(prefix) >= MIN_ID && str_has_prefix(id, prefix))
		strv_add_take(out, xasprintf("%.*s", strlen(prefix) > SHORT_ID ? IDENT_LEN : SHORT_ID, id));
}

static void add_live(const struct complete_names *n, enum complete_state state, const char *prefix,
		     struct strv *out)
{
	auto_of(strv_clear) struct strv ids = { 0 };

	list_live(n, state, &ids);
	for (size_t i = 0; i < ids.n; i++) {
		char *name = name_of(n, ids.v[i]);

		if (name && str_has_prefix(name, prefix))
			strv_add_take(out, steal_ptr(&name));
		free(name);
		add_short_id(ids.v[i], prefix, out);
	}
}

/* Names, decoded, of a directory of links. */
static void add_names(const struct complete_names *n, const char *dir, const char *prefix,
		      const struct strv *but, struct strv *out)
{
	auto_of(strv_clear) struct strv files = { 0 };

	list(n->root_dirfd, dir, &files);
	for (size_t i = 0; i < files.n; i++) {
		autofree char *name = files.v[i][0] == '.' ? NULL : ident_decode(files.v[i]);

		if (name && str_has_prefix(name, prefix) && !(but && strv_has(but, name)))
			strv_add_take(out, steal_ptr(&name));
	}
}

void complete_containers(const struct complete_names *n, enum complete_state state, const char *prefix,
			 struct strv *out)
{
	auto_of(strv_clear) struct strv live = { 0 }, ids = { 0 };

	if (state == COMPLETE_RUNNING || state == COMPLETE_PAUSED) {
		add_live(n, state, prefix, out);
		strv_sort(out);
		return;
	}
	if (state == COMPLETE_STOPPED)
		add_live(n, COMPLETE_ANY, "", &live);
	add_names(n, "containers/names", prefix, &live, out);
	if (strlen(prefix) < MIN_ID || !ident_is_hex(prefix))
		return;
	list(n->root_dirfd, "containers", &ids);
	for (size_t i = 0; i < ids.n; i++)
		if (ident_is_id(ids.v[i]))
			add_short_id(ids.v[i], prefix, out);
}

/* What a user may leave out of a full name: ":latest", the registry, "library/". */
static void add_short_image(const char *full, const char *prefix, struct strv *out)
{
	autofree char *name = xstrdup(full), *bare = NULL;
	const char *path = strchr(name, '/');
	char *tag;

	if (str_has_prefix(name, prefix))
		strv_add(out, name);
	/* Without a letter every form would be offered; the full one tells most. */
	if (!*prefix || !path)
		return;
	path = str_after(path + 1, "library/") ? str_after(path + 1, "library/") : path + 1;
	if (str_has_prefix(path, prefix))
		strv_add(out, path);
	bare = xstrdup(path);
	tag = strstr(bare, ":latest");
	if (tag && !tag[7]) {
		*tag = 0;
		if (str_has_prefix(bare, prefix))
			strv_add(out, bare);
	}
}

void complete_images(const struct complete_names *n, const char *prefix, struct strv *out)
{
	auto_of(strv_clear) struct strv names = { 0 }, ids = { 0 };

	add_names(n, "images/names", "", NULL, &names);
	for (size_t i = 0; i < names.n; i++)
		add_short_image(names.v[i], prefix, out);
	if (strlen(prefix) < MIN_ID || !ident_is_hex(prefix))
		return;
	list(n->root_dirfd, "images", &ids);
	for (size_t i = 0; i < ids.n; i++)
		if (ident_is_id(ids.v[i]))
			add_short_id(ids.v[i], prefix, out);
}

void complete_directory(const struct complete_names *n, const char *dir, const char *prefix,
			struct strv *out)
{
	auto_of(strv_clear) struct strv names = { 0 };

	list(n->root_dirfd, dir, &names);
	for (size_t i = 0; i < names.n; i++)
		if (names.v[i][0] != '.' && str_has_prefix(names.v[i], prefix))
			strv_add(out, names.v[i]);
}
