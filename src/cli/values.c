/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/values.h"

#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "cli/cmd.h"

#include <string.h>

#define NAMESPACE "host|private|container:@container|ns:@file"
#define FILTER_TIME "until=|label=|label!="
#define FILTER_PS                                                                                   \
	"ancestor=@image|before=@container|exited=|health=healthy|health=none|health=starting|"    \
	"health=unhealthy|id=|label=|name=@container|network=@network|pod=|publish=|restart-policy=|" \
	"since=@container|status=created|status=exited|status=paused|status=restarting|"           \
	"status=running|status=stopping|until=|volume=@volume"
#define INSTRUCTIONS "CMD=|ENTRYPOINT=|ENV=|EXPOSE=|LABEL=|ONBUILD=|STOPSIGNAL=|USER=|VOLUME=|WORKDIR=|..."
#define FORMAT "json|..."

/* Where neither the placeholder of an option nor the operand's says it. The first match counts. */
static const struct {
	const char *command;	/* the path or, ending in ' ', its beginning; NULL: every one */
	const char *option;	/* NULL: the operands */
	const char *values;
} table[] = {
	{ NULL, "attach", "stdin|stdout|stderr" },
	{ NULL, "cap-add", "all|@cap" },
	{ NULL, "cap-drop", "all|@cap" },
	{ NULL, "cgroup-manager", "cgroupfs|systemd" },
	{ NULL, "cgroupns", NAMESPACE },
	{ NULL, "cgroups", "enabled|disabled|no-conmon|split" },
	{ "image import", "change", INSTRUCTIONS },
	{ "container commit", "change", INSTRUCTIONS },
	{ "container commit", "config", "@file" },
	{ NULL, "device", "@file" },
	{ NULL, "env-file", "@file" },
	{ NULL, "events-backend", "file|none|..." },
	{ "system events", "filter", "container=@container|event=|image=@image|label=|pod=|type=container|type=image|type=pod|type=system|type=volume|volume=@volume" },
	{ "image ls", "filter", "before=@image|containers=true|containers=false|dangling=true|dangling=false|digest=|id=|intermediate=|label=|readonly=|reference=@image|since=@image|until=" },
	{ "image prune", "filter", FILTER_TIME },
	{ "secret ls", "filter", "id=|name=@secret" },
	{ "volume ls", "filter", "dangling=true|dangling=false|driver=local|label=|label!=|name=@volume|opt=|scope=local|since=@volume|until=" },
	{ "volume prune", "filter", FILTER_TIME "|all=|dangling=" },
	{ "container prune", "filter", FILTER_TIME },
	{ "system prune", "filter", FILTER_TIME },
	{ "container ", "filter", FILTER_PS },
	{ "container diff", "format", "json" },
	{ "image diff", "format", "json" },
	{ "diff", "format", "json" },
	{ "image save", "format", "docker-archive|oci-archive|oci-dir|docker-dir" },
	{ "container commit", "format", "oci|docker" },
	{ NULL, "format", FORMAT },
	{ NULL, "group-add", "keep-groups|..." },
	{ NULL, "health-on-failure", "none|kill|restart|stop" },
	{ NULL, "health-cmd", "none|..." },
	{ NULL, "hosts-file", "none|image|@file" },
	{ NULL, "image-volume", "anonymous|bind|tmpfs|ignore" },
	{ NULL, "ipc", "host|none|private|shareable|container:@container|ns:@file" },
	{ NULL, "log-driver", "k8s-file|json-file|journald|passthrough|passthrough-tty|none" },
	{ NULL, "log-level", "debug|info|warn|error|..." },
	{ NULL, "log-opt", "max-size=|path=|tag=|..." },
	{ NULL, "mount", "type=bind,|type=volume,|type=tmpfs,|type=image,|type=devpts,|type=ramfs,|type=glob,|..." },
	{ NULL, "network", "slirp4netns|pasta|none|host|private|bridge|container:@container|ns:@file|@network" },
	{ NULL, "personality", "LINUX|LINUX32" },
	{ NULL, "pid", NAMESPACE },
	{ NULL, "platform", "linux/amd64|linux/arm64|linux/arm/v7|linux/386|linux/ppc64le|linux/riscv64|linux/s390x|..." },
	{ NULL, "arch", "amd64|arm64|arm|386|ppc64le|riscv64|s390x|..." },
	{ NULL, "os", "linux|..." },
	{ NULL, "pull", "always|missing|newer|never" },
	{ NULL, "restart", "no|always|on-failure|on-failure:|unless-stopped" },
	{ NULL, "sdnotify", "container|conmon|healthy|ignore" },
	{ NULL, "secret", "@secret" },
	{ NULL, "security-opt", "apparmor=|label=disable|label=level:|label=nested|label=type:|label=user:|mask=|no-new-privileges|proc-opts=|seccomp=unconfined|seccomp=@file|unmask=ALL|unmask=" },
	{ "container ps", "sort", "command|created|id|image|names|runningfor|size|status" },
	{ "image ls", "sort", "created|id|repository|size|tag" },
	{ NULL, "signal", "@signal" },
	{ NULL, "stop-signal", "@signal" },
	{ NULL, "storage-driver", "overlay|fuse-overlayfs|vfs" },
	{ NULL, "systemd", "true|false|always" },
	{ NULL, "tz", "local|..." },
	{ "inspect", "type", "all|container|image|volume|network|pod" },
	{ NULL, "ulimit", "host|as=|core=|cpu=|data=|fsize=|locks=|memlock=|msgqueue=|nice=|nofile=|nproc=|rss=|rtprio=|rttime=|sigpending=|stack=" },
	{ NULL, "userns", "auto|auto:|host|keep-id|keep-id:|nomap|private|container:@container|ns:@file" },
	{ NULL, "uts", NAMESPACE },
	{ NULL, "volume", "@volume|@dir" },
	{ NULL, "volumes-from", "@container" },
	{ NULL, "condition", "configured|created|exited|healthy|initialized|paused|removing|running|stopped|stopping|unhealthy" },

	{ "container attach", NULL, "@running" },
	{ "container exec", NULL, "@running" },
	{ "container kill", NULL, "@running" },
	{ "container pause", NULL, "@running" },
	{ "container port", NULL, "@running" },
	{ "container stats", NULL, "@running" },
	{ "container stop", NULL, "@running" },
	{ "container top", NULL, "@running" },
	{ "healthcheck run", NULL, "@running" },
	{ "container start", NULL, "@stopped" },
	{ "container init", NULL, "@stopped" },
	{ "container unpause", NULL, "@paused" },
	{ "completion", NULL, "bash|zsh|fish" },
	{ "inspect", NULL, "@container|@image|@volume" },
	{ "help", NULL, "@command" },
};

/* The words of placeholders and operands that say it. */
static const struct {
	const char *word, *values;
} words[] = {
	{ "FILE", "@file" },
	{ "PATH", "@file" },
	{ "DIR", "@dir" },
	{ "CONTAINER", "@container" },
	{ "CONTAINER|IMAGE", "@container|@image" },
	{ "[CONTAINER:]SRC", "@container:|@file" },
	{ "[CONTAINER:]DEST", "@container:|@file" },
	{ "FILE|-", "@file" },
	{ "FILE|URL|-", "@file" },
	{ "IMAGE", "@image" },
	{ "VOLUME", "@volume" },
	{ "SECRET", "@secret" },
	{ "NETWORK", "@network" },
};

static bool is_command(const char *pattern, const struct cmd *c)
{
	size_t n = pattern ? strlen(pattern) : 0;

	if (n == 0 || !c)
		return n == 0;
	return pattern[n - 1] == ' ' ? str_has_prefix(c->path, pattern) : str_eq(c->path, pattern);
}

static const char *of_word(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strlen(words[i].word) == len && memcmp(words[i].word, word, len) == 0)
			return words[i].values;
	}
	return NULL;
}

/* "always|missing": a placeholder that is the list itself. */
static bool is_choice(const char *arg)
{
	return strchr(arg, '|') && !strpbrk(arg, "[]ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

const char *values_of_option(const struct cmd *c, const struct opt *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (table[i].option && is_command(table[i].command, c) &&
		    str_eq(table[i].option, o->name))
			return table[i].values;
	}
	if (!o->arg)
		return NULL;
	return is_choice(o->arg) ? o->arg : of_word(o->arg, strlen(o->arg));
}

/* One word of .args, bare: "[IMAGE...]" is IMAGE. repeats: any number of them. */
static const char *operand_word(const char *word, size_t len, bool *repeats)
{
	while (len > 0 && (word[len - 1] == ']' || word[len - 1] == '.'))
		len--;
	*repeats = word[len] == '.';
	if (*word == '[' && !memchr(word, ']', len)) {
		word++;
		len--;
	}
	return of_word(word, len);
}

const char *values_of_operand(const struct cmd *c, int index)
{
	const char *p = c->args ? c->args : "", *values = NULL;
	bool repeats = false;

	/* A list of names of one kind wants the same state for each. */
	for (size_t i = 0; (index == 0 || !strchr(p, ' ')) && i < ARRAY_SIZE(table); i++) {
		if (!table[i].option && is_command(table[i].command, c))
			return table[i].values;
	}
	for (int i = 0; *p && i <= index; i++) {
		size_t len = strcspn(p, " ");

		values = operand_word(p, len, &repeats);
		p += len;
		if (*p == ' ')
			p++;
		else if (i < index && !repeats)
			return NULL;
	}
	return values;
}
