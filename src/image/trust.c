/* SPDX-License-Identifier: Apache-2.0 */
#include "image/trust.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/strv.h"
#include "image/policy.h"

#include <fcntl.h>
#include <string.h>

#define SYSTEM_POLICY "/etc/containers/policy.json"
#define MAX_KEYS_TEXT (1u << 20)

/* In the file, and as people call it. */
static const char *const types[][2] = {
	{ "insecureAcceptAnything", "accept" }, { "reject", "reject" }, { "signedBy", "signed" },
	{ "sigstoreSigned", "sigstoreSigned" }, { "signedBaseLayer", "signedBaseLayer" },
};

static const char *type_shown(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_eq(type, types[i][0]))
			return types[i][1];
	return type ? type : "";
}

/* ---- who signs ---- */

/* The addresses of "uid:...:Name <address>:" lines. */
static void add_addresses(struct strv *out, const char *colons)
{
	auto_of(strv_clear) struct strv lines = { 0 };

	strv_split(&lines, colons, '\n');
	for (size_t i = 0; i < lines.n; i++) {
		auto_of(strv_clear) struct strv fields = { 0 };
		char *from, *to;

		strv_split(&fields, lines.v[i], ':');
		if (fields.n < 10 || !str_eq(fields.v[0], "uid"))
			continue;
		from = strchr(fields.v[9], '<');
		to = from ? strchr(from, '>') : NULL;
		if (to)
			*to = '\0';
		strv_add(out, to ? from + 1 : fields.v[9]);
	}
}

static void add_key_owners(struct strv *out, const char *file)
{
	autofree char *gpg = NULL, *text = NULL;
	const char *argv[] = { NULL, "--batch", "--with-colons", "--show-keys", file, NULL };
	struct err unknown;

	if (!file || (proc_find("gpg", &gpg) < 0 && proc_find("gpg2", &gpg) < 0))
		return;
	argv[0] = gpg;
	if (proc_capture(argv, NULL, &text, MAX_KEYS_TEXT, &unknown) == 0)
		add_addresses(out, text);
}

static char *owners_of(const struct json *rule)
{
	const struct json *paths = json_get(rule, "keyPaths");
	auto_of(strv_clear) struct strv owners = { 0 };

	add_key_owners(&owners, json_get_str(rule, "keyPath"));
	for (size_t i = 0; i < json_len(paths); i++)
		add_key_owners(&owners, json_str(json_at(paths, i)));
	return strv_join(&owners, ", ");
}

/* ---- where the signatures lie: "docker:", under it "  SCOPE:", under that "    lookaside: URL" ---- */

static void read_stores(struct json *stores, const char *text)
{
	auto_of(strv_clear) struct strv lines = { 0 };
	autofree char *section = xstrdup(""), *scope = xstrdup("");

	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.n; i++) {
		char *p = lines.v[i] + strspn(lines.v[i], " "), *end = strstr(p, ": ");
		size_t depth = p - lines.v[i];
		const char *value;

		if (!*p || *p == '#')
			continue;
		p[strcspn(p, "\r")] = '\0';
		if (!end && str_has_suffix(p, ":")) {
			p[strlen(p) - 1] = '\0';
			xreplace(depth ? &scope : &section, p);
			if (!depth)
				xreplace(&scope, "");
			continue;
		}
		if (!end)
			continue;
		*end = '\0';
		value = end + 2 + strspn(end + 2, " \"");
		end[2 + strcspn(end + 2, "\r")] = '\0';
		if (!str_eq(p, "lookaside") && !str_eq(p, "sigstore"))
			continue;
		if (str_eq(section, "docker") ? !*scope : !str_eq(section, "default-docker"))
			continue;
		/* The newer word counts when both are there. */
		if (str_eq(p, "lookaside") || !json_get(stores, scope))
			json_set_str(stores, scope, value);
	}
}

static void load_stores(struct json *stores, const char *dir)
{
	auto_of(strv_clear) struct strv names = { 0 };
	autoclose int dirfd = fd_opendir(dir);

	if (dirfd < 0 || file_list_dir(dirfd, ".", &names, true) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		autofree char *text = NULL;
		size_t len;

		if (str_has_suffix(names.v[i], ".yaml") &&
		    file_read_at(dirfd, names.v[i], &text, &len, FILE_MAX_CONFIG) == 0)
			read_stores(stores, text);
	}
}

static struct json *stores_of(const char *registries_d)
{
	autofree char *own = path_config("containers/registries.d");
	struct json *stores = json_new_object();

	if (registries_d)
		load_stores(stores, registries_d);
	else if (own && file_exists_at(AT_FDCWD, own))
		load_stores(stores, own);
	else
		load_stores(stores, "/etc/containers/registries.d");
	return stores;
}

/* The most specific counts; "" is the default. */
static const char *store_of(const struct json *stores, const char *scope)
{
	autofree char *name = xstrdup(scope);
	char *slash;

	for (;;) {
		const char *found = json_get_str(stores, name);

		if (found)
			return found;
		slash = strrchr(name, '/');
		if (!slash)
			return json_get_str(stores, "");
		*slash = '\0';
	}
}

/* ---- the list ---- */

static void add_rules(struct json *rows, const struct json *rules, const char *transport, const char *name,
		      const char *repo, const struct json *stores)
{
	for (size_t i = 0; i < json_len(rules); i++) {
		const char *type = json_get_str(json_at(rules, i), "type"), *store = NULL;
		struct json *row = json_new_object();
		autofree char *owners = NULL;

		json_set_str(row, "transport", transport);
		if (*name)
			json_set_str(row, "name", name);
		if (*repo)
			json_set_str(row, "repo_name", repo);
		json_set_str(row, "type", type_shown(type));
		if (str_eq(type, "signedBy"))
			owners = owners_of(json_at(rules, i));
		else if (str_eq(type, "sigstoreSigned"))
			owners = xstrdup("N/A");
		if (str_eq(type, "signedBy") || str_eq(type, "sigstoreSigned"))
			store = store_of(stores, repo);
		if (!str_empty(owners))
			json_set_str(row, "gpg_id", owners);
		if (store)
			json_set_str(row, "sigstore", store);
		json_add(rows, row);
	}
}

static void add_transport(struct json *rows, const struct json *scopes, const char *transport,
			  const struct json *stores)
{
	bool is_docker = str_eq(transport, "docker");
	auto_of(strv_clear) struct strv names = { 0 };

	for (size_t i = 0; i < json_members(scopes); i++)
		strv_add(&names, json_key_at(scopes, i));
	strv_sort(&names);
	for (size_t i = 0; i < names.n; i++)
		add_rules(rows, json_get(scopes, names.v[i]), is_docker ? "repository" : transport,
			  names.v[i], names.v[i], stores);
}

static int load(struct json **policy, const char *file, struct err *e)
{
	autofree char *text = NULL;
	int r = trust_text(&text, file, e);

	if (r >= 0)
		r = json_parse(policy, text, strlen(text), e);
	if (r >= 0 && !json_is(json_get(*policy, "default"), JSON_ARRAY))
		r = err_set(e, EINVAL, "default trust policy must be set");
	return r;
}

int trust_list(struct json **rows, const char *file, const char *registries_d, struct err *e)
{
	auto_of(json_free) struct json *policy = NULL, *stores = NULL;
	auto_of(strv_clear) struct strv transports = { 0 };
	const struct json *all;
	int r = load(&policy, file, e);

	if (r < 0)
		return r;
	stores = stores_of(registries_d);
	*rows = json_new_array();
	add_rules(*rows, json_get(policy, "default"), "all", "* (default)", "default", stores);
	all = json_get(policy, "transports");
	for (size_t i = 0; i < json_members(all); i++)
		strv_add(&transports, json_key_at(all, i));
	strv_sort(&transports);
	for (size_t i = 0; i < transports.n; i++)
		add_transport(*rows, json_get(all, transports.v[i]), transports.v[i], stores);
	return 0;
}

int trust_text(char **text, const char *file, struct err *e)
{
	autofree char *usual = file ? NULL : policy_file();
	const char *path = file ? file : usual ? usual : SYSTEM_POLICY;
	size_t len;
	int r = file_read_at(AT_FDCWD, path, text, &len, FILE_MAX_CONFIG);

	return r < 0 ? err_sys(e, -r, "open %s", path) : 0;
}

/* ---- a rule changed ---- */

static int make_rules(struct json **out, const struct trust_rule *rule, struct err *e)
{
	bool is_signed = str_eq(rule->type, "signedBy"), is_sigstore = str_eq(rule->type, "sigstoreSigned");
	auto_of(json_free) struct json *rules = json_new_array();
	struct json *one;

	if (!is_signed && !is_sigstore && !str_eq(rule->type, "accept") && !str_eq(rule->type, "reject"))
		return err_set(e, ERR_USAGE, "--type: invalid choice: %s (choose from 'accept', 'reject', "
			       "'signedBy', 'sigstoreSigned')", rule->type);
	if ((is_signed || is_sigstore) && !rule->keys->n)
		return err_set(e, ERR_USAGE, "at least one public key must be defined for type '%s': "
			       "--pubkeysfile FILE", rule->type);
	if (!is_signed && !is_sigstore && rule->keys->n)
		return err_set(e, ERR_USAGE, "%zu public keys unexpectedly provided for trust type %s",
			       rule->keys->n, rule->type);
	for (size_t i = 0; i < rule->keys->n; i++) {
		one = json_new_object();
		json_set_str(one, "type", rule->type);
		if (is_signed)
			json_set_str(one, "keyType", "GPGKeys");
		json_set_str(one, "keyPath", rule->keys->v[i]);
		json_add(rules, one);
	}
	if (!rule->keys->n) {
		one = json_new_object();
		json_set_str(one, "type", str_eq(rule->type, "accept") ? "insecureAcceptAnything" : "reject");
		json_add(rules, one);
	}
	*out = steal_ptr(&rules);
	return 0;
}

static int put_rules(struct json *policy, const char *scope, struct json *rules_taken, struct err *e)
{
	struct json *transports, *docker;

	if (str_eq(scope, "default")) {
		json_set(policy, "default", rules_taken);
		return 0;
	}
	if (!json_is(json_get(policy, "default"), JSON_ARRAY)) {
		json_free(rules_taken);
		return err_set(e, EINVAL, "default trust policy must be set: image trust set --type TYPE default");
	}
	if (!json_get(policy, "transports"))
		json_set(policy, "transports", json_new_object());
	transports = json_edit(policy, "transports");
	if (!json_get(transports, "docker"))
		json_set(transports, "docker", json_new_object());
	docker = json_edit(transports, "docker");
	json_set(docker, scope, rules_taken);
	return 0;
}

static int save(const struct json *policy, const char *path, struct err *e)
{
	autofree char *dir = path_dir(path);
	auto_of(str_clear) struct str text = { 0 };
	autoclose int dirfd = -1;
	int r = file_mkdirs(dir, 0755);

	if (r >= 0)
		r = dirfd = fd_opendir(dir);
	json_write(&text, policy, 4);
	str_addc(&text, '\n');
	if (r >= 0)
		r = file_write_at(dirfd, path_base(path), text.p, text.len, 0644, FILE_SYNC);
	return r < 0 ? err_sys(e, -r, "write %s", path) : 0;
}

int trust_set(const char *file, const struct trust_rule *rule, struct err *e)
{
	autofree char *own = path_config("containers/policy.json"), *usual = policy_file();
	const char *from = file ? file : usual, *to = file ? file : own;
	auto_of(json_free) struct json *policy = NULL;
	autofree char *text = NULL;
	struct json *rules = NULL;
	size_t len;
	int r = make_rules(&rules, rule, e);

	if (r < 0)
		return r;
	if (from && file_exists_at(AT_FDCWD, from)) {
		r = file_read_at(AT_FDCWD, from, &text, &len, FILE_MAX_CONFIG);
		if (r < 0)
			err_sys(e, -r, "open %s", from);
		else
			r = json_parse(&policy, text, len, e);
	} else {
		policy = json_new_object();
	}
	if (r < 0) {
		json_free(rules);
		return r;
	}
	r = put_rules(policy, rule->scope, rules, e);
	return r < 0 ? r : save(policy, to ? to : SYSTEM_POLICY, e);
}
