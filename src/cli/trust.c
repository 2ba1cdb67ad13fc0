/* SPDX-License-Identifier: Apache-2.0 */
/* image trust show and set: policy.json; image sign, which says who signs instead. */
#include "base/json.h"
#include "base/str.h"
#include "base/template.h"
#include "cli/cmd.h"
#include "cli/show.h"
#include "image/trust.h"

#include <stdio.h>

struct trust_args {
	char *type, *policy, *registries_d;
	struct strv keys;
	bool json, noheading, raw;
};

static const struct opt show_opts[] = {
	OPT_FLAG('j', "json", struct trust_args, json, "as JSON"),
	OPT_FLAG('n', "noheading", struct trust_args, noheading, "no heading"),
	OPT_FLAG(0, "raw", struct trust_args, raw, "the file as it is"),
	OPT_STR(0, "signature-policy", struct trust_args, policy, "FILE", "that file instead of the usual policy.json"),
	OPT_ALIAS(0, "policypath", "signature-policy"),
	OPT_STR(0, "registrypath", struct trust_args, registries_d, "DIR", "that directory instead of registries.d"),
	OPT_END,
};

/* One row with the names that the table and podman's headings have. */
static struct json *view(const struct json *rows)
{
	static const char *const members[][2] = {
		{ "Transport", "transport" }, { "Name", "repo_name" }, { "Type", "type" },
		{ "ID", "gpg_id" }, { "Store", "sigstore" },
	};
	struct json *list = json_new_array();

	for (size_t i = 0; i < json_len(rows); i++) {
		struct json *row = json_new_object();

		for (size_t k = 0; k < ARRAY_SIZE(members); k++)
			json_set_str(row, members[k][0],
				     json_get_str(json_at(rows, i), members[k][1]) ?: "");
		json_add(list, row);
	}
	return list;
}

/* That scope and what lies below it. */
static struct json *only(const struct json *rows, const char *scope)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < json_len(rows); i++) {
		const char *name = json_get_str(json_at(rows, i), "repo_name") ?: "";
		const char *rest = str_after(name, scope);

		if (rest && (!*rest || *rest == '/' || *rest == ':'))
			json_add(list, json_copy(json_at(rows, i)));
	}
	return list;
}

static int show_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct trust_args *a = args;
	auto_of(json_free) struct json *all = NULL, *some = NULL, *lines = NULL;
	const struct json *rows;
	auto_of(str_clear) struct str out = { 0 };
	autofree char *text = NULL;
	int r;

	(void)c;
	if (a->raw) {
		r = trust_text(&text, a->policy, e);
		if (r >= 0)
			puts(text);
		return r;
	}
	r = trust_list(&all, a->policy, a->registries_d, e);
	if (r < 0)
		return r;
	some = rest->n ? only(all, rest->v[0]) : NULL;
	rows = some ? some : all;
	lines = view(rows);
	r = template_rows(&out, a->json ? "json" : "table {{.Transport}}\t{{.Name}}\t{{.Type}}\t{{.ID}}\t{{.Store}}",
			  a->json ? rows : lines, NULL, a->noheading, e);
	if (r >= 0)
		show_text(str_peek(&out));
	return r;
}

const struct cmd cmd_image_trust_show = {
	.path = "image trust show", .args = "[REGISTRY]", .help = "show from where images may come",
	.opts = show_opts, .args_size = sizeof(struct trust_args), .max_args = 1, .fn = show_main,
};

static const struct opt set_opts[] = {
	OPT_LIST('f', "pubkeysfile", struct trust_args, keys, "FILE",
		 "a public key, for signedBy and sigstoreSigned"),
	OPT_STR(0, "signature-policy", struct trust_args, policy, "FILE", "change that file"),
	OPT_ALIAS(0, "policypath", "signature-policy"),
	OPT_STR('t', "type", struct trust_args, type, "accept|reject|signedBy|sigstoreSigned",
		"what is asked of images from there (default signedBy)"),
	OPT_END,
};

static int set_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct trust_args *a = args;
	struct trust_rule rule = { rest->v[0], a->type ? a->type : "signedBy", &a->keys };

	(void)c;
	return trust_set(a->policy, &rule, e);
}

const struct cmd cmd_image_trust_set = {
	.path = "image trust set", .args = "REGISTRY|default", .help = "say what is asked of images from there",
	.opts = set_opts, .args_size = sizeof(struct trust_args), .min_args = 1, .max_args = 1, .fn = set_main,
};

/* ---- sign ---- */

#define SIGN_OUTSIDE "images are not signed here: use skopeo standalone-sign, or cosign sign after the push"

static const struct opt sign_opts[] = {
	OPT_LATER('a', "all", NULL, SIGN_OUTSIDE),
	OPT_LATER(0, "authfile", "FILE", SIGN_OUTSIDE),
	OPT_LATER(0, "cert-dir", "DIR", SIGN_OUTSIDE),
	OPT_LATER('d', "directory", "DIR", SIGN_OUTSIDE),
	OPT_LATER(0, "sign-by", "KEY", SIGN_OUTSIDE),
	OPT_END,
};

static int sign_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	(void)c;
	(void)args;
	return err_set(e, ENOTSUP, "sign %s: %s", rest->v[0], SIGN_OUTSIDE);
}

const struct cmd cmd_image_sign = {
	.path = "image sign", .args = "IMAGE...", .help = "refused: signatures are made outside",
	.opts = sign_opts, .min_args = 1, .max_args = -1, .fn = sign_main,
};
