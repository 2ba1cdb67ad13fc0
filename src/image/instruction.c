/* SPDX-License-Identifier: Apache-2.0 */
#include "image/instruction.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/strv.h"

#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

/* Words as a shell splits them: quotes and backslashes are taken away. */
static int split_words(struct strv *out, const char *p, struct err *e)
{
	for (p = skip_blanks(p); *p; p = skip_blanks(p)) {
		auto_of(str_clear) struct str word = { 0 };
		char quote = 0;

		for (; *p && (quote || !is_blank(*p)); p++) {
			if (quote ? *p == quote : *p == '"' || *p == '\'')
				quote = quote ? 0 : *p;
			else if (*p == '\\' && quote != '\'' && p[1])
				str_addc(&word, *++p);
			else
				str_addc(&word, *p);
		}
		if (quote)
			return err_set(e, ERR_USAGE, "a %c is not closed", quote);
		strv_add(out, str_peek(&word));
	}
	return 0;
}

/* ["a", "b"]: true and filled. */
static bool read_list(struct strv *out, const char *text)
{
	auto_of(json_free) struct json *j = NULL;
	struct err ignored;

	if (*text != '[' || json_parse(&j, text, strlen(text), &ignored) < 0)
		return false;
	for (size_t i = 0; i < json_len(j); i++) {
		const char *s = json_str(json_at(j, i));

		if (!s) {
			strv_clear(out);
			return false;
		}
		strv_add(out, s);
	}
	return true;
}

/* "K=V ..." or "K V"; fn gets each pair. */
static int each_pair(struct json *config, const char *text,
		     void (*fn)(struct json *config, const char *key, const char *value),
		     struct err *e)
{
	auto_of(strv_clear) struct strv words = { 0 };
	int r = split_words(&words, text, e);

	if (r < 0)
		return r;
	if (words.n == 0)
		return err_set(e, ERR_USAGE, "it takes KEY=VALUE");
	if (!strchr(words.v[0], '=')) {
		const char *value = text + strcspn(text, " \t");

		if (words.n < 2)
			return err_set(e, ERR_USAGE, "'%s' has no value", words.v[0]);
		fn(config, words.v[0], skip_blanks(value));
		return 0;
	}
	for (size_t i = 0; i < words.n; i++) {
		char *eq = strchr(words.v[i], '=');

		if (!eq || eq == words.v[i])
			return err_set(e, ERR_USAGE, "'%s' is not KEY=VALUE", words.v[i]);
		*eq = '\0';
		fn(config, words.v[i], eq + 1);
	}
	return 0;
}

static void set_env(struct json *config, const char *key, const char *value)
{
	auto_of(strv_clear) struct strv env = { 0 };

	json_get_strv(config, "Env", &env);
	strv_env_set(&env, key, value);
	json_set_strv(config, "Env", &env);
}

static struct json *member_object(struct json *config, const char *name)
{
	struct json *j = json_edit(config, name);

	if (!json_is(j, JSON_OBJECT)) {
		json_set(config, name, json_new_object());
		j = json_edit(config, name);
	}
	return j;
}

static void set_label(struct json *config, const char *key, const char *value)
{
	json_set_str(member_object(config, "Labels"), key, value);
}

static int change_env(struct json *config, const char *text, struct err *e)
{
	return each_pair(config, text, set_env, e);
}

static int change_label(struct json *config, const char *text, struct err *e)
{
	return each_pair(config, text, set_label, e);
}

static int set_command(struct json *config, const char *name, const char *text)
{
	auto_of(strv_clear) struct strv words = { 0 };

	if (!read_list(&words, text)) {
		strv_add(&words, "/bin/sh");
		strv_add(&words, "-c");
		strv_add(&words, text);
	}
	json_set_strv(config, name, &words);
	return 0;
}

static int change_cmd(struct json *config, const char *text, struct err *e)
{
	(void)e;
	return set_command(config, "Cmd", text);
}

static int change_entrypoint(struct json *config, const char *text, struct err *e)
{
	(void)e;
	return set_command(config, "Entrypoint", text);
}

/* Words or a JSON list become the members of a set: {"8080/tcp":{}}. */
static int add_to_set(struct json *config, const char *name, const char *text, const char *suffix,
		      struct err *e)
{
	auto_of(strv_clear) struct strv words = { 0 };
	struct json *set = member_object(config, name);
	int r = 0;

	if (!read_list(&words, text))
		r = split_words(&words, text, e);
	for (size_t i = 0; r >= 0 && i < words.n; i++) {
		bool is_whole = !suffix || strchr(words.v[i], '/');
		autofree char *key = xasprintf("%s%s", words.v[i], is_whole ? "" : suffix);

		json_set(set, key, json_new_object());
	}
	return r;
}

static int change_expose(struct json *config, const char *text, struct err *e)
{
	return add_to_set(config, "ExposedPorts", text, "/tcp", e);
}

static int change_volume(struct json *config, const char *text, struct err *e)
{
	return add_to_set(config, "Volumes", text, NULL, e);
}

static int set_text(struct json *config, const char *name, const char *text)
{
	json_set_str(config, name, text);
	return 0;
}

static int change_user(struct json *config, const char *text, struct err *e)
{
	(void)e;
	return set_text(config, "User", text);
}

static int change_stopsignal(struct json *config, const char *text, struct err *e)
{
	(void)e;
	return set_text(config, "StopSignal", text);
}

static int change_workdir(struct json *config, const char *text, struct err *e)
{
	const char *old = json_get_str(config, "WorkingDir");
	autofree char *whole = NULL;

	(void)e;
	if (*text != '/')
		whole = xasprintf("%s/%s", str_empty(old) ? "" : old, text);
	return set_text(config, "WorkingDir", whole ? whole : text);
}

static int change_onbuild(struct json *config, const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv list = { 0 };

	(void)e;
	json_get_strv(config, "OnBuild", &list);
	strv_add(&list, text);
	json_set_strv(config, "OnBuild", &list);
	return 0;
}

static const struct instruction {
	const char *name;
	int (*fn)(struct json *config, const char *text, struct err *e);
} instructions[] = {
	{ "CMD", change_cmd },		{ "ENTRYPOINT", change_entrypoint },
	{ "ENV", change_env },		{ "EXPOSE", change_expose },
	{ "LABEL", change_label },	{ "ONBUILD", change_onbuild },
	{ "STOPSIGNAL", change_stopsignal }, { "USER", change_user },
	{ "VOLUME", change_volume },	{ "WORKDIR", change_workdir },
};

int instruction_apply(struct json *image, const char *instruction, struct err *e)
{
	const char *word = skip_blanks(instruction);
	size_t n = strcspn(word, " \t=");	/* "CMD=x" is how podman's manual writes it */
	const char *text = skip_blanks(word + n);

	if (*text == '=')
		text = skip_blanks(text + 1);
	for (size_t i = 0; i < ARRAY_SIZE(instructions); i++) {
		const struct instruction *in = &instructions[i];
		int r;

		if (strlen(in->name) != n || strncasecmp(in->name, word, n) != 0)
			continue;
		if (!*text)
			return err_set(e, ERR_USAGE, "--change: %s takes a value", in->name);
		r = in->fn(member_object(image, "config"), text, e);
		return r < 0 ? err_wrap(e, "--change %s", in->name) : 0;
	}
	return err_set(e, ERR_USAGE, "--change: '%.*s' is none of CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, "
		       "ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR", (int)n, word);
}
