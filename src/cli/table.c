/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

#include "base/persona.h"
#include "base/str.h"
#include "cli/commands.h"

#include <string.h>

const struct cmd *const cmd_table[] = {
#define COMMAND(name) &name,
#include "cli/commands.def"
#undef COMMAND
	NULL,
};

#define NO_REMOTE "there is no remote service: rootlet runs containers of this user on this machine"
#define NO_RUNTIME "the OCI runtime is part of rootlet, no other is called"
#define NO_NETWORKS "networks with names are not there: see --network of rootlet run"
#define NO_TRACE "nothing is traced inside: use strace(1) or perf(1)"

/* Docker's context for the engine of this machine is called default, and scripts write it out; its socket
 * is where they expect an engine, and we are in its place. */
static int only_here(void *args, const struct opt *o, const char *value, struct err *e)
{
	struct cmd_globals *g = args;
	bool is_host = str_eq(o->name, "host");

	g->is_here = persona_get() == PERSONA_DOCKER &&
		     (is_host ? str_has_prefix(value, "unix://") : str_eq(value, "default"));
	if (g->is_here)
		return 0;
	return err_set(e, ERR_USAGE, "--%s is refused: " NO_REMOTE, o->name);
}

const struct opt cmd_global_opts[] = {
	OPT_STR(0, "root", struct cmd_globals, root, "DIR", "directory of images, containers and volumes"),
	OPT_STR(0, "runroot", struct cmd_globals, runroot, "DIR", "directory of the state that ends with the session"),
	OPT_STR(0, "storage-driver", struct cmd_globals, storage_driver, "NAME", "overlay, fuse-overlayfs or vfs"),
	OPT_LIST(0, "storage-opt", struct cmd_globals, storage_opts, "KEY=VALUE", "option of the storage driver"),
	OPT_STR('l', "log-level", struct cmd_globals, log_level, "LEVEL", "error, warn, info or debug"),
	OPT_FLAG('D', "debug", struct cmd_globals, debug, "the same as --log-level debug"),
	OPT_STR(0, "cgroup-manager", struct cmd_globals, cgroup_manager, "NAME", "systemd or cgroupfs: who makes the cgroups of containers"),
	OPT_STR(0, "config", struct cmd_globals, config, "DIR", "directory of the Docker client's config.json"),
	OPT_LIST(0, "cdi-spec-dir", struct cmd_globals, cdi_dirs, "DIR", "directory of device specifications (CDI) in JSON"),
	OPT_LIST(0, "hooks-dir", struct cmd_globals, hooks_dirs, "DIR", "directory of OCI hooks"),
	OPT_STR(0, "network-cmd-path", struct cmd_globals, network_cmd_path, "PATH", "the slirp4netns to use"),
	OPT_STR(0, "events-backend", struct cmd_globals, events_backend, "NAME", "file, journald or none: where events are kept"),
	OPT_STR(0, "registries-conf", struct cmd_globals, registries_conf, "PATH", "read this instead of the usual registries.conf"),
	OPT_FLAG(0, "noout", struct cmd_globals, noout, "print nothing to standard output"),
	OPT_STR(0, "out", struct cmd_globals, out, "FILE", "write there instead of to standard output"),
	OPT_FLAG('v', "version", struct cmd_globals, wants_version, "print the version"),
	OPT_FLAG('h', "help", struct cmd_globals, wants_help, "print this help"),

	OPT_FN_HIDDEN('c', "connection", only_here, "NAME", NULL),
	OPT_FN_HIDDEN('c', "context", only_here, "NAME", NULL),	/* docker's -c */
	OPT_FN_HIDDEN('H', "host", only_here, "URL", NULL),
	OPT_NEVER(0, "identity", "PATH", NO_REMOTE),
	OPT_NEVER('r', "remote", NULL, NO_REMOTE),
	OPT_NEVER(0, "ssh", "MODE", NO_REMOTE),
	OPT_NEVER(0, "tls", NULL, NO_REMOTE),
	OPT_NEVER(0, "tls-ca", "PATH", NO_REMOTE),
	OPT_NEVER(0, "tls-cert", "PATH", NO_REMOTE),
	OPT_NEVER(0, "tls-key", "PATH", NO_REMOTE),
	OPT_NEVER(0, "tls-details", "PATH", NO_REMOTE),
	OPT_NEVER(0, "tlscacert", "PATH", NO_REMOTE),
	OPT_NEVER(0, "tlscert", "PATH", NO_REMOTE),
	OPT_NEVER(0, "tlskey", "PATH", NO_REMOTE),
	OPT_NEVER(0, "tlsverify", NULL, NO_REMOTE),
	OPT_NEVER(0, "url", "URL", NO_REMOTE),
	OPT_NEVER(0, "conmon", "PATH", "the monitor of a container is part of rootlet"),
	OPT_NEVER(0, "runtime", "NAME", NO_RUNTIME),
	OPT_NEVER(0, "runtime-flag", "FLAG", NO_RUNTIME),
	OPT_NEVER(0, "db-backend", "NAME", "there is no database: see rootlet-state(5)"),
	OPT_NEVER(0, "namespace", "NAME", "there is no database to divide: use another --root"),
	OPT_NEVER(0, "network-config-dir", "DIR", NO_NETWORKS),
	OPT_NEVER(0, "cni-config-dir", "DIR", NO_NETWORKS),
	OPT_NEVER(0, "network-backend", "NAME", NO_NETWORKS),
	OPT_NEVER(0, "imagestore", "DIR", "images are in the store: see --root"),
	OPT_NEVER(0, "volumepath", "DIR", "volumes are in the store: see --root"),
	OPT_NEVER(0, "tmpdir", "DIR", "temporary files are in the store: see --root"),
	OPT_NEVER(0, "transient-store", NULL, "for what must not last put the store on a tmpfs, with --root"),
	OPT_NEVER(0, "pull-option", "KEY=VALUE", "layers are always fetched whole"),
	OPT_NEVER(0, "default-mounts-file", "PATH", "mounts.conf is read where it belongs: use --volume"),
	OPT_NEVER(0, "module", "NAME", "name the file in CONTAINERS_CONF_OVERRIDE"),
	OPT_NEVER(0, "syslog", NULL, "messages go to standard error: lead them to logger(1) or systemd-cat(1)"),
	OPT_NEVER(0, "trace", NULL, NO_TRACE),
	OPT_NEVER(0, "cpu-profile", "PATH", NO_TRACE),
	OPT_NEVER(0, "memory-profile", "PATH", NO_TRACE),
	OPT_NEVER(0, "max-workers", "N", "the work is divided by the number of processors"),
	OPT_END,
};

/* Number of words of spelling that lead argv, 0 when they do not. */
static int match(const char *spelling, size_t len, int argc, char *const *argv)
{
	size_t at = 0;

	for (int i = 0; i < argc; i++) {
		size_t n = strlen(argv[i]);

		if (n > len - at || memcmp(spelling + at, argv[i], n) != 0)
			return 0;
		at += n;
		if (at == len)
			return i + 1;
		if (spelling[at] != ' ')
			return 0;
		at++;
	}
	return 0;
}

const struct cmd *cmd_find_in(const struct cmd *const *table, int argc, char *const *argv, int *used)
{
	const struct cmd *best = NULL;

	*used = 0;
	for (size_t i = 0; table[i]; i++) {
		const struct cmd *c = table[i];
		const char *spelling = c->alias;
		int n = match(c->path, strlen(c->path), argc, argv);

		while (n <= *used && spelling) {
			const char *end = strchrnul(spelling, '|');

			n = match(spelling, end - spelling, argc, argv);
			spelling = *end ? end + 1 : NULL;
		}
		if (n > *used) {
			best = c;
			*used = n;
		}
	}
	return best;
}

const struct cmd *cmd_find(int argc, char *const *argv, int *used)
{
	return cmd_find_in(cmd_table, argc, argv, used);
}

bool cmd_is_group(const char *word)
{
	for (size_t i = 0; cmd_table[i]; i++) {
		const char *rest = str_after(cmd_table[i]->path, word);

		if (rest && *rest == ' ')
			return true;
	}
	return false;
}

void cmd_short_name(const struct cmd *c, struct str *out)
{
	auto_of(strv_clear) struct strv names = { 0 };

	if (c->alias)
		strv_split(&names, c->alias, '|');
	for (size_t i = 0; i < names.n; i++) {
		if (!strchr(names.v[i], ' ')) {
			str_add(out, names.v[i]);
			return;
		}
	}
	str_add(out, c->path);
}
