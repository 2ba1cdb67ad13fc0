/* SPDX-License-Identifier: Apache-2.0 */
#include "image/platform.h"

#include "base/str.h"
#include "base/strv.h"

#include <ctype.h>
#include <string.h>
#include <sys/utsname.h>

/* The kernel's and the compilers' names to Go's, which images use. */
static const struct {
	const char *from, *arch, *variant;
} aliases[] = {
	{ "x86_64", "amd64", NULL },	  { "x86-64", "amd64", NULL },
	{ "aarch64", "arm64", NULL },	  { "arm64e", "arm64", NULL },
	{ "i386", "386", NULL },	  { "i486", "386", NULL },
	{ "i586", "386", NULL },	  { "i686", "386", NULL },
	{ "armhf", "arm", "v7" },	  { "armel", "arm", "v6" },
	{ "armv7l", "arm", "v7" },	  { "armv6l", "arm", "v6" },
	{ "armv8l", "arm", "v7" },	  { "ppc64el", "ppc64le", NULL },
	{ "loongarch64", "loong64", NULL },	{ "mips64el", "mips64le", NULL },
};

void platform_clear(struct platform *p)
{
	free(p->os);
	free(p->arch);
	free(p->variant);
	*p = (struct platform){ 0 };
}

static void set_arch(struct platform *p, const char *arch)
{
	xreplace(&p->variant, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (str_eq(arch, aliases[i].from)) {
			xreplace(&p->arch, aliases[i].arch);
			xreplace(&p->variant, aliases[i].variant);
			return;
		}
	xreplace(&p->arch, arch);
}

static void set_host(struct platform *p)
{
	struct utsname u;

	xreplace(&p->os, "linux");
	set_arch(p, uname(&u) < 0 ? "amd64" : u.machine);
}

static int check_word(const char *option, const char *s, struct err *e)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || (s[n] && strchr("._-", s[n])))
		n++;
	if (!n || s[n] || !isalnum((unsigned char)*s))
		return err_set(e, ERR_USAGE, "%s '%s': %s", option, s,
			       str_eq(option, "--platform") ? "OS/ARCH[/VARIANT] is expected, as linux/arm64" :
							      "a word of letters and digits is expected");
	return 0;
}

/* "linux/arm64/v8", "linux/arm64", "arm64"; a word that is a system's name alone is one. */
static int set_platform(struct platform *p, const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 };

	strv_split(&parts, text, '/');
	if (parts.n < 1 || parts.n > 3)
		return check_word("--platform", "", e);
	for (size_t i = 0; i < parts.n; i++)
		if (check_word("--platform", parts.v[i], e) < 0)
			return err_set(e, ERR_USAGE, "--platform '%s': OS/ARCH[/VARIANT] is expected, as linux/arm64",
				       text);
	if (parts.n == 1) {
		if (str_eq(text, "linux") || str_eq(text, "windows") || str_eq(text, "freebsd"))
			xreplace(&p->os, text);
		else
			set_arch(p, text);
		return 0;
	}
	xreplace(&p->os, parts.v[0]);
	set_arch(p, parts.v[1]);
	if (parts.n == 3)
		xreplace(&p->variant, parts.v[2]);
	return 0;
}

int platform_parse(struct platform *out, const char *platform, const char *os, const char *arch,
		   const char *variant, struct err *e)
{
	auto_of(platform_clear) struct platform p = { 0 };
	int r = 0;

	if (!str_empty(platform) && (!str_empty(os) || !str_empty(arch)))
		return err_set(e, ERR_USAGE, "--platform option can not be specified with --arch or --os");
	set_host(&p);
	if (!str_empty(platform))
		r = set_platform(&p, platform, e);
	if (r >= 0 && !str_empty(os) && (r = check_word("--os", os, e)) >= 0)
		xreplace(&p.os, os);
	if (r >= 0 && !str_empty(arch) && (r = check_word("--arch", arch, e)) >= 0)
		set_arch(&p, arch);
	if (r >= 0 && !str_empty(variant) && (r = check_word("--variant", variant, e)) >= 0)
		xreplace(&p.variant, variant);
	if (r < 0)
		return r;
	*out = p;
	p = (struct platform){ 0 };
	return 0;
}

char *platform_to_string(const struct platform *p)
{
	return xasprintf("%s/%s%s%s", p->os, p->arch, p->variant ? "/" : "", p->variant ? p->variant : "");
}

/* ---- choosing ---- */

static int version_of(const char *variant)
{
	return variant && variant[0] == 'v' ? atoi(variant + 1) : 0;
}

/* 0: does not fit; the higher the better. Without a wish every processor of 64 bits is taken for the
 * plain one: arm64 has only v8, while amd64's v2 and up may be more than this machine has. */
static int score(const struct platform *want, const struct json *platform)
{
	const char *os = json_get_str(platform, "os"), *arch = json_get_str(platform, "architecture");
	const char *variant = json_get_str(platform, "variant");

	if (!str_eq(os, want->os) || !str_eq(arch, want->arch))
		return 0;
	if (str_empty(variant))
		variant = str_eq(arch, "arm64") ? "v8" : str_eq(arch, "arm") ? "v5" : NULL;
	if (str_eq(arch, "arm")) {
		int limit = version_of(want->variant ? want->variant : "v7");

		return version_of(variant) <= limit ? 10 + version_of(variant) : 0;
	}
	if (want->variant)
		return str_eq(variant, want->variant) ? 20 :
		       str_eq(arch, "amd64") && version_of(variant) <= version_of(want->variant) ?
				10 + version_of(variant) : 0;
	if (!variant || str_eq(variant, "v1") || (str_eq(arch, "arm64") && str_eq(variant, "v8")))
		return 10;
	return version_of(variant) < 10 ? 9 - version_of(variant) + 1 : 1;
}

static char *list_platforms(const struct json *manifests)
{
	auto_of(strv_clear) struct strv names = { 0 };

	for (size_t i = 0; i < json_len(manifests) && names.n < 12; i++) {
		const struct json *p = json_get(json_at(manifests, i), "platform");
		const char *os = json_get_str(p, "os"), *arch = json_get_str(p, "architecture");
		const char *variant = json_get_str(p, "variant");

		if (!os || !arch || str_eq(os, "unknown"))
			continue;
		strv_addf(&names, "%.32s/%.32s%s%.32s", os, arch, str_empty(variant) ? "" : "/",
			  variant ? variant : "");
	}
	return names.n ? strv_join(&names, ", ") : xstrdup("none that says so");
}

int platform_choose(const struct platform *p, const struct json *index,
		    const struct json **descriptor, struct err *e)
{
	const struct json *manifests = json_get(index, "manifests");
	const struct json *best = NULL, *plain = NULL;
	autofree char *wanted = NULL, *there = NULL;
	int best_score = 0;

	for (size_t i = 0; i < json_len(manifests); i++) {
		const struct json *d = json_at(manifests, i), *platform = json_get(d, "platform");
		int s = platform ? score(p, platform) : 0;

		if (s > best_score) {
			best_score = s;
			best = d;
		}
		if (!platform && !plain)
			plain = d;
	}
	/* An index of one image often does not say for what; the configuration does. */
	if (!best)
		best = plain;
	if (best) {
		*descriptor = best;
		return 0;
	}
	wanted = platform_to_string(p);
	there = list_platforms(manifests);
	return err_set(e, ERR_NO_SUCH, "no image for platform %s: there is %s", wanted, there);
}

bool platform_fits_config(const struct platform *p, const struct json *config)
{
	const char *os = json_get_str(config, "os"), *arch = json_get_str(config, "architecture");

	return (str_empty(os) || str_eq(os, p->os)) && (str_empty(arch) || str_eq(arch, p->arch));
}
