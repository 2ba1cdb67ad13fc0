/* SPDX-License-Identifier: Apache-2.0 */
/* storage_fixture: a fresh store in a temporary directory, and archives made in memory.
 *
 * Runs in:  the storage unit tests, as any user.
 * Owns:     the directory; removed by the teardown.
 * Needs:    TMPDIR or /tmp.
 * Fails:    by assertion.
 * Not here: what is tested.
 */
#pragma once

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "storage/layer.h"
#include "storage/store.h"
#include "storage/tar_extract.h"
#include "storage/tar_writer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

struct fixture {
	char dir[64];
	struct store *s;
	int out_dirfd;		/* an empty directory to unpack into */
};

static inline char *fixture_id(char c)
{
	char *id = xmalloc(65);

	memset(id, c, 64);
	id[64] = 0;
	return id;
}

static inline int fixture_setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct store_args args = { .driver = "vfs" };
	autofree char *root = NULL, *out = NULL;
	struct err e;

	/* What is tested is the same whatever the machine's own storage.conf says. */
	setenv("CONTAINERS_STORAGE_CONF", "/dev/null", 1);
	snprintf(f->dir, sizeof(f->dir), "%.30s/rootlet-test.XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(f->dir));
	root = xasprintf("%s/root", f->dir);
	out = xasprintf("%s/out", f->dir);
	args.root = root;
	assert_int_equal(store_open(&f->s, &args, &e), 0);
	assert_int_equal(mkdir(out, 0755), 0);
	f->out_dirfd = fd_openat(AT_FDCWD, out, O_RDONLY | O_DIRECTORY);
	assert_true(f->out_dirfd >= 0);
	*state = f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	store_free(f->s);
	fd_close(&f->out_dirfd);
	assert_int_equal(file_remove_tree(AT_FDCWD, f->dir), 0);
	free(f);
	return 0;
}

/* An empty layer with that id; the writer is returned and holds it. */
static inline struct layer_writer *fixture_layer(struct store *s, const char *id,
						 const char *parent)
{
	auto_of(json_free) struct json *info = json_new_object();
	struct layer_writer *w = NULL;
	struct err e;

	json_set_int(info, "version", 1);
	json_set_str(info, "parent", parent);
	assert_int_equal(layer_begin(&w, s, id, &e), 0);
	assert_int_equal(layer_commit(w, info, &e), 0);
	return w;
}

static inline int fixture_append(void *arg, const void *data, size_t len, struct err *e)
{
	(void)e;
	str_addn(arg, data, len);
	return 0;
}

static inline void fixture_add(struct str *tar, char type, const char *path, const char *link,
			       const char *text)
{
	struct tar_writer w = { .write = fixture_append, .arg = tar };
	struct tar_writer_entry n = { .type = type, .path = path, .link = link, .mode = 0644,
				      .size = text ? strlen(text) : 0, .mtime = 1000000000,
				      .uid = geteuid(), .gid = getegid() };
	struct err e;

	assert_int_equal(tar_writer_add(&w, &n, &e), 0);
	assert_int_equal(tar_writer_data(&w, text ? text : "", n.size, &e), 0);
	tar_writer_clear(&w);
}

/* Unpacks in pieces of step bytes (0: all at once). */
static inline int fixture_unpack(struct fixture *f, const struct str *tar, size_t step,
				 struct err *e)
{
	struct tar_extract_args args = { .dirfd = f->out_dirfd, .is_layer = true };
	auto_of(tar_extract_free) struct tar_extract *x = NULL;
	int r = tar_extract_new(&x, &args, e);

	for (size_t i = 0; r == 0 && i < tar->len;) {
		size_t n = step && step < tar->len - i ? step : tar->len - i;

		r = tar_extract_write(x, tar->p + i, n, e);
		i += n;
	}
	return r < 0 ? r : tar_extract_finish(x, e);
}

static inline void fixture_expect(int dirfd, const char *path, const char *text)
{
	autofree char *have = NULL;
	size_t len;

	assert_int_equal(file_read_at(dirfd, path, &have, &len, 1 << 20), 0);
	assert_string_equal(have, text);
}
