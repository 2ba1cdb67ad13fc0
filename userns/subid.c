/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/subid.h"

#include "base/fd.h"
#include "base/file.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_LEN 1024	/* a longer line is none of useradd's */
#define CHUNK 65536
#define RANGES_MAX 340		/* lines that the kernel takes in one map, user_namespaces(7) */
#define SUGGEST_FIRST 100000u	/* useradd's SUB_UID_MIN and SUB_UID_COUNT */
#define SUGGEST_COUNT 65536u

static const char *const files[] = { "/etc/subuid", "/etc/subgid" };
_Static_assert(ARRAY_SIZE(files) == N_SUBID_KINDS, "one file for each kind");

void subid_clear(struct subid_ranges *r)
{
	free(r->v);
	*r = (struct subid_ranges){ 0 };
}

const char *subid_file(enum subid_kind kind)
{
	return files[kind];
}

static void add_range(struct subid_ranges *r, uint64_t start, uint64_t count)
{
	/* 4294967295 is "no id" and never mapped. */
	if (!count || start >= UINT32_MAX || count > UINT32_MAX - start || r->n >= RANGES_MAX)
		return;
	r->v = xreallocarray(r->v, r->n + 1, sizeof(*r->v));
	r->v[r->n++] = (struct subid_range){ (uint32_t)start, (uint32_t)count };
}

/* Decimal digits from p up to end; false when there is something else. */
static bool read_number(const char *p, const char *end, uint64_t *n)
{
	*n = 0;
	if (p == end || end - p > 10)
		return false;
	for (; p < end; p++) {
		if (!isdigit((unsigned char)*p))
			return false;
		*n = *n * 10 + (uint64_t)(*p - '0');
	}
	return true;
}

typedef void line_fn(void *arg, const char *owner, size_t owner_len, uint64_t start,
		     uint64_t count);

static void read_line(const char *line, size_t len, line_fn *fn, void *arg)
{
	const char *end = line + len, *colon = memchr(line, ':', len), *second;
	uint64_t start, count;

	if (!colon || colon == line)
		return;
	second = memchr(colon + 1, ':', (size_t)(end - colon - 1));
	if (!second)
		return;
	while (end > second + 1 && isspace((unsigned char)end[-1]))
		end--;
	if (!read_number(colon + 1, second, &start) || !read_number(second + 1, end, &count))
		return;
	fn(arg, line, (size_t)(colon - line), start, count);
}

/* Cluster images carry one such file for every account there is: megabytes are normal, so it is
 * read in pieces; what is left of an over-long line is skipped. */
static int read_lines(int fd, line_fn *fn, void *arg)
{
	autofree char *buf = xmalloc(CHUNK);
	size_t have = 0;
	bool skipping = false;

	for (;;) {
		ssize_t n = read(fd, buf + have, CHUNK - have);
		char *p = buf, *nl;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		have += (size_t)n;
		while ((nl = memchr(p, '\n', have - (size_t)(p - buf)))) {
			if (!skipping)
				read_line(p, (size_t)(nl - p), fn, arg);
			skipping = false;
			p = nl + 1;
		}
		have -= (size_t)(p - buf);
		if (n == 0) {
			if (have && !skipping)
				read_line(p, have, fn, arg);
			return 0;
		}
		if (have > LINE_MAX_LEN) {
			skipping = true;
			have = 0;
		}
		memmove(buf, p, have);
	}
}

struct want {
	struct subid_ranges *out;
	const char *name;
	size_t name_len;
	char uid[16];
	size_t uid_len;
};

static void take_if_wanted(void *arg, const char *owner, size_t len, uint64_t start, uint64_t count)
{
	struct want *w = arg;

	if ((w->name && len == w->name_len && memcmp(owner, w->name, len) == 0) ||
	    (len == w->uid_len && memcmp(owner, w->uid, len) == 0))
		add_range(w->out, start, count);
}

int subid_read(struct subid_ranges *out, int fd, uid_t uid, const char *name)
{
	struct want w = { .out = out, .name = name, .name_len = name ? strlen(name) : 0 };

	w.uid_len = (size_t)snprintf(w.uid, sizeof(w.uid), "%u", uid);
	return read_lines(fd, take_if_wanted, &w);
}

bool subid_is_elsewhere(const char *nsswitch)
{
	const char *p = nsswitch;
	bool elsewhere = false;

	while (p && *p) {
		const char *eol = strchrnul(p, '\n');

		p += strspn(p, " \t");
		if (strncmp(p, "subid:", 6) == 0) {
			p += 6;
			p += strspn(p, " \t");
			/* shadow takes the first source only. */
			elsewhere = p < eol && *p != '#' &&
				    !(strncmp(p, "files", 5) == 0 &&
				      (p + 5 >= eol || isspace((unsigned char)p[5])));
		}
		p = *eol ? eol + 1 : eol;
	}
	return elsewhere;
}

struct libsubid_range {
	unsigned long start, count;
};

/* shadow renamed the calls between the versions 3 and 4 of the library. */
static const struct libsubid {
	const char *soname, *init, *get[N_SUBID_KINDS];
} libsubids[] = {
	{ "libsubid.so.5", "subid_init", { "subid_get_uid_ranges", "subid_get_gid_ranges" } },
	{ "libsubid.so.4", "subid_init", { "subid_get_uid_ranges", "subid_get_gid_ranges" } },
	{ "libsubid.so.3", "libsubid_init", { "get_subuid_ranges", "get_subgid_ranges" } },
};

/* A dlsym result is an object pointer; ISO C has no cast to a function, POSIX gives this way. */
static void *find_symbol(void *lib, const char *name, void *fn_out)
{
	void *p = dlsym(lib, name);

	memcpy(fn_out, &p, sizeof(p));
	return p;
}

/* 0 and ranges, or -ENOENT when there is no usable libsubid. The library stays loaded: its NSS
 * modules do not survive a dlclose. */
static int load_from_nss(struct subid_ranges *out, enum subid_kind kind, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(libsubids); i++) {
		const struct libsubid *l = &libsubids[i];
		bool (*init)(const char *program, FILE *log_file);
		int (*get)(const char *owner, struct libsubid_range **ranges);
		struct libsubid_range *v = NULL;
		void *lib = dlopen(l->soname, RTLD_NOW | RTLD_LOCAL);
		int n;

		if (!lib)
			continue;
		if (!find_symbol(lib, l->init, &init) || !find_symbol(lib, l->get[kind], &get))
			continue;
		init(NULL, NULL);
		n = get(name, &v);
		for (int k = 0; v && k < n; k++)
			add_range(out, v[k].start, v[k].count);
		free(v);
		out->is_nss = true;
		return 0;
	}
	return -ENOENT;
}

static bool is_nss_wanted(void)
{
	autofree char *text = NULL;
	size_t len;

	if (file_read_at(AT_FDCWD, "/etc/nsswitch.conf", &text, &len, FILE_MAX_CONFIG) < 0)
		return false;
	return subid_is_elsewhere(text);
}

int subid_load(struct subid_ranges *out, enum subid_kind kind, uid_t uid, const char *name,
	       struct err *e)
{
	auto_of(subid_clear) struct subid_ranges got = { 0 };
	autoclose int fd = -1;
	int r;

	/* newuidmap asks the same source, so a range of the file would be refused there. */
	if (name && is_nss_wanted() && load_from_nss(&got, kind, name) == 0) {
		*out = got;
		got = (struct subid_ranges){ 0 };
		return 0;
	}
	fd = fd_open(files[kind], O_RDONLY);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(e, -fd, "read %s", files[kind]);
	r = subid_read(&got, fd, uid, name);
	if (r < 0)
		return err_sys(e, -r, "read %s", files[kind]);
	*out = got;
	got = (struct subid_ranges){ 0 };
	return 0;
}

static void raise_end(void *arg, const char *owner, size_t len, uint64_t start, uint64_t count)
{
	uint64_t *end = arg;

	(void)owner;
	(void)len;
	if (start + count > *end)
		*end = start + count;
}

uint32_t subid_suggest(void)
{
	uint64_t end = SUGGEST_FIRST;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		autoclose int fd = fd_open(files[i], O_RDONLY);

		if (fd == -ENOENT)
			continue;
		if (fd < 0 || read_lines(fd, raise_end, &end) < 0)
			return 0;
	}
	end = SUGGEST_FIRST + (end - SUGGEST_FIRST + SUGGEST_COUNT - 1) / SUGGEST_COUNT *
	      SUGGEST_COUNT;
	return end + SUGGEST_COUNT < UINT32_MAX ? (uint32_t)end : 0;
}
