/* SPDX-License-Identifier: Apache-2.0 */
/* cmd: what a command is, and what it finds when it runs.
 *
 * Runs in:  the command line process; with NEED_USERNS inside the session's user namespace
 *           (uid 0 there) and still in the caller's mount namespace and directory.
 * Owns:     nothing; commands are constant tables.
 * Needs:    main() to satisfy .needs before .fn.
 * Fails:    .fn returns the exit status (>= 0) or -e->code.
 * Not here: the list of commands (cli/table.c) and engine policy (container/, image/).
 */
#pragma once

#include "base/err.h"
#include "base/fd.h"
#include "base/opt.h"
#include "base/strv.h"

struct engine;
struct session;
struct store;
struct str;

enum cmd_needs {
	NEED_USERNS = 1,	/* joined or created the session's user namespace */
	NEED_STORE = 2,		/* the store is open (implies NEED_USERNS unless NEED_READONLY) */
	NEED_ENGINE = 4,	/* store and runtime directory */
};

/* How far main has come: Docker's exit codes tell options that are wrong from all that comes later. */
enum cmd_stage { CMD_OPTIONS, CMD_OPERANDS, CMD_WORK };

/* Options before the command word. */
struct cmd_globals {
	char *root;		/* --root: graph root */
	char *runroot;		/* --runroot: runtime directory */
	char *storage_driver;
	struct strv storage_opts;
	char *log_level;
	char *config;		/* --config: directory of the docker client's config.json */
	struct strv hooks_dirs, cdi_dirs;
	char *network_cmd_path;
	char *events_backend;
	char *cgroup_manager;	/* --cgroup-manager: systemd, cgroupfs */
	char *registries_conf, *out;
	bool debug, noout;
	bool wants_help, wants_version;
	char *const *argv;	/* borrowed: all that was typed */
	const char *program;	/* borrowed: the name we were called by */
	bool is_docker;		/* called as docker: its behaviour where the two differ */
	bool is_here;		/* --host, --context: this machine's engine was asked for by name */
	enum cmd_stage stage;
};

struct cmd_context {
	const struct cmd *cmd;
	const struct cmd_globals *globals;	/* borrowed */
	const struct fd_inherited *inherited;	/* descriptors we were started with */
	struct session *session;		/* borrowed; NULL without NEED_USERNS */
	struct engine *engine;			/* borrowed; NULL without NEED_ENGINE */
	struct store *store;			/* borrowed; NULL without NEED_STORE */
};

struct cmd {
	const char *path;	/* "container run" */
	const char *alias;	/* "run", or several separated by '|'; NULL */
	const char *args;	/* "IMAGE [COMMAND [ARG...]]" */
	const char *help;	/* one line */
	const struct opt *opts;	/* NULL: none */
	const struct opt *docker_opts;	/* instead of them when called as docker; NULL: the same */
	size_t args_size;	/* of the struct behind .opts */
	int min_args, max_args;	/* operands; max -1: any */
	unsigned int needs;
	unsigned int mode;	/* OPT_STOP_AT_ARG */
	bool is_hidden;		/* for programs, not people: in no list of commands */
	/* Exit codes for ERR_NO_SUCH, ERR_IN_USE and ERR_WRONG_STATE; 0: 125. */
	int exit_no_such, exit_in_use, exit_state;
	/* Sets defaults other than zero before options are read; may be NULL. */
	void (*init)(void *args);
	/* Frees what an OPT_FN or .fn has put into args and opt_clear does not know; may be NULL. */
	void (*clear)(void *args);
	/* rest: the operands. Output goes to stdout; errors into e. */
	int (*fn)(struct cmd_context *c, void *args, const struct strv *rest, struct err *e);
};

/* cli/table.c: the only list, NULL-terminated. */
extern const struct cmd *const cmd_table[];
/* The command whose path or alias is the longest prefix of argv; *used words. NULL if none. */
const struct cmd *cmd_find_in(const struct cmd *const *table, int argc, char *const *argv, int *used);
const struct cmd *cmd_find(int argc, char *const *argv, int *used);
/* The shortest spelling a user would type: the first alias without a blank, else the path. */
void cmd_short_name(const struct cmd *c, struct str *out);
/* True when some command's path starts with the word: "container", "image", ... */
bool cmd_is_group(const char *word);
extern const struct opt cmd_global_opts[];		/* for struct cmd_globals */
