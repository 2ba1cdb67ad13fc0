/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/store.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "storage/driver.h"
#include "storage/store_conf.h"

#include <string.h>
#include <unistd.h>

#define OWNERS_RECORDED "owners recorded"

static void close_all(struct store *s)
{
	int *const fds[] = { &s->root_dirfd, &s->layers_dirfd, &s->images_dirfd,
			     &s->image_names_dirfd, &s->containers_dirfd, &s->container_names_dirfd,
			     &s->volumes_dirfd, &s->cache_dirfd };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fd_close(fds[i]);
}

void store_free(struct store *s)
{
	if (!s)
		return;
	close_all(s);
	free(s->root);
	free(s->event_log);
	strv_clear(&s->driver_opts);
	free(s);
}

/* The directories exist on every call but the first, so opening is tried before making. */
static int open_or_make(int dirfd, const char *name, int *out)
{
	int fd = fd_opendirat(dirfd, name);

	if (fd == -ENOENT) {
		if (mkdirat(dirfd, name, 0700) < 0 && errno != EEXIST)
			return -errno;
		fd = fd_opendirat(dirfd, name);
	}
	if (fd < 0)
		return fd;
	*out = fd;
	return 0;
}

static int open_dirs(struct store *s, struct err *e)
{
	const struct {
		const char *name;
		int *fd;
	} dirs[] = {
		{ "layers", &s->layers_dirfd },
		{ "images", &s->images_dirfd },
		{ "images/names", &s->image_names_dirfd },
		{ "containers", &s->containers_dirfd },
		{ "containers/names", &s->container_names_dirfd },
		{ "volumes", &s->volumes_dirfd },
		{ "cache", &s->cache_dirfd },
	};
	int r;

	s->root_dirfd = fd_opendir(s->root);
	if (s->root_dirfd == -ENOENT) {
		r = file_mkdirs(s->root, 0700);
		if (r < 0)
			return r == -EROFS || r == -EACCES
			       ? err_set(e, -r, "make the storage directory %s: %s: choose another with --root "
					 "DIR, or rootless_storage_path in storage.conf", s->root,
					 r == -EROFS ? "read-only file system" : "permission denied")
			       : err_sys(e, -r, "make the storage directory %s", s->root);
		s->root_dirfd = fd_opendir(s->root);
	}
	if (s->root_dirfd < 0)
		return err_sys(e, -s->root_dirfd, "open the storage directory %s", s->root);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		r = open_or_make(s->root_dirfd, dirs[i].name, dirs[i].fd);
		if (r < 0)
			return err_sys(e, -r, "make %s/%s", s->root, dirs[i].name);
	}
	return 0;
}

static int probe_all(struct store *s, struct err *e)
{
	auto_of(str_clear) struct str why = { 0 };

	for (size_t i = 0; store_drivers[i]; i++) {
		struct err one;

		if (store_drivers[i]->probe(s, &one) >= 0) {
			s->driver = store_drivers[i];
			return 0;
		}
		log_debug("storage driver %s: %s", store_drivers[i]->name, one.msg);
		str_addf(&why, "%s%s: %s", why.len ? "; " : "", store_drivers[i]->name, one.msg);
	}
	return err_set(e, ENOTSUP, "no storage driver works in %s (%s)", s->root, str_peek(&why));
}

static int pick_named(struct store *s, const char *name, struct err *e)
{
	const char *program = store_conf_option(&s->driver_opts, "mount_program");

	/* Podman's way to say fuse-overlayfs is the overlay driver with a mount program. */
	if (program && strncmp(name, "overlay", 7) == 0)
		name = *program ? "fuse-overlayfs" : name;
	s->driver = driver_find(name);
	if (!s->driver)
		return err_set(e, ENOTSUP,
			       "storage driver '%s' is not known: use overlay, fuse-overlayfs or "
			       "vfs", name);
	return 0;
}

/* NFS, GPFS, sshfs and others do not let a user give a file to one of his subordinate ids: then every
 * file is his own and the owners are written down, as in a session with one id. */
static bool takes_owners(const struct store *s)
{
	static const char name[] = FILE_TMP_PREFIX "owner";
	autoclose int fd = fd_createat(s->root_dirfd, name, O_WRONLY | O_TRUNC | O_NOFOLLOW, 0600);
	bool takes = fd < 0 || fchown(fd, 1, 1) == 0 ||
		     (errno != EPERM && errno != EINVAL && errno != ENOTSUP && errno != EACCES);

	if (fd >= 0)
		(void)unlinkat(s->root_dirfd, name, 0);
	return takes;
}

static int write_driver(struct store *s, struct err *e)
{
	autofree char *text = NULL;
	int r;

	if (!s->is_single_id && !takes_owners(s)) {
		s->refuses_owners = s->is_single_id = true;
		log_warn("the file system of %s takes no files of other owners: containers have one user "
			 "id, every file in them is yours (see: rootlet doctor)", s->root);
	}
	text = xasprintf("%s\n%s", s->driver->name, s->refuses_owners ? OWNERS_RECORDED "\n" : "");
	r = file_write_at(s->root_dirfd, "driver", text, strlen(text), 0600, 0);
	return r < 0 ? err_sys(e, -r, "write %s/driver", s->root) : 0;
}

static void read_owners(struct store *s, char *text)
{
	char *second = strchr(text, '\n');

	if (!second)
		return;
	*second++ = 0;
	if (str_has_prefix(second, OWNERS_RECORDED))
		s->refuses_owners = s->is_single_id = true;
}

/* The file is written once, after the first probe; every later command trusts it. */
static int pick_driver(struct store *s, const char *wanted, struct err *e)
{
	bool has_program = !str_empty(store_conf_option(&s->driver_opts, "mount_program"));
	autofree char *text = NULL;
	size_t len;
	int r;

	if (has_program && !wanted)
		wanted = "overlay";
	r = file_read_at(s->root_dirfd, "driver", &text, &len, 64);
	if (r < 0 && r != -ENOENT)
		return err_sys(e, -r, "read %s/driver", s->root);
	if (r == 0)
		read_owners(s, text);
	if (r == 0 && (!wanted || (strcmp(wanted, text) == 0 && !has_program))) {
		s->driver = driver_find(text);
		if (s->driver)
			return 0;
	}
	if (wanted) {
		r = pick_named(s, wanted, e);
		if (r < 0)
			return r;
		if (text && strcmp(text, s->driver->name) == 0)
			return 0;
		r = s->driver->probe(s, e);
		if (r < 0)
			return err_wrap(e, "storage driver %s", wanted);
		if (text)
			return 0;
	} else {
		r = probe_all(s, e);
		if (r < 0)
			return r;
	}
	return write_driver(s, e);
}

static char *absolute_path(const char *path)
{
	autofree char *cwd = NULL, *joined = NULL;

	if (path[0] == '/')
		return path_clean(path);
	cwd = getcwd(NULL, 0);
	joined = path_join(cwd ? cwd : "/", path);
	return path_clean(joined);
}

static char *root_path(const struct store_args *args, const struct store_conf *conf)
{
	autofree char *own = NULL;

	if (args->root)
		return absolute_path(args->root);
	if (!conf->root)
		return absolute_path(args->data_dir);
	/* Below it, not in it: that directory is Podman's own, and its reset empties it. */
	own = path_join(conf->root, "rootlet");
	return absolute_path(own);
}

int store_locate(char **root, const struct store_args *args, struct err *e)
{
	auto_of(store_conf_clear) struct store_conf conf = { 0 };
	int r = store_conf_load(&conf, e);

	if (r >= 0)
		*root = root_path(args, &conf);
	return r;
}

int store_open(struct store **out, const struct store_args *args, struct err *e)
{
	auto_of(store_free) struct store *s = xcalloc(1, sizeof(*s));
	auto_of(store_conf_clear) struct store_conf conf = { 0 };
	int r;

	s->root_dirfd = s->layers_dirfd = s->images_dirfd = s->image_names_dirfd = -1;
	s->containers_dirfd = s->container_names_dirfd = s->volumes_dirfd = s->cache_dirfd = -1;
	s->is_single_id = args->is_single_id;
	r = store_conf_load(&conf, e);
	if (r < 0)
		return r;
	s->root = root_path(args, &conf);
	strv_add_all(&s->driver_opts, &conf.opts);
	if (args->driver_opts)
		strv_add_all(&s->driver_opts, args->driver_opts);
	r = open_dirs(s, e);
	if (r < 0)
		return r;
	r = pick_driver(s, args->driver ? args->driver : conf.driver, e);
	if (r < 0)
		return r;
	*out = steal_ptr(&s);
	return 0;
}
