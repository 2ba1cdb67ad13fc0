/* SPDX-License-Identifier: Apache-2.0 */
#include "base/idmap.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>

void idmap_clear(struct idmap *m)
{
	free(m->v);
	*m = (struct idmap){ 0 };
}

void idmap_add(struct idmap *m, uint32_t inside, uint32_t outside, uint32_t count)
{
	if (!count)
		return;
	m->v = xreallocarray(m->v, m->n + 1, sizeof(*m->v));
	m->v[m->n++] = (struct idmap_line){ inside, outside, count };
}

void idmap_copy(struct idmap *to, const struct idmap *from)
{
	idmap_clear(to);
	to->v = from->n ? xmemdup(from->v, from->n * sizeof(*from->v)) : NULL;
	to->n = from->n;
}

static bool is_same_line(const struct idmap_line *a, const struct idmap_line *b)
{
	return a->inside == b->inside && a->outside == b->outside && a->count == b->count;
}

bool idmap_equal(const struct idmap *a, const struct idmap *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!is_same_line(&a->v[i], &b->v[i]))
			return false;
	return true;
}

bool idmap_is_full(const struct idmap *m)
{
	return m->n == 1 && m->v[0].inside == 0 && m->v[0].outside == 0 &&
	       m->v[0].count == UINT32_MAX;
}

uint64_t idmap_count(const struct idmap *m)
{
	uint64_t count = 0;

	for (size_t i = 0; i < m->n; i++)
		count += m->v[i].count;
	return count;
}

static bool is_overlap(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count)
{
	return (uint64_t)a < (uint64_t)b + b_count && (uint64_t)b < (uint64_t)a + a_count;
}

int idmap_check(const struct idmap *m)
{
	if (m->n > IDMAP_MAX)
		return -EINVAL;
	for (size_t i = 0; i < m->n; i++) {
		const struct idmap_line *a = &m->v[i];

		if ((uint64_t)a->inside + a->count > UINT32_MAX ||
		    (uint64_t)a->outside + a->count > UINT32_MAX)
			return -EINVAL;
		for (size_t k = 0; k < i; k++) {
			const struct idmap_line *b = &m->v[k];

			if (is_overlap(a->inside, a->count, b->inside, b->count) ||
			    is_overlap(a->outside, a->count, b->outside, b->count))
				return -EINVAL;
		}
	}
	return 0;
}

/* Digits at *p after blanks; moves *p behind them. */
static bool take_number(const char **p, uint32_t *out)
{
	const char *s = *p + strspn(*p, " \t");
	uint64_t n = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++) {
		n = n * 10 + (uint64_t)(*s - '0');
		if (n > UINT32_MAX)
			return false;
	}
	*p = s;
	*out = (uint32_t)n;
	return true;
}

int idmap_parse(struct idmap *out, const char *text)
{
	auto_of(idmap_clear) struct idmap m = { 0 };
	const char *p = text;

	while (*p) {
		uint32_t inside, outside, count;

		if (m.n == IDMAP_MAX || !take_number(&p, &inside) || !take_number(&p, &outside) ||
		    !take_number(&p, &count) || !count)
			return -EINVAL;
		p += strspn(p, " \t");
		if (*p == '\n')
			p++;
		else if (*p)
			return -EINVAL;
		idmap_add(&m, inside, outside, count);
	}
	if (idmap_check(&m) < 0)
		return -EINVAL;
	idmap_clear(out);
	*out = m;
	m = (struct idmap){ 0 };
	return 0;
}

int idmap_load(struct idmap *out, const char *path)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(AT_FDCWD, path, &text, &len, FILE_MAX_CONFIG);

	return r < 0 ? r : idmap_parse(out, text);
}

char *idmap_format(const struct idmap *m)
{
	auto_of(str_clear) struct str s = { 0 };

	for (size_t i = 0; i < m->n; i++)
		str_addf(&s, "%u %u %u\n", m->v[i].inside, m->v[i].outside, m->v[i].count);
	return str_steal(&s);
}

uint32_t idmap_outside(const struct idmap *m, uint32_t id)
{
	for (size_t i = 0; i < m->n; i++)
		if (id >= m->v[i].inside && id - m->v[i].inside < m->v[i].count)
			return m->v[i].outside + (id - m->v[i].inside);
	return IDMAP_NONE;
}

uint32_t idmap_inside(const struct idmap *m, uint32_t id)
{
	for (size_t i = 0; m && i < m->n; i++)
		if (id >= m->v[i].outside && id - m->v[i].outside < m->v[i].count)
			return m->v[i].inside + (id - m->v[i].outside);
	return id;
}

void idmap_invert(struct idmap *out, const struct idmap *m)
{
	idmap_clear(out);
	for (size_t i = 0; i < m->n; i++)
		idmap_add(out, m->v[i].outside, m->v[i].inside, m->v[i].count);
}

int idmap_write(const struct idmap *m, pid_t pid, const char *file)
{
	autofree char *path = xasprintf("/proc/%d/%s", pid, file), *text = idmap_format(m);
	autoclose int fd = fd_open(path, O_WRONLY);

	return fd < 0 ? fd : fd_write_all(fd, text, strlen(text));
}
