/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/create_opts.h"

#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"
#include "base/units.h"
#include "cli/env_opt.h"
#include "cli/health_opts.h"
#include "cli/limit_opts.h"
#include "cli/line_files.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define C(field) config.field

static int opt_oom_score(void *args, const struct opt *o, const char *value, struct err *e)
{
	struct create_args *a = args;

	if (units_parse_int(value, &a->config.oom_score_adj) < 0 || a->config.oom_score_adj < -1000 ||
	    a->config.oom_score_adj > 1000)
		return err_set(e, ERR_USAGE, "--%s '%s': expected a number from -1000 to 1000", o->name,
			       value);
	a->config.has_oom_score_adj = true;
	return 0;
}

/* A JSON list, or one word; "" clears the image's. */
static int opt_entrypoint(void *args, const struct opt *o, const char *value, struct err *e)
{
	struct create_args *a = args;
	auto_of(json_free) struct json *list = NULL;

	(void)o;
	strv_clear(&a->config.entrypoint);
	a->config.has_entrypoint = true;
	if (*value == '[') {
		if (json_parse(&list, value, strlen(value), e) < 0)
			return err_set(e, ERR_USAGE, "--entrypoint '%s' is no JSON list of strings", value);
		for (size_t i = 0; i < json_len(list); i++) {
			const char *word = json_str(json_at(list, i));

			if (!word)
				return err_set(e, ERR_USAGE, "--entrypoint '%s' is no JSON list of strings",
					       value);
			strv_add(&a->config.entrypoint, word);
		}
	} else if (*value) {
		strv_add(&a->config.entrypoint, value);
	}
	return 0;
}

static int opt_shm_size(void *args, const struct opt *o, const char *value, struct err *e)
{
	struct create_args *a = args;

	if (*value && (units_parse_bytes(value, &a->config.shm_size) < 0 || a->config.shm_size < 0))
		return err_set(e, ERR_USAGE, "--%s: invalid size: '%s': expected one such as 512k, 64m or 1.5g, "
			       "or 0 for no limit", o->name, value);
	return 0;
}

static int opt_pull(void *args, const struct opt *o, const char *value, struct err *e)
{
	static const char *const names[] = { "missing", "always", "never", "newer" };
	struct create_args *a = args;

	a->given.has_pull = true;
	for (int i = 0; i < N_CONFIG_PULLS; i++) {
		if (strcmp(value, names[i]) == 0) {
			a->config.pull = i;
			return 0;
		}
	}
	if (str_eq(value, "true") || str_eq(value, "false")) {
		a->config.pull = str_eq(value, "true") ? CONFIG_PULL_ALWAYS : CONFIG_PULL_MISSING;
		return 0;
	}
	return err_set(e, ERR_USAGE, "--%s: unsupported pull policy \"%s\": none of always, missing, never, "
		       "newer", o->name, value);
}

/* Options with one value that can be had. */
static int only(const struct opt *o, const char *value, const char *accepted, struct err *e)
{
	if (str_eq(value, accepted))
		return 0;
	return err_set(e, ERR_USAGE, "--%s '%s': expected %s: %s", o->name, value, accepted, o->help);
}

static int opt_volume_driver(void *args, const struct opt *o, const char *value, struct err *e)
{
	(void)args;
	return only(o, value, "local", e);
}

#define FOR_WINDOWS "it is for containers of Windows"

const struct opt create_opts[] = {
	OPT_CSV(0, "add-host", struct create_args, C(add_hosts), "NAME:IP", "add a line to /etc/hosts"),
	OPT_LIST(0, "annotation", struct create_args, C(annotations), "KEY=VALUE", "annotate the container"),
	OPT_STR(0, "arch", struct create_args, C(arch), "ARCH", "take the image of this architecture"),
	OPT_ALIAS(0, "override-arch", "arch"),
	OPT_CSV('a', "attach", struct create_args, C(attach), "STREAM", "attach to stdin, stdout or stderr"),
	OPT_STR(0, "authfile", struct create_args, C(authfile), "PATH", "credentials of registries"),
	OPT_CSV(0, "cap-add", struct create_args, C(cap_add), "CAP", "add a capability, or all"),
	OPT_CSV(0, "cap-drop", struct create_args, C(cap_drop), "CAP", "drop a capability, or all"),
	OPT_STR(0, "cert-dir", struct create_args, C(cert_dir), "DIR", "certificates of registries"),
	OPT_STR(0, "cgroupns", struct create_args, C(cgroupns), "MODE", "cgroup namespace: private, host, container:NAME, ns:PATH"),
	OPT_CSV(0, "chrootdirs", struct create_args, C(chrootdirs), "DIR", "directory inside that is used as a root: it gets resolv.conf, hosts and hostname too"),
	OPT_STR(0, "cidfile", struct create_args, C(cidfile), "PATH", "write the container's id to a file"),
	OPT_STR(0, "conmon-pidfile", struct create_args, C(conmon_pidfile), "PATH", "write the monitor's pid to a file"),
	OPT_STR(0, "creds", struct create_args, C(creds), "USER:PASSWORD", "credentials for the registry"),
	OPT_FLAG('d', "detach", struct create_args, C(is_detached), "run in the background and print the id"),
	OPT_STR(0, "detach-keys", struct create_args, C(detach_keys), "KEYS", "keys that leave the container running"),
	OPT_CSV(0, "device", struct create_args, C(devices), "HOST[:PATH[:rwm]]", "bind a device of the host that you may open, or a CDI device VENDOR/CLASS=NAME"),
	OPT_NEVER(0, "device-cgroup-rule", "RULE", "device rules need root: a device that you may open can be given with --device"),
	OPT_FLAG(0, "disable-content-trust", struct create_args, disable_content_trust, "accepted for Docker's sake; there is no content trust to disable"),
	OPT_CSV(0, "dns", struct create_args, C(dns), "IP", "name server, or none"),
	OPT_CSV(0, "dns-option", struct create_args, C(dns_options), "OPTION", "option line of resolv.conf"),
	OPT_ALIAS(0, "dns-opt", "dns-option"),
	OPT_CSV(0, "dns-search", struct create_args, C(dns_search), "DOMAIN", "search domain; . for none"),
	OPT_FN(0, "entrypoint", opt_entrypoint, "CMD", "replace the image's entrypoint (word or JSON list)"),
	OPT_ENV(struct create_args, config.env, "NAME[=VALUE]", "set a variable"),
	OPT_LIST(0, "env-file", struct create_args, env_files, "PATH", "read variables from a file"),
	OPT_TRISTATE(0, "env-host", struct create_args, given.env_host, "pass the host's environment"),
	OPT_LIST(0, "env-merge", struct create_args, C(env_merge), "NAME=VALUE", "set a variable from the image's: PATH=$PATH:/x"),
	OPT_CSV(0, "expose", struct create_args, C(expose), "PORT[/PROTO]", "port for --publish-all"),
	OPT_CSV(0, "gidmap", struct create_args, C(gidmap), "[+ug]C:[@]I[:N]", "map group ids, as --uidmap"),
	OPT_CSV(0, "gpus", struct create_args, C(gpus), "all|N|device=NAME", "devices of the CDI kind nvidia.com/gpu"),
	OPT_CSV(0, "group-add", struct create_args, C(group_add), "GROUP", "further group, or keep-groups: those that you have on the host"),
	OPT_STR(0, "group-entry", struct create_args, C(group_entry), "LINE", "line of /etc/group for an unknown group"),
	OPT_GROUP(health_opts, struct create_args, config),
	OPT_LIST(0, "hostuser", struct create_args, C(hostusers), "NAME", "make a user of the host known in /etc/passwd"),
	OPT_FLAG(0, "no-healthcheck", struct create_args, no_healthcheck, "ignore the image's health check"),
	OPT_STR('h', "hostname", struct create_args, C(hostname), "NAME", "host name of the container"),
	OPT_STR(0, "hosts-file", struct create_args, C(hosts_file), "PATH", "base of /etc/hosts: a file, image (the image's own), or none"),
	OPT_TRISTATE(0, "http-proxy", struct create_args, given.http_proxy, "pass the proxy variables of the host (default true)"),
	OPT_STR(0, "image-volume", struct create_args, C(image_volume), "MODE", "the image's volumes: anonymous, tmpfs, ignore"),
	OPT_TRISTATE(0, "init", struct create_args, given.init, "run an init that reaps and forwards signals"),
	OPT_STR(0, "init-path", struct create_args, C(init_path), "PATH", "the init to use"),
	OPT_FLAG('i', "interactive", struct create_args, C(is_interactive), "keep stdin open"),
	OPT_STR(0, "ipc", struct create_args, C(ipcns), "MODE", "IPC namespace and /dev/shm: shareable (default), private, none (no /dev/shm), host, container:NAME, ns:PATH"),
	OPT_LIST('l', "label", struct create_args, C(labels), "KEY=VALUE", "label the container"),
	OPT_LIST(0, "label-file", struct create_args, label_files, "PATH", "read labels from a file"),
	OPT_STR(0, "log-driver", struct create_args, C(log_driver), "DRIVER", "k8s-file, json-file, journald, passthrough, passthrough-tty or none"),
	OPT_LIST(0, "log-opt", struct create_args, C(log_opts), "KEY=VALUE", "max-size, max-file, path, tag, label, labels, env"),
	OPT_LIST(0, "mount", struct create_args, C(mounts), "type=T,...", "mount a file system"),
	OPT_STR(0, "name", struct create_args, C(name), "NAME", "name of the container"),
	OPT_LIST(0, "network", struct create_args, C(networks), "MODE", "slirp4netns, pasta, none, host, container:NAME, ns:PATH"),
	OPT_ALIAS(0, "net", "network"),
	OPT_FLAG(0, "no-hostname", struct create_args, C(no_hostname), "leave the image's /etc/hostname"),
	OPT_TRISTATE(0, "no-hosts", struct create_args, given.no_hosts, "leave the image's /etc/hosts"),
	OPT_FN(0, "oom-score-adj", opt_oom_score, "N", "out-of-memory score, -1000 to 1000"),
	OPT_STR(0, "os", struct create_args, C(os), "OS", "take the image of this system"),
	OPT_ALIAS(0, "override-os", "os"),
	OPT_TRISTATE(0, "passwd", struct create_args, passwd, "make an unknown user known in /etc/passwd (default true)"),
	OPT_STR(0, "passwd-entry", struct create_args, C(passwd_entry), "LINE", "line of /etc/passwd for an unknown user"),
	OPT_STR(0, "personality", struct create_args, C(personality), "NAME", "execution domain: LINUX or LINUX32"),
	OPT_STR(0, "pid", struct create_args, C(pidns), "MODE", "pid namespace: private, host, container:NAME, ns:PATH"),
	OPT_STR(0, "pidfile", struct create_args, C(pidfile), "PATH", "write the container's pid to a file"),
	OPT_STR(0, "platform", struct create_args, C(platform), "OS/ARCH[/VARIANT]", "take the image of this platform"),
	OPT_CSV(0, "preserve-fd", struct create_args, C(preserve_fd), "FD[,FD]", "pass these descriptors on"),
	OPT_UINT(0, "preserve-fds", struct create_args, preserve_fds, "N", "pass N descriptors from 3 up"),
	OPT_TRISTATE(0, "privileged", struct create_args, given.privileged, "all that the user himself may do"),
	OPT_CSV('p', "publish", struct create_args, C(publish), "[IP:][HOST:]PORT", "publish a port"),
	OPT_FLAG('P', "publish-all", struct create_args, C(publish_all), "publish every exposed port"),
	OPT_FN(0, "pull", opt_pull, "POLICY", "always, missing, never or newer"),
	OPT_FLAG('q', "quiet", struct create_args, C(pull_quiet), "no progress while pulling"),
	OPT_NEVER(0, "rdt-class", "CLASS", "resource director classes belong to root"),
	OPT_TRISTATE(0, "read-only", struct create_args, given.read_only, "make the root file system read-only"),
	OPT_TRISTATE(0, "read-only-tmpfs", struct create_args, read_only_tmpfs, "tmpfs on /tmp, /run, /var/tmp with --read-only (default true)"),
	OPT_FLAG(0, "replace", struct create_args, C(replace), "remove a container of that name first"),
	OPT_CSV(0, "requires", struct create_args, C(requires), "CONTAINER", "containers that are started before it"),
	OPT_UINT(0, "retry", struct create_args, retry, "N", "times to try a pull again"),
	OPT_STR(0, "retry-delay", struct create_args, C(pull_retry_delay), "TIME", "pause between tries"),
	OPT_FLAG(0, "rm", struct create_args, C(rm), "remove the container when it ends"),
	OPT_FLAG(0, "rmi", struct create_args, C(rmi), "like --rm, and remove the image if no container uses it"),
	OPT_FLAG(0, "rootfs", struct create_args, is_rootfs, "the operand is a directory, not an image (PATH[:O])"),
	OPT_STR(0, "sdnotify", struct create_args, C(sdnotify), "MODE", "who tells systemd it is ready: container, conmon, healthy, ignore"),
	OPT_STR(0, "seccomp-policy", struct create_args, C(seccomp_policy), "POLICY", "default, or image: the profile of the image's label"),
	OPT_LIST(0, "security-opt", struct create_args, C(security_opt), "KEY=VALUE", "seccomp, no-new-privileges, mask, unmask, fake-owners, ..."),
	OPT_FN(0, "shm-size", opt_shm_size, "SIZE", "size of /dev/shm"),
	OPT_STR(0, "shm-size-systemd", struct create_args, C(shm_size_systemd), "SIZE", "size of each tmpfs of systemd mode"),
	OPT_TRISTATE(0, "sig-proxy", struct create_args, sig_proxy, "pass signals on (default true)"),
	OPT_STR(0, "stop-signal", struct create_args, C(stop_signal), "SIGNAL", "signal that stops the container"),
	OPT_UINT(0, "stop-timeout", struct create_args, stop_timeout, "SECONDS", "time before it is killed"),
	OPT_STR(0, "subgidname", struct create_args, C(subgidname), "NAME", "map the group ids that /etc/subgid gives to NAME"),
	OPT_STR(0, "subuidname", struct create_args, C(subuidname), "NAME", "map the user ids that /etc/subuid gives to NAME"),
	OPT_CSV(0, "sysctl", struct create_args, C(sysctls), "KEY=VALUE", "kernel parameter of its namespaces"),
	OPT_STR(0, "systemd", struct create_args, C(systemd), "MODE", "mounts and stop signal for systemd: true (when it is the command), false, always"),
	OPT_UINT(0, "timeout", struct create_args, timeout, "SECONDS", "longest time it may run"),
	OPT_TRISTATE(0, "tls-verify", struct create_args, C(tls_verify), "check the registry's certificate"),
	OPT_LIST(0, "tmpfs", struct create_args, C(tmpfs), "PATH[:OPTIONS]", "mount a tmpfs"),
	OPT_FLAG('t', "tty", struct create_args, C(has_tty), "give it a terminal"),
	OPT_STR(0, "tz", struct create_args, C(tz), "ZONE", "time zone, or local"),
	OPT_CSV(0, "uidmap", struct create_args, C(uidmap), "[+ug]C:[@]I[:N]", "map N ids from C in the container to I of your session (@: of the host; +: keep the other ids; u, g: users or groups only)"),
	OPT_CSV(0, "ulimit", struct create_args, C(ulimits), "NAME=SOFT[:HARD]", "resource limit, or host"),
	OPT_STR(0, "umask", struct create_args, C(umask), "MASK", "file mode mask"),
	OPT_LIST(0, "unsetenv", struct create_args, C(unsetenv), "NAME", "drop a variable of the image"),
	OPT_FLAG(0, "unsetenv-all", struct create_args, C(unsetenv_all), "drop all variables of the image"),
	OPT_STR('u', "user", struct create_args, C(user), "USER[:GROUP]", "user to run as"),
	OPT_STR(0, "userns", struct create_args, C(userns), "MODE", "user namespace: host, keep-id[:uid=N,gid=N,size=N], auto[:size=N], nomap, private, container:NAME, ns:PATH"),
	OPT_STR(0, "uts", struct create_args, C(utsns), "MODE", "UTS namespace: private, host, container:NAME, ns:PATH"),
	OPT_STR(0, "variant", struct create_args, C(variant), "VARIANT", "take the image of this variant"),
	OPT_ALIAS(0, "override-variant", "variant"),
	OPT_LIST('v', "volume", struct create_args, C(volumes), "[SRC:]DST[:OPTS]", "mount a directory or a volume"),
	OPT_LIST(0, "volumes-from", struct create_args, C(volumes_from), "NAME[:ro]", "mount what another container mounts"),
	OPT_STR('w', "workdir", struct create_args, C(workdir), "DIR", "working directory"),

	OPT_LIST(0, "cgroup-conf", struct create_args, C(cgroup_conf), "FILE=VALUE", "write a file of the cgroup, as memory.high=1000000"),
	OPT_STR(0, "cgroup-parent", struct create_args, C(cgroup_parent), "PATH", "cgroup or slice to make the container's in"),
	OPT_STR(0, "cgroups", struct create_args, C(cgroups), "MODE", "enabled, disabled, no-conmon or split"),
	OPT_GROUP(limit_opts, struct create_args, config),

	OPT_NEVER(0, "decryption-key", "KEY", "encrypted layers are not decrypted here: skopeo copy --decryption-key KEY docker://IMAGE oci-archive:FILE, then rootlet load"),
	OPT_NEVER(0, "ip", "IP", "each container has a network of its own: choose the range with --network slirp4netns:cidr=NET (networks and static ip/mac address can only be used with Bridge mode networking)"),
	OPT_NEVER(0, "ip6", "IP", "each container has a network of its own, and slirp4netns or pasta gives the address (networks and static ip/mac address can only be used with Bridge mode networking)"),
	OPT_NEVER(0, "link-local-ip", "IP", "each container has a network of its own, and the kernel gives the address"),
	OPT_NEVER(0, "mac-address", "MAC", "each container has a network of its own, on which nobody else sees the address (networks and static ip/mac address can only be used with Bridge mode networking)"),
	OPT_LATER(0, "network-alias", "NAME", "networks with names are not there: share one with --network container:NAME"),
	OPT_ALIAS(0, "net-alias", "network-alias"),
	OPT_LATER(0, "pod", "NAME", "pods are not there yet"),
	OPT_LATER(0, "pod-id-file", "PATH", "pods are not there yet"),
	OPT_NEVER(0, "cpu-count", "N", FOR_WINDOWS),
	OPT_NEVER(0, "cpu-percent", "N", FOR_WINDOWS),
	OPT_NEVER(0, "io-maxbandwidth", "SIZE", FOR_WINDOWS),
	OPT_NEVER(0, "io-maxiops", "N", FOR_WINDOWS),
	OPT_NEVER(0, "isolation", "NAME", FOR_WINDOWS),
	OPT_STR(0, "domainname", struct create_args, C(domainname), "NAME", "NIS domain name of the container"),
	OPT_NEVER(0, "link", "NAME", "containers reach each other through published ports, or share a network with --network container:NAME"),
	OPT_NEVER(0, "init-ctr", "TYPE", "init containers belong to pods, which are not there"),
	OPT_NEVER(0, "runtime", "NAME", "the OCI runtime is part of rootlet, no other is called"),
	OPT_NEVER(0, "storage-opt", "KEY=VALUE", "a limit for the container's own files needs a file system with project quotas, which root sets up"),
	OPT_NEVER(0, "use-api-socket", NULL, "there is no API socket to mount"),
	OPT_FN(0, "volume-driver", opt_volume_driver, "NAME", "local, the only one"),
	OPT_LIST(0, "secret", struct create_args, config.secrets, "NAME[,OPT]", "a file below /run/secrets, or with type=env a variable"),
	OPT_NEVER(0, "signature-policy", "PATH", "trust is read from policy.json alone: ~/.config/containers/policy.json"),
	OPT_END,
};

void create_opts_init(void *args)
{
	struct create_args *a = args;

	config_init(&a->config);
	a->retry = UINT64_MAX;
	a->stop_timeout = UINT64_MAX;
}

void create_opts_clear(void *args)
{
	config_clear(&((struct create_args *)args)->config);
}

/* An empty word is what a script gives that has nothing to say: as if the option were not there. But
 * --detach-keys '' says that there are none. */
static void forget_empty(struct create_args *a)
{
	for (const struct opt *o = create_opts; o->kind != OPT_KIND_END; o++) {
		char **text = (char **)((char *)a + o->offset);

		if (o->kind == OPT_KIND_STR && *text && !**text && text != &a->config.detach_keys) {
			free(*text);
			*text = NULL;
		}
	}
}

static bool is_one_of(const char *value, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(value, words[i]) == 0)
			return true;
	return false;
}

static int check_words(const struct container_config *c, struct err *e)
{
	static const char *const streams[] = { "stdin", "stdout", "stderr" };
	static const char *const domains[] = { "linux", "linux32" };

	for (size_t i = 0; i < c->attach.n; i++)
		if (!is_one_of(c->attach.v[i], streams, ARRAY_SIZE(streams)))
			return err_set(e, ERR_USAGE, "invalid stream \"%s\" for --attach - must be one of "
				       "stdin, stdout, or stderr: invalid argument",
				       c->attach.v[i]);
	if (c->shm_size >= 0 && str_eq(c->ipcns, "host"))
		return err_set(e, ERR_USAGE, "--shm-size: cannot set shmsize when running in the host IPC Namespace: "
			       "/dev/shm is the host's");
	if (c->personality && !is_one_of(c->personality, domains, ARRAY_SIZE(domains)))
		return err_set(e, ERR_USAGE, "--personality '%s' is none of LINUX, LINUX32",
			       c->personality);
	return 0;
}

int create_opts_finish(struct create_args *a, const struct strv *operands, int argc,
		       char *const *argv, struct err *e)
{
	struct container_config *c = &a->config;

	forget_empty(a);
	if (check_words(c, e) < 0 ||
	    line_files_read("--env-file", &a->env_files, &c->env, e) < 0 ||
	    line_files_read("--label-file", &a->label_files, &c->labels, e) < 0)
		return -e->code;
	c->read_only_tmpfs = a->read_only_tmpfs != 0;
	c->sig_proxy = a->sig_proxy != 0;
	c->has_passwd = a->passwd != 0;
	c->preserve_fds = a->preserve_fds;
	c->timeout = a->timeout;
	a->given.has_stop_timeout = a->stop_timeout != UINT64_MAX;
	a->given.has_image_volume = c->image_volume;
	if (a->stop_timeout != UINT64_MAX)
		c->stop_timeout = a->stop_timeout;
	if (a->retry != UINT64_MAX)
		c->pull_retry = a->retry;
	if (a->no_healthcheck && c->health_cmd)
		return err_set(e, ERR_USAGE, "cannot specify both --no-healthcheck and --health-cmd");
	if (a->no_healthcheck)
		c->health = CONFIG_HEALTH_NONE;
	xreplace(&c->image_name, operands->v[0]);
	if (a->is_rootfs)
		xreplace(&c->rootfs, operands->v[0]);
	for (size_t i = 1; i < operands->n; i++)
		strv_add(&c->command, operands->v[i]);
	for (int i = 0; i < argc; i++)
		strv_add(&c->create_command, argv[i]);
	return 0;
}
