/* SPDX-License-Identifier: Apache-2.0 */
#include "netns/resolv.h"

#include "base/file.h"
#include "netns/netns_priv.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>

#define STUB_CONF "/run/systemd/resolve/resolv.conf"

struct servers {
	struct strv servers, options, searches;
};

static void servers_clear(struct servers *s)
{
	strv_clear(&s->servers);
	strv_clear(&s->options);
	strv_clear(&s->searches);
}
DEFINE_AUTO_VALUE(struct servers, servers_clear)

/* 127.0.0.0/8 and ::1 mean the container itself once they stand in its file. */
static bool is_loopback(const char *addr)
{
	return str_has_prefix(addr, "127.") || str_eq(addr, "::1") || str_eq(addr, "0:0:0:0:0:0:0:1");
}

/* A zone ("fe80::1%eth0") names an interface of the host. */
static bool is_address(const char *s)
{
	struct in6_addr a;

	return inet_pton(AF_INET, s, &a) == 1 || inet_pton(AF_INET6, s, &a) == 1;
}

static void split_words(struct strv *out, const char *line)
{
	while (*line) {
		size_t n = strcspn(line, " \t\r");

		if (n)
			strv_add_take(out, xstrndup(line, n));
		line += n;
		line += strspn(line, " \t\r");
	}
}

/* The last "search" or "domain" line counts; "options" add up (resolv.conf(5)). */
static void parse_line(struct servers *s, const char *line)
{
	auto_of(strv_clear) struct strv words = { 0 };
	const char *key;

	split_words(&words, line);
	if (words.n < 2 || *words.v[0] == '#' || *words.v[0] == ';')
		return;
	key = words.v[0];
	if (str_eq(key, "nameserver"))
		strv_add(&s->servers, words.v[1]);
	if (str_eq(key, "search") || str_eq(key, "domain")) {
		strv_clear(&s->searches);
		for (size_t i = 1; i < words.n; i++)
			strv_add(&s->searches, words.v[i]);
	}
	if (str_eq(key, "options"))
		for (size_t i = 1; i < words.n; i++)
			strv_add(&s->options, words.v[i]);
}

static void load(struct servers *s, const char *path)
{
	autofree char *text = NULL;
	auto_of(strv_clear) struct strv lines = { 0 };

	if (file_read_at(AT_FDCWD, path, &text, NULL, FILE_MAX_CONFIG) < 0)
		return;
	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.n; i++)
		parse_line(s, lines.v[i]);
}

static void drop_unreachable(struct strv *servers)
{
	for (size_t i = 0; i < servers->n;)
		if (is_loopback(servers->v[i]) || !is_address(servers->v[i]))
			strv_remove_at(servers, i);
		else
			i++;
}

/* systemd-resolved's stub listens on the host's loopback: what it asks itself is in its own file. */
static bool is_only_stub(const struct servers *s)
{
	return s->servers.n == 1 && str_has_prefix(s->servers.v[0], "127.0.0.5");
}

static void load_host(struct servers *s, const struct resolv_args *a)
{
	load(s, a->host_resolv_conf ?: "/etc/resolv.conf");
	if (a->config->mode == NETNS_HOST)
		return;
	if (is_only_stub(s)) {
		strv_clear(&s->servers);
		load(s, STUB_CONF);
	}
	drop_unreachable(&s->servers);
}

/* The address under which pasta was told to forward queries; NULL: it was not. */
static const char *pasta_dns(const struct netns_config *c)
{
	const char *found = NULL;

	for (size_t i = 0; i < c->pasta_options.n; i++) {
		const char *value = str_after(c->pasta_options.v[i], "--dns-forward=");

		if (value)
			found = value;
		else if (str_eq(c->pasta_options.v[i], "--dns-forward") && i + 1 < c->pasta_options.n)
			found = c->pasta_options.v[i + 1];
	}
	return found;
}

/* slirp4netns forwards what is sent to its own server to the host's first one, loopback or not. */
static int add_provider(struct servers *s, const struct resolv_args *a, struct err *e)
{
	auto_of(strv_clear) struct strv own = { 0 };
	struct netns_addresses addresses;
	int r;

	if (a->config->mode == NETNS_PASTA && !s->servers.n)
		strv_add(&s->servers, pasta_dns(a->config) ?: NETNS_PASTA_DNS);
	else if (a->config->mode == NETNS_PASTA && pasta_dns(a->config))
		strv_add(&own, pasta_dns(a->config));
	if (a->config->mode != NETNS_SLIRP && !own.n)
		return 0;
	r = netns_addresses_own(&addresses, a->config, e);
	if (r < 0)
		return r;
	if (!own.n)
		strv_add(&own, addresses.dns);
	strv_add_all(&own, &s->servers);
	strv_copy(&s->servers, &own);
	return 0;
}

static bool has_any(const struct strv *l)
{
	return l && l->n;
}

/* A line break in a value would write lines of its own. */
static int check_word(const char *option, const char *value, struct err *e)
{
	if (!*value || strpbrk(value, " \t\r\n"))
		return err_set(e, ERR_USAGE, "%s '%s': one word is expected", option, value);
	return 0;
}

static int take_given(struct servers *s, const struct resolv_args *a, struct err *e)
{
	int r = 0;

	if (has_any(a->servers))
		strv_copy(&s->servers, a->servers);
	if (has_any(a->options))
		strv_copy(&s->options, a->options);
	if (has_any(a->searches))
		strv_copy(&s->searches, a->searches);
	for (size_t i = 0; has_any(a->servers) && i < a->servers->n; i++)
		if (!is_address(a->servers->v[i]))
			return err_set(e, ERR_USAGE, "--dns: %s is not an ip address%s", a->servers->v[i],
				       str_eq(a->servers->v[i], "none") ? ", or none alone" : "");
	for (size_t i = 0; !r && i < s->options.n; i++)
		r = check_word("--dns-option", s->options.v[i], e);
	for (size_t i = 0; !r && i < s->searches.n; i++)
		r = check_word("--dns-search", s->searches.v[i], e);
	/* "--dns-search ." means: no search domain at all. */
	if (has_any(a->searches) && s->searches.n == 1 && str_eq(s->searches.v[0], "."))
		strv_clear(&s->searches);
	return r;
}

bool resolv_is_off(const struct strv *servers)
{
	return servers && servers->n == 1 && str_eq(servers->v[0], "none");
}

int resolv_conf(struct str *out, const struct resolv_args *a, struct err *e)
{
	auto_of(servers_clear) struct servers s = { 0 };
	int r;

	/* Without a network the host's servers cannot be reached: every name fails at once instead. */
	if (a->config->mode != NETNS_NONE) {
		load_host(&s, a);
		if (!has_any(a->servers) && (r = add_provider(&s, a, e)) < 0)
			return r;
	}
	r = take_given(&s, a, e);
	if (r < 0)
		return r;
	if (s.searches.n) {
		autofree char *l = strv_join(&s.searches, " ");

		str_addf(out, "search %s\n", l);
	}
	for (size_t i = 0; i < s.servers.n; i++)
		str_addf(out, "nameserver %s\n", s.servers.v[i]);
	if (s.options.n) {
		autofree char *l = strv_join(&s.options, " ");

		str_addf(out, "options %s\n", l);
	}
	return 0;
}
