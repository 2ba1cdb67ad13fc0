/* SPDX-License-Identifier: Apache-2.0 */
/* commit: an image of a container. */
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "container/commit.h"
#include "container/record.h"

#include <stdio.h>
#include <string.h>

struct commit_cmd_args {
	char *author, *config, *format, *iidfile, *message;
	struct strv changes;
	int pause;
	bool include_volumes, quiet, squash;
};

static const struct opt commit_opts[] = {
	OPT_STR('a', "author", struct commit_cmd_args, author, "TEXT", "author of the image"),
	OPT_LIST('c', "change", struct commit_cmd_args, changes, "INSTRUCTION",
		 "Containerfile instruction applied to the configuration: CMD, ENTRYPOINT, ENV, "
		 "EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR"),
	OPT_STR(0, "config", struct commit_cmd_args, config, "FILE",
		"JSON of a configuration (as in image inspect's Config) that is merged in before --change"),
	OPT_STR('f', "format", struct commit_cmd_args, format, "oci|docker",
		"format of manifest and configuration (default oci)"),
	OPT_STR(0, "iidfile", struct commit_cmd_args, iidfile, "FILE", "write the image's id there"),
	OPT_FLAG(0, "include-volumes", struct commit_cmd_args, include_volumes,
		 "make the container's volumes VOLUMEs of the image"),
	OPT_STR('m', "message", struct commit_cmd_args, message, "TEXT", "comment in the history"),
	OPT_TRISTATE('p', "pause", struct commit_cmd_args, pause,
		     "let the container stand still meanwhile (default false; docker: true)"),
	OPT_FLAG('q', "quiet", struct commit_cmd_args, quiet, "print the image's id only (always so)"),
	OPT_FLAG('s', "squash", struct commit_cmd_args, squash, "one layer that holds everything"),
	OPT_END,
};

static int check_args(const struct commit_cmd_args *a, struct err *e)
{
	if (a->format && !str_eq(a->format, "oci") && !str_eq(a->format, "docker"))
		return err_set(e, ERR_USAGE, "--format '%s': expected oci or docker", a->format);
	return 0;
}

static int write_id(const char *path, const char *id, struct err *e)
{
	int r = path ? file_write_at(AT_FDCWD, path, id, strlen(id), 0644, 0) : 0;

	return r < 0 ? err_sys(e, -r, "--iidfile %s", path) : 0;
}

static int commit_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct commit_cmd_args *a = args;
	bool is_docker = c->globals->is_docker;
	struct commit_args commit = {
		.name = rest->n > 1 ? rest->v[1] : NULL,
		.author = a->author, .message = a->message, .format = a->format,
		.changes = &a->changes, .is_squashing = a->squash,
		.is_pausing = a->pause < 0 ? is_docker : a->pause == 1,
		.has_volumes = a->include_volumes,
	};
	auto_of(record_free) struct record *r = NULL;
	auto_of(json_free) struct json *config = NULL;
	autofree char *id = NULL;

	if (a->config && json_load_at(&config, AT_FDCWD, a->config, e) < 0)
		return err_wrap(e, "--config");
	commit.config = config;
	commit.config_from = a->config;

	if (check_args(a, e) < 0 || record_open(&r, c->engine, rest->v[0], e) < 0 ||
	    commit_container(&id, c->engine, r, &commit, e) < 0)
		return -e->code;
	printf("%s%s\n", is_docker ? "sha256:" : "", id);
	return write_id(a->iidfile, id, e);
}

const struct cmd cmd_container_commit = {
	.path = "container commit", .alias = "commit", .args = "CONTAINER [IMAGE]",
	.help = "make an image of what a container has become",
	.opts = commit_opts, .args_size = sizeof(struct commit_cmd_args), .min_args = 1, .max_args = 2,
	.needs = NEED_ENGINE, .fn = commit_main,
};
