/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * A resolver takes the first line that has the name, so the order is the order of precedence: what the
 * user gave, the base file (without names the user gave), localhost, the container itself, the host.
 */
#include "netns/resolv.h"

#include "base/file.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct hosts {
	struct str text;
	struct strv given;	/* names that --add-host has set */
	bool has_localhost, has_localhost6;
};

static void hosts_clear(struct hosts *h)
{
	str_clear(&h->text);
	strv_clear(&h->given);
}
DEFINE_AUTO_VALUE(struct hosts, hosts_clear)

static void words_of(struct strv *out, const char *line)
{
	size_t n = strcspn(line, "#\r");
	autofree char *text = xstrndup(line, n);
	char *save = NULL;

	for (char *w = strtok_r(text, " \t", &save); w; w = strtok_r(NULL, " \t", &save))
		strv_add(out, w);
}

static bool is_ip(const char *s)
{
	struct in6_addr a;

	return inet_pton(AF_INET, s, &a) == 1 || inet_pton(AF_INET6, s, &a) == 1;
}

/* "name[;name...]:IP" or "...=IP"; IP may stand in brackets or be host-gateway. */
static int add_given(struct hosts *h, const char *entry, const char *gateway, struct err *e)
{
	size_t n = strcspn(entry, ":=");
	autofree char *names = xstrndup(entry, n);
	autofree char *ip = xstrdup(entry[n] ? entry + n + 1 : "");
	auto_of(strv_clear) struct strv list = { 0 };
	size_t len = strlen(ip);

	if (!*names || !*ip || strpbrk(names, " \t\r\n#"))
		return err_set(e, ERR_USAGE, "bad format for add-host: \"%s\": NAME[;NAME...]:IP is expected", entry);
	if (len > 2 && ip[0] == '[' && ip[len - 1] == ']') {
		ip[len - 1] = '\0';
		memmove(ip, ip + 1, len - 1);
	}
	if (str_eq(ip, "host-gateway")) {
		if (!*gateway)
			return err_set(e, ENETUNREACH,
				       "--add-host '%s': the container cannot reach the host: it has no address on a network that this container has too",
				       entry);
		xreplace(&ip, gateway);
	}
	if (!is_ip(ip))
		return err_set(e, ERR_USAGE, "--add-host '%s': invalid IP address in add-host: \"%s\"", entry, ip);
	strv_split(&list, names, ';');
	str_addf(&h->text, "%s\t", ip);
	for (size_t i = 0; i < list.n; i++) {
		if (!*list.v[i])
			return err_set(e, ERR_USAGE, "--add-host '%s': an empty name", entry);
		str_addf(&h->text, "%s%s", i ? " " : "", list.v[i]);
		strv_add(&h->given, list.v[i]);
	}
	str_addc(&h->text, '\n');
	return 0;
}

static void add_line(struct hosts *h, const char *ip, const char *a, const char *b)
{
	bool has_a = !str_empty(a) && !strv_has(&h->given, a);
	bool has_b = !str_empty(b) && !strv_has(&h->given, b) && !(has_a && str_eq(a, b));

	if (str_empty(ip) || (!has_a && !has_b))
		return;
	str_addf(&h->text, "%s\t%s%s%s\n", ip, has_a ? a : "", has_a && has_b ? " " : "", has_b ? b : "");
}

/* The container's and the host's own names are ours to say: the base file may be another container's
 * or have the host's loopback for its name. */
static void add_base_line(struct hosts *h, const struct strv *own, const char *line)
{
	auto_of(strv_clear) struct strv words = { 0 };
	bool any = false;

	words_of(&words, line);
	if (words.n < 2 || !is_ip(words.v[0]))
		return;
	for (size_t i = 1; i < words.n; i++) {
		if (strv_has(&h->given, words.v[i]) || strv_has(own, words.v[i]))
			continue;
		if (str_eq(words.v[i], "localhost")) {
			if (strchr(words.v[0], ':'))
				h->has_localhost6 = true;
			else
				h->has_localhost = true;
		}
		if (!any)
			str_addf(&h->text, "%s\t", words.v[0]);
		str_addf(&h->text, "%s%s", any ? " " : "", words.v[i]);
		any = true;
	}
	if (any)
		str_addc(&h->text, '\n');
}

static int add_base(struct hosts *h, const struct strv *own, const char *path, struct err *e)
{
	autofree char *text = NULL;
	auto_of(strv_clear) struct strv lines = { 0 };
	int r;

	if (str_eq(path, "none"))
		return 0;
	r = file_read_at(AT_FDCWD, path ?: "/etc/hosts", &text, NULL, FILE_MAX_CONFIG);
	if (r < 0 && !path)
		return 0;
	if (r < 0)
		return err_sys(e, -r, "--hosts-file %s", path);
	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.n; i++)
		add_base_line(h, own, lines.v[i]);
	return 0;
}

int resolv_hosts(struct str *out, const struct resolv_hosts_args *a, struct err *e)
{
	auto_of(hosts_clear) struct hosts h = { 0 };
	auto_of(strv_clear) struct strv own = { 0 };
	struct netns_addresses addr;
	int r = netns_addresses(&addr, a->config, e);

	if (r < 0)
		return r;
	if (!str_empty(a->host_ip))
		snprintf(addr.host, sizeof(addr.host), "%s", is_ip(a->host_ip) ? a->host_ip : "");
	for (size_t i = 0; a->add_hosts && i < a->add_hosts->n; i++) {
		r = add_given(&h, a->add_hosts->v[i], addr.host, e);
		if (r < 0)
			return r;
	}
	if (a->config->mode != NETNS_HOST && !str_empty(a->hostname))
		strv_add(&own, a->hostname);
	/* Whose network another container has made has that one's file, and the host's names from there. */
	if (a->config->mode != NETNS_CONTAINER) {
		strv_add(&own, "host.containers.internal");
		strv_add(&own, "host.docker.internal");
	}
	r = add_base(&h, &own, a->base_hosts, e);
	if (r < 0)
		return r;
	if (!h.has_localhost)
		add_line(&h, "127.0.0.1", "localhost", NULL);
	if (!h.has_localhost6)
		add_line(&h, "::1", "localhost", NULL);
	/* Who has the host's network is the host, whose own file has its name. */
	if (a->config->mode != NETNS_HOST)
		add_line(&h, *addr.address ? addr.address : "127.0.0.1", a->hostname, a->container_name);
	add_line(&h, addr.host, "host.containers.internal", "host.docker.internal");
	str_add(out, str_peek(&h.text));
	return 0;
}
