/* SPDX-License-Identifier: Apache-2.0 */
/* What is made in a directory that is not ours alone, and the rules of names in cp. */
#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "container/commit.h"
#include "container/copy.h"
#include "container/paste_tar.h"
#include "container/paste_tree.h"
#include "storage/tar_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct place {
	char path[64];
	int dirfd;
};

static int setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	strcpy(p->path, "/var/tmp/rl-paste-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->dirfd = fd_open(p->path, O_RDONLY | O_DIRECTORY);
	assert_true(p->dirfd >= 0);
	assert_int_equal(mkdirat(p->dirfd, "in", 0755), 0);
	assert_int_equal(mkdirat(p->dirfd, "outside", 0755), 0);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	fd_close(&p->dirfd);
	(void)file_remove_tree(AT_FDCWD, p->path);
	free(p);
	return 0;
}

static void put(int dirfd, const char *path, const char *text)
{
	assert_int_equal(file_write_at(dirfd, path, text, strlen(text), 0644, 0), 0);
}

static void has(int dirfd, const char *path, const char *text)
{
	autofree char *got = NULL;
	size_t len;

	assert_int_equal(file_read_at(dirfd, path, &got, &len, 4096), 0);
	assert_string_equal(got, text);
}

static int str_write(void *arg, const void *data, size_t len, struct err *e)
{
	(void)e;
	str_addn(arg, data, len);
	return 0;
}

static void tar_add(struct tar_writer *w, char type, const char *path, const char *link,
		    const char *text)
{
	struct tar_writer_entry n = { .type = type, .path = path, .link = link, .mode = 0755,
				      .size = text ? strlen(text) : 0, .mtime = 1000 };
	struct err e;

	assert_int_equal(tar_writer_add(w, &n, &e), 0);
	if (text)
		assert_int_equal(tar_writer_data(w, text, n.size, &e), 0);
}

static int unpack(struct place *p, const struct str *tar, bool is_overwriting)
{
	struct paste_policy policy = { .is_host = true, .is_overwriting = is_overwriting };
	autoclose int in = fd_openat(p->dirfd, "in", O_RDONLY | O_DIRECTORY);
	autoclose int null_fd = fd_open("/dev/null", O_RDONLY);
	struct paste_tar t = { .start = tar->p, .start_len = tar->len, .in_fd = null_fd,
			       .dirfd = in, .policy = &policy };
	struct err e;

	return paste_tar(&t, &e);
}

static void splits_like_docker(void **state)
{
	const char *path = NULL;
	autofree char *a = copy_split("web:/etc/x:y", &path);

	(void)state;
	assert_string_equal(a, "web");
	assert_string_equal(path, "/etc/x:y");
	assert_null(copy_split("./web:x", &path));
	assert_null(copy_split("/web:x", &path));
	assert_null(copy_split("web", &path));
	assert_null(copy_split(":x", &path));
}

static void file_replaces_link_not_its_target(void **state)
{
	struct place *p = *state;
	struct paste_policy policy = { .is_host = true };
	int fd;

	put(p->dirfd, "outside/f", "safe");
	assert_int_equal(symlinkat("../outside/f", p->dirfd, "in/f"), 0);
	autoclose int in = fd_openat(p->dirfd, "in", O_PATH | O_DIRECTORY);

	fd = paste_file(in, "f", &policy);
	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, "new", 3), 0);
	fd_close(&fd);
	has(p->dirfd, "outside/f", "safe");
	has(p->dirfd, "in/f", "new");
}

static void directory_does_not_follow_link(void **state)
{
	struct place *p = *state;
	struct paste_policy policy = { .is_host = true };
	autoclose int in = fd_openat(p->dirfd, "in", O_PATH | O_DIRECTORY);
	bool is_new;
	int fd;

	assert_int_equal(symlinkat("../outside", p->dirfd, "in/d"), 0);
	assert_int_equal(paste_dir(in, "d", &policy, &is_new), -ENOTDIR);
	policy.is_overwriting = true;
	fd = paste_dir(in, "d", &policy, &is_new);
	assert_true(fd >= 0 && is_new);
	put(fd, "x", "x");
	fd_close(&fd);
	assert_false(file_exists_at(p->dirfd, "outside/x"));
}

static void kinds_are_kept_apart(void **state)
{
	struct place *p = *state;
	struct paste_policy policy = { .is_host = true };
	autoclose int in = fd_openat(p->dirfd, "in", O_PATH | O_DIRECTORY);
	int fd;

	assert_int_equal(mkdirat(in, "d", 0755), 0);
	put(in, "d/f", "x");
	assert_int_equal(paste_file(in, "d", &policy), -EISDIR);
	policy.is_overwriting = true;
	fd = paste_file(in, "d", &policy);
	assert_true(fd >= 0);
	fd_close(&fd);
}

static void tree_keeps_links_and_hard_links(void **state)
{
	struct place *p = *state;
	struct paste_policy policy = { .is_host = true };
	autoclose int src = -1, dst = fd_openat(p->dirfd, "outside", O_RDONLY | O_DIRECTORY);
	struct paste_tree t = { .dirfd = dst, .name = "copy", .shown = "in", .policy = &policy };
	autofree char *link = NULL;
	struct stat a, b;
	struct err e;

	put(p->dirfd, "in/a", "text");
	assert_int_equal(linkat(p->dirfd, "in/a", p->dirfd, "in/b", 0), 0);
	assert_int_equal(symlinkat("/etc/passwd", p->dirfd, "in/l"), 0);
	assert_int_equal(fchmodat(p->dirfd, "in/a", 0600, 0), 0);
	t.src_fd = src = fd_openat(p->dirfd, "in", O_PATH | O_DIRECTORY);
	assert_int_equal(paste_tree(&t, &e), 0);
	has(dst, "copy/b", "text");
	assert_int_equal(fstatat(dst, "copy/a", &a, 0), 0);
	assert_int_equal(fstatat(dst, "copy/b", &b, 0), 0);
	assert_true(a.st_ino == b.st_ino);
	assert_int_equal(a.st_mode & 07777, 0600);
	assert_int_equal(file_readlink_at(dst, "copy/l", &link), 0);
	assert_string_equal(link, "/etc/passwd");
}

static void tar_stays_inside(void **state)
{
	struct place *p = *state;
	auto_of(str_clear) struct str tar = { 0 }, up = { 0 };
	struct tar_writer w = { .write = str_write, .arg = &tar };
	struct err e;

	put(p->dirfd, "outside/f", "safe");
	tar_add(&w, '2', "l", "../outside", NULL);
	tar_add(&w, '5', "outside", NULL, NULL);
	tar_add(&w, '0', "l/f", NULL, "evil");
	assert_int_equal(tar_writer_end(&w, &e), 0);
	/* The link leads to "outside" inside, as if the directory were the root. */
	assert_int_equal(unpack(p, &tar, false), 0);
	has(p->dirfd, "outside/f", "safe");
	has(p->dirfd, "in/outside/f", "evil");

	w.arg = &up;
	tar_add(&w, '0', "x/../../outside/f", NULL, "evil");
	assert_int_equal(tar_writer_end(&w, &e), 0);
	assert_true(unpack(p, &up, false) < 0);
	has(p->dirfd, "outside/f", "safe");
	tar_writer_clear(&w);
}

static void tar_link_stays_inside(void **state)
{
	struct place *p = *state;
	auto_of(str_clear) struct str tar = { 0 };
	struct tar_writer w = { .write = str_write, .arg = &tar };
	struct err e;

	put(p->dirfd, "outside/f", "safe");
	tar_add(&w, '1', "h", "../outside/f", NULL);
	assert_int_equal(tar_writer_end(&w, &e), 0);
	assert_true(unpack(p, &tar, false) < 0);
	tar_writer_clear(&w);
}

static void commit_takes_the_definition_over(void **state)
{
	static const char base[] = "{\"Env\":[\"A=1\"],\"Cmd\":[\"old\"],\"Labels\":{\"k\":\"v\"},"
				   "\"OnBuild\":[\"RUN x\"]}";
	auto_of(config_clear) struct container_config c;
	auto_of(json_free) struct json *j = NULL, *config = NULL;
	struct err e;

	(void)state;
	config_init(&c);
	assert_int_equal(json_parse(&j, base, strlen(base), &e), 0);
	strv_add(&c.command, "new");
	strv_add(&c.env, "A=2");
	strv_add(&c.env, "container=podman");
	strv_add(&c.env, "TERM=xterm");
	strv_add(&c.labels, "k=v");	/* the image's are among them */
	strv_add(&c.labels, "l=x=y");
	strv_add(&c.expose, "80");
	c.user = xstrdup("7");
	config = commit_config(&c, j);
	assert_string_equal(json_str(json_at(json_get(config, "Cmd"), 0)), "new");
	assert_int_equal(json_len(json_get(config, "Env")), 1);
	assert_string_equal(json_str(json_at(json_get(config, "Env"), 0)), "A=2");
	assert_string_equal(json_get_str(json_get(config, "Labels"), "l"), "x=y");
	assert_string_equal(json_get_str(json_get(config, "Labels"), "k"), "v");
	assert_non_null(json_get(json_get(config, "ExposedPorts"), "80/tcp"));
	assert_string_equal(json_get_str(config, "User"), "7");
	assert_int_equal(json_len(json_get(config, "OnBuild")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_like_docker),
		cmocka_unit_test_setup_teardown(file_replaces_link_not_its_target, setup, teardown),
		cmocka_unit_test_setup_teardown(directory_does_not_follow_link, setup, teardown),
		cmocka_unit_test_setup_teardown(kinds_are_kept_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(tree_keeps_links_and_hard_links, setup, teardown),
		cmocka_unit_test_setup_teardown(tar_stays_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(tar_link_stays_inside, setup, teardown),
		cmocka_unit_test(commit_takes_the_definition_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
