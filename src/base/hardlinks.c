/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hardlinks.h"

#include <search.h>

struct seen {
	dev_t dev;
	ino_t ino;
	char *path;	/* owned */
};

static int compare(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

static void seen_free(void *p)
{
	free(((struct seen *)p)->path);
	free(p);
}

const char *hardlinks_find(struct hardlinks *h, const struct stat *st, const char *path)
{
	struct seen *s, **found;

	if (st->st_nlink < 2)
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->dev = st->st_dev;
	s->ino = st->st_ino;
	found = tsearch(s, &h->tree, compare);
	if (*found == s) {
		s->path = xstrdup(path);
		return NULL;
	}
	free(s);
	return (*found)->path;
}

void hardlinks_clear(struct hardlinks *h)
{
	tdestroy(h->tree, seen_free);
	h->tree = NULL;
}
