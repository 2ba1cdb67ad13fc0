/* SPDX-License-Identifier: Apache-2.0 */
#include "container/query_filter.h"

#include "base/str.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "container/mount_args.h"
#include "image/resolve.h"

#include <regex.h>
#include <string.h>

enum key {
	KEY_ID, KEY_NAME, KEY_LABEL, KEY_NO_LABEL, KEY_STATUS, KEY_ANCESTOR, KEY_BEFORE, KEY_SINCE,
	KEY_UNTIL, KEY_VOLUME, KEY_NETWORK, KEY_EXITED, KEY_HEALTH, KEY_RESTART_POLICY, KEY_POD,
	KEY_COMMAND, KEY_ON_BOOT, N_KEYS
};

static const char *const key_names[N_KEYS] = {
	"id", "name", "label", "label!", "status", "ancestor", "before", "since", "until", "volume",
	"network", "exited", "health", "restart-policy", "pod", "command", "should-start-on-boot",
};

struct query_term {
	enum key key;
	char *value;		/* owned */
	regex_t regex;		/* id, name, command */
	bool has_regex;
	int64_t time;		/* before, since, until; exited: the code; on boot: 0 or 1 */
	char *image_id;		/* owned; ancestor */
};

void query_match_clear(struct query_match *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->terms[i].value);
		free(m->terms[i].image_id);
		if (m->terms[i].has_regex)
			regfree(&m->terms[i].regex);
	}
	free(m->terms);
	*m = (struct query_match){ 0 };
}

static int compile_reference(struct query_term *t, struct engine *g, struct err *e)
{
	auto_of(record_free) struct record *other = NULL;

	if (record_open(&other, g, t->value, e) < 0)
		return err_wrap(e, "--filter %s", key_names[t->key]);
	t->time = other->config.created;
	return 0;
}

/* The value is one of the words there are. */
static int find_word(const char *const *words, size_t n, const struct query_term *t, struct err *e)
{
	auto_of(str_clear) struct str all = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (str_eq(words[i], t->value))
			return 0;
		str_addf(&all, "%s%s", i && *words[i] ? ", " : "", words[i]);
	}
	return err_set(e, ERR_USAGE, "--filter %s=%s: none of %s", key_names[t->key], t->value,
		       str_peek(&all));
}

static int refuse(const struct query_term *t, const char *why, struct err *e)
{
	return err_set(e, ERR_USAGE, "--filter %s=%s: %s", key_names[t->key], t->value, why);
}

static int compile_word(const struct query_term *t, struct err *e)
{
	static const char *const states[] = { "created", "initialized", "running", "paused", "stopping",
					      "stopped", "exited", "removing", "configured", "unknown" };
	static const char *const healths[] = { "healthy", "unhealthy", "starting", "none", "" };
	static const char *const policies[] = { "no", "never", "always", "on-failure", "unless-stopped" };

	if (t->key == KEY_STATUS)
		return find_word(states, ARRAY_SIZE(states), t, e);
	if (t->key == KEY_HEALTH)
		return find_word(healths, ARRAY_SIZE(healths), t, e);
	return find_word(policies, ARRAY_SIZE(policies), t, e);
}

/* An unknown image has no descendants; that is no error. */
static void compile_ancestor(struct query_term *t, struct engine *g)
{
	struct err ignored = { 0 };
	autofree char *name = NULL;

	(void)resolve_local_image(g->store, t->value, &t->image_id, &name, &ignored);
}

static int compile_term(struct query_term *t, struct engine *g, struct err *e)
{
	int is_on = 0;

	switch (t->key) {
	case KEY_ID:
	case KEY_NAME:
	case KEY_COMMAND:
		t->has_regex = regcomp(&t->regex, t->value, REG_EXTENDED | REG_NOSUB) == 0;
		return t->has_regex ? 0 : refuse(t, "no regular expression", e);
	case KEY_STATUS:
	case KEY_HEALTH:
	case KEY_RESTART_POLICY:
		return compile_word(t, e);
	case KEY_ANCESTOR:
		compile_ancestor(t, g);
		return 0;
	case KEY_BEFORE:
	case KEY_SINCE:
		return compile_reference(t, g, e);
	case KEY_UNTIL:
		return time_parse(t->value, &t->time) < 0 ? refuse(t, "expected a time or a duration", e) : 0;
	case KEY_ON_BOOT:
		if (units_parse_bool(t->value, &is_on) < 0)
			return refuse(t, "expected true or false", e);
		t->time = is_on;
		return 0;
	case KEY_EXITED:
		return units_parse_int(t->value, &t->time) < 0 ? refuse(t, "expected a number", e) : 0;
	default:
		return 0;
	}
}

static int key_of(const char *text, size_t n)
{
	for (int i = 0; i < N_KEYS; i++)
		if (strlen(key_names[i]) == n && strncmp(key_names[i], text, n) == 0)
			return i;
	return -EINVAL;
}

int query_match_compile(struct query_match *m, struct engine *g, const struct strv *filters,
			struct err *e)
{
	m->terms = xcalloc(filters->n, sizeof(*m->terms));
	for (size_t i = 0; i < filters->n; i++) {
		const char *eq = strchr(filters->v[i], '=');
		struct query_term *t = &m->terms[m->n];
		int key = eq ? key_of(filters->v[i], eq - filters->v[i]) : -EINVAL;

		if (key < 0)
			return err_set(e, ERR_USAGE, "--filter '%s': expected KEY=VALUE, KEY one of id, name, "
				       "label, label!, status, ancestor, before, since, until, volume, "
				       "network, exited, health, restart-policy, pod, command, "
				       "should-start-on-boot", filters->v[i]);
		t->key = key;
		t->value = xstrdup(eq + 1);
		m->n++;
		if (compile_term(t, g, e) < 0)
			return -e->code;
	}
	return 0;
}

static bool label_matches(const struct strv *labels, const char *want)
{
	size_t n = strlen(want);

	for (size_t i = 0; i < labels->n; i++) {
		const char *have = labels->v[i];

		if (strcmp(have, want) == 0)
			return true;
		if (!strchr(want, '=') && strncmp(have, want, n) == 0 && have[n] == '=')
			return true;
	}
	return false;
}

static bool volume_matches(const struct container_config *c, const char *want)
{
	auto_of(mount_args_clear) struct mount_args args = { 0 };
	struct err ignored = { 0 };

	if (mount_args_all(&args, c, &ignored) < 0)
		return false;
	for (size_t i = 0; i < args.n; i++)
		if (str_eq(args.v[i].target, want) || str_eq(args.v[i].source, want))
			return true;
	return false;
}

static bool status_matches(const struct state *st, const char *want)
{
	return str_eq(state_name(st->status), want) ||
	       (str_eq(want, "stopped") && st->status == STATE_EXITED);
}

static bool health_matches(const struct state *st, const char *want)
{
	const char *have = json_get_str(st->health, "Status");

	return str_eq(have ? have : "", str_eq(want, "none") ? "" : want);
}

static bool restart_matches(const struct container_config *c, const char *want)
{
	const char *have = str_empty(c->restart) ? "no" : c->restart;

	if (str_eq(want, "never"))
		want = "no";
	return strncmp(have, want, strlen(want)) == 0 && strchr(":", have[strlen(want)]);
}

static const char *first_word(const struct container_config *c)
{
	return c->entrypoint.n ? c->entrypoint.v[0] : c->command.n ? c->command.v[0] : "";
}

static bool starts_on_boot(const struct container_config *c, const struct state *st)
{
	return restart_matches(c, "always") ||
	       (restart_matches(c, "unless-stopped") && !st->is_stopped_by_user);
}

static bool term_accepts(const struct query_term *t, const struct record *r, const struct state *st)
{
	const struct container_config *c = &r->config;

	switch (t->key) {
	case KEY_ID:
		return regexec(&t->regex, r->id, 0, NULL, 0) == 0;
	case KEY_NAME:
		return regexec(&t->regex, c->name, 0, NULL, 0) == 0;
	case KEY_LABEL:
		return label_matches(&c->labels, t->value);
	case KEY_NO_LABEL:
		return !label_matches(&c->labels, t->value);
	case KEY_STATUS:
		return status_matches(st, t->value);
	case KEY_ANCESTOR:
		return (t->image_id && str_eq(t->image_id, c->image_id)) ||
		       str_eq(c->image_full, t->value);
	case KEY_BEFORE:
		return c->created < t->time;
	case KEY_SINCE:
		return c->created > t->time;
	case KEY_UNTIL:
		return c->created <= t->time;
	case KEY_VOLUME:
		return volume_matches(c, t->value);
	case KEY_NETWORK:
		return str_eq(netns_mode_name(c->net.mode), t->value);
	case KEY_EXITED:
		return st->status == STATE_EXITED && st->exit_code == t->time;
	case KEY_HEALTH:
		return health_matches(st, t->value);
	case KEY_RESTART_POLICY:
		return restart_matches(c, t->value);
	case KEY_COMMAND:
		return regexec(&t->regex, first_word(c), 0, NULL, 0) == 0;
	case KEY_ON_BOOT:
		return starts_on_boot(c, st) == t->time;
	case KEY_POD:
		return str_eq(c->pod, t->value);
	case N_KEYS:
		break;
	}
	return false;
}

bool query_match_accepts(const struct query_match *m, const struct record *r,
			 const struct state *st)
{
	bool has[N_KEYS] = { false }, ok[N_KEYS] = { false };

	for (size_t i = 0; i < m->n; i++) {
		const struct query_term *t = &m->terms[i];
		bool yes = term_accepts(t, r, st);

		/* Labels must all hold; of other keys one value is enough. */
		if (!yes && (t->key == KEY_LABEL || t->key == KEY_NO_LABEL))
			return false;
		has[t->key] = true;
		ok[t->key] |= yes;
	}
	for (int k = 0; k < N_KEYS; k++)
		if (has[k] && !ok[k])
			return false;
	return true;
}
