/* SPDX-License-Identifier: Apache-2.0 */
/* volume import, mount, unmount, reload. */
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "container/engine.h"
#include "container/volume_mount.h"
#include "container/volume_options.h"
#include "container/volume_tar.h"
#include "container/volumes.h"
#include "userns/session.h"

#include <stdio.h>
#include <unistd.h>

static int import_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const char *source = rest->n > 1 ? rest->v[1] : "-";
	auto_of(volume_free) struct volume *v = NULL;
	autoclose int fd = -1;

	(void)args;
	if (!str_eq(source, "-"))
		fd = fd_open(source, O_RDONLY);
	if (fd < 0 && !str_eq(source, "-"))
		return err_sys(e, -fd, "open %s", source);
	if (volume_load(&v, c->engine, rest->v[0], e) < 0)
		return -e->code;
	return volume_tar_import(c->engine, v->name, fd < 0 ? STDIN_FILENO : fd, e);
}

const struct cmd cmd_volume_import = {
	.path = "volume import", .args = "VOLUME [FILE|-]",
	.help = "unpack a tar archive (default: standard input) into a volume",
	.min_args = 1, .max_args = 2, .needs = NEED_ENGINE, .fn = import_main,
};

static int mount_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;
	auto_of(volume_options_clear) struct volume_options o = { 0 };
	autofree char *path = NULL;
	autoclose int fd = -1;

	(void)args;
	if (volume_load(&v, c->engine, rest->v[0], e) < 0 || volume_options_parse(&o, &v->options, e) < 0)
		return -e->code;
	if (o.kind != VOLUME_TMPFS) {
		path = volume_path(v, e);
		if (!path)
			return -e->code;
		printf("%s\n", path);
		return 0;
	}
	if (!session_is_in_mounts(c->session))
		return err_set(e, EPERM, "volume %s is a tmpfs, and its mount is seen in the session only: run: "
			       "rootlet unshare, and volume mount in there", v->name);
	fd = volume_mount_take(c->engine, v, VOLUME_MOUNT_BY_HAND, e);
	if (fd < 0)
		return fd;
	printf("%s\n", v->mountpoint);
	return 0;
}

const struct cmd cmd_volume_mount = {
	.path = "volume mount", .args = "VOLUME", .help = "mount a volume, where it needs that, and print its path",
	.min_args = 1, .max_args = 1, .needs = NEED_ENGINE, .fn = mount_main,
};

static int unmount_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;

	(void)args;
	if (volume_load(&v, c->engine, rest->v[0], e) < 0 ||
	    volume_mount_release(c->engine, v->name, VOLUME_MOUNT_BY_HAND, e) < 0)
		return -e->code;
	printf("%s\n", v->name);
	return 0;
}

const struct cmd cmd_volume_unmount = {
	.path = "volume unmount", .alias = "volume umount", .args = "VOLUME",
	.help = "end what volume mount did",
	.min_args = 1, .max_args = 1, .needs = NEED_ENGINE, .fn = unmount_main,
};

/* Podman asks its volume plugins what they have. There are none here, so nothing can be new or gone. */
static int reload_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct json *plugins = engine_conf(c->engine, "engine.volume_plugins");

	(void)args;
	(void)rest;
	(void)e;
	for (size_t i = 0; i < json_len(plugins); i++)
		log_warn("volume plugin %s of containers.conf is not asked: the only driver is local",
			 json_key_at(plugins, i));
	return 0;
}

const struct cmd cmd_volume_reload = {
	.path = "volume reload", .help = "look again for the volumes of plugins, of which there are none",
	.needs = NEED_ENGINE, .fn = reload_main,
};
