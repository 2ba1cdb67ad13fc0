/* SPDX-License-Identifier: Apache-2.0 */
/* manifest inspect: what a name leads to in its registry, fetched by rootlet-image. */
#include "base/json.h"
#include "base/str.h"
#include "cli/ask_image.h"
#include "cli/cmd.h"
#include "cli/show.h"
#include "image/transfer.h"

#include <stdlib.h>

struct manifest_args {
	struct transfer_registry registry;
	bool insecure, verbose;
};

static const struct opt inspect_opts[] = {
	OPT_FLAG(0, "insecure", struct manifest_args, insecure, "the same as --tls-verify=false"),
	OPT_FLAG('v', "verbose", struct manifest_args, verbose, "with name, digest and size, as Docker shows them"),
	OPT_GROUP(transfer_manifest_opts, struct manifest_args, registry),
	OPT_END,
};

static int fetch(struct json **out, const struct manifest_args *a, const struct strv *rest, struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	int r = ask_image_program(&argv, e);

	if (r < 0)
		return r;
	transfer_argv(&argv, "manifest", transfer_manifest_opts, &a->registry, rest);
	return ask_image(out, &argv, e);
}

static struct json *verbose(const struct json *found)
{
	struct json *j = json_new_object(), *d = json_new_object();

	json_set_str(j, "Ref", json_get_str(found, "Ref"));
	json_set_str(d, "mediaType", json_get_str(found, "MediaType"));
	json_set_str(d, "digest", json_get_str(found, "Digest"));
	json_set_int(d, "size", json_get_int(found, "Size", 0));
	json_set(j, "Descriptor", d);
	json_set(j, "Manifest", json_copy(json_get(found, "Manifest")));
	return j;
}

static int inspect_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct manifest_args *a = args;
	auto_of(json_free) struct json *found = NULL, *shown = NULL;
	auto_of(str_clear) struct str out = { 0 };
	int r;

	if (c->globals->config && setenv("DOCKER_CONFIG", c->globals->config, 1) < 0)
		return err_sys(e, errno, "set DOCKER_CONFIG");
	if (a->insecure)
		a->registry.tls_verify = 0;
	r = fetch(&found, a, rest, e);
	if (r < 0)
		return r;
	if (a->verbose)
		shown = verbose(found);
	json_write(&out, shown ? shown : json_get(found, "Manifest"), 4);
	str_addc(&out, '\n');
	show_text(str_peek(&out));
	return 0;
}

const struct cmd cmd_manifest_inspect = {
	.path = "manifest inspect", .args = "IMAGE", .help = "show a manifest or a list of them in its registry",
	.opts = inspect_opts, .args_size = sizeof(struct manifest_args), .min_args = 1, .max_args = 1,
	.fn = inspect_main,
};
