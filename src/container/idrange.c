/* SPDX-License-Identifier: Apache-2.0 */
#include "container/idrange.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_NAME "idranges"
#define LOCK_NAME "lock"

struct range {
	uint64_t start, count;
};

static int compare(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static bool is_taken(struct store *s, int dirfd, const char *name)
{
	autofree char *id = NULL;
	autoclose int lock = -1;

	if (file_read_at(dirfd, name, &id, NULL, 128) >= 0 && ident_is_id(id) &&
	    file_exists_at(s->containers_dirfd, id))
		return true;
	lock = lock_try(dirfd, name, true);
	return lock < 0;
}

/* The ranges in use, in order; what nobody uses any more is removed. */
static int load(struct store *s, int dirfd, struct range **out, size_t *n)
{
	auto_of(strv_clear) struct strv names = { 0 };
	int r = file_list_dir(dirfd, ".", &names, false);

	if (r < 0)
		return r;
	*out = xcalloc(names.n + 1, sizeof(**out));
	*n = 0;
	for (size_t i = 0; i < names.n; i++) {
		unsigned int start, count;

		if (sscanf(names.v[i], "%u-%u", &start, &count) != 2)
			continue;
		if (is_taken(s, dirfd, names.v[i]))
			(*out)[(*n)++] = (struct range){ start, count };
		else
			unlinkat(dirfd, names.v[i], 0);
	}
	qsort(*out, *n, sizeof(**out), compare);
	return 0;
}

/* The lowest gap: low ranges are used again and again, and so are the layers mapped for them. */
static bool find_gap(const struct range *v, size_t n, uint64_t first, uint64_t total, uint64_t size,
		     uint32_t *start)
{
	uint64_t at = first;

	for (size_t i = 0; i < n && v[i].start < at + size; i++)
		if (v[i].start + v[i].count > at)
			at = v[i].start + v[i].count;
	*start = at;
	return at + size <= first + total;
}

static int take(int dirfd, const char *id, uint32_t start, uint32_t size, int *lock_fd)
{
	char name[32];
	autoclose int fd = -1;
	int r;

	snprintf(name, sizeof(name), "%u-%u", start, size);
	fd = lock_take(dirfd, name, true);
	if (fd < 0)
		return fd;
	r = ftruncate(fd, 0) < 0 ? -errno : fd_write_all(fd, id, strlen(id));
	if (r < 0)
		unlinkat(dirfd, name, 0);
	else
		*lock_fd = steal_fd(&fd);
	return r;
}

int idrange_take(struct store *s, const char *id, uint32_t first, uint32_t total, uint32_t size,
		 uint32_t *start, int *lock_fd, struct err *e)
{
	autofree struct range *v = NULL;
	autoclose int dirfd = -1, lock = -1;
	size_t n = 0;
	int r;

	if (mkdirat(s->root_dirfd, DIR_NAME, 0700) < 0 && errno != EEXIST)
		return err_sys(e, errno, "make %s/" DIR_NAME, s->root);
	dirfd = fd_openat(s->root_dirfd, DIR_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	lock = dirfd < 0 ? dirfd : lock_take(dirfd, LOCK_NAME, true);
	if (lock < 0)
		return err_sys(e, -lock, "lock %s/" DIR_NAME, s->root);
	r = load(s, dirfd, &v, &n);
	if (r < 0)
		return err_sys(e, -r, "read %s/" DIR_NAME, s->root);
	if (!find_gap(v, n, first, total, size, start))
		return err_set(e, ERANGE, "--userns auto: no %u ids in a row are free of the %u that this "
			       "user has (%zu containers have some): remove one, ask for fewer with "
			       "auto:size=N, or have more granted with usermod --add-subuids "
			       "--add-subgids", size, total, n);
	r = take(dirfd, id, *start, size, lock_fd);
	return r < 0 ? err_sys(e, -r, "write %s/" DIR_NAME, s->root) : 0;
}
