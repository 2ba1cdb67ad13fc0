/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

#include "base/str.h"
#include "cli/commands.h"

#include <string.h>

const struct cmd *const cmd_table[] = {
#define COMMAND(name) &name,
#include "cli/commands.def"
#undef COMMAND
	NULL,
};

const struct opt cmd_global_opts[] = {
	OPT_STR(0, "root", struct cmd_globals, root, "DIR", "directory of images, containers and volumes"),
	OPT_STR(0, "runroot", struct cmd_globals, runroot, "DIR", "directory of the state that ends with the session"),
	OPT_LATER(0, "tmpdir", "DIR", "temporary files live in the store, see --root"),
	OPT_STR(0, "storage-driver", struct cmd_globals, storage_driver, "NAME", "overlay, fuse-overlayfs or vfs"),
	OPT_LIST(0, "storage-opt", struct cmd_globals, storage_opts, "KEY=VALUE", "option of the storage driver"),
	OPT_STR(0, "log-level", struct cmd_globals, log_level, "LEVEL", "error, warn, info or debug"),
	OPT_STR(0, "config", struct cmd_globals, config, "DIR", "directory of the Docker client's config.json"),
	OPT_LIST(0, "hooks-dir", struct cmd_globals, hooks_dirs, "DIR", "directory of OCI hooks"),
	OPT_STR(0, "network-cmd-path", struct cmd_globals, network_cmd_path, "PATH", "the slirp4netns to use"),
	OPT_STR(0, "events-backend", struct cmd_globals, events_backend, "NAME", "file, journald or none: where events are kept"),
	OPT_FLAG(0, "version", struct cmd_globals, wants_version, "print the version"),
	OPT_FLAG('h', "help", struct cmd_globals, wants_help, "print this help"),
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

const struct cmd *cmd_find(int argc, char *const *argv, int *used)
{
	const struct cmd *best = NULL;

	*used = 0;
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *c = cmd_table[i];
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
