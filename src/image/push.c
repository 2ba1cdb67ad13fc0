/* SPDX-License-Identifier: Apache-2.0 */
#include "image/push.h"

#include "base/fd.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "image/auth.h"
#include "image/certs.h"
#include "image/docker_words.h"
#include "image/http.h"
#include "image/platform.h"
#include "image/push_image.h"
#include "image/reference.h"
#include "image/registries.h"
#include "image/remote.h"
#include "image/resolve.h"
#include "image/sandbox.h"
#include "image/save.h"
#include "image/transfer.h"
#include "storage/images.h"
#include "storage/names.h"
#include "storage/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DEFAULT_RETRIES = 3, MAX_GZIP_LEVEL = 9, MAX_ZSTD_LEVEL = 20 };

struct push {
	struct store *store;
	const struct transfer_push *args;
	const char *typed;		/* borrowed; what the user named */
	struct reference to;		/* owned parts */
	struct strv ids, tags;		/* what goes, and as what */
	struct strv mount_from;
	struct auth auth;
	struct http_tls tls;
	struct remote *remote;		/* owned */
	enum push_image_format format;
	enum zip_format zip;
	int level;
	uint64_t retries;
	int64_t retry_delay;
	int digest_fd;			/* owned; --digestfile */
};

static void push_clear(struct push *p)
{
	reference_clear(&p->to);
	strv_clear(&p->ids);
	strv_clear(&p->tags);
	strv_clear(&p->mount_from);
	auth_clear(&p->auth);
	remote_free(p->remote);
	http_tls_clear(&p->tls);
	fd_close(&p->digest_fd);
}
DEFINE_AUTO_VALUE(struct push, push_clear)

static void say(void *arg, const char *text)
{
	const struct push *p = arg;

	if (!p->args->quiet)
		fprintf(stderr, "%s\n", text);
}

/* --- options -------------------------------------------------------------- */

static int read_format(struct push *p, struct err *e)
{
	const char *f = p->args->format;

	if (!f)
		p->format = PUSH_IMAGE_AS_IT_IS;
	else if (str_eq(f, "oci"))
		p->format = PUSH_IMAGE_OCI;
	else if (str_eq(f, "v2s2") || str_eq(f, "docker"))
		p->format = PUSH_IMAGE_DOCKER;
	else if (str_eq(f, "v2s1"))
		return err_set(e, ERR_USAGE, "--format v2s1: nothing checks that old format, and "
			       "registries have given it up: use v2s2 or oci");
	else
		return err_set(e, ERR_USAGE, "--format: '%s' is none of oci, v2s2", f);
	return 0;
}

static int read_compression(struct push *p, struct err *e)
{
	const struct transfer_push *a = p->args;
	uint64_t level = 0, most;

	if (a->compression_format && str_eq(a->compression_format, "zstd:chunked"))
		return err_set(e, ERR_USAGE, "--compression-format zstd:chunked: plain zstd is what "
			       "rootlet writes: use zstd");
	if (a->compression_format && !str_eq(a->compression_format, "gzip") &&
	    !str_eq(a->compression_format, "zstd"))
		return err_set(e, ERR_USAGE, "--compression-format: '%s' is none of gzip, zstd",
			       a->compression_format);
	p->zip = str_eq(a->compression_format, "zstd") ? ZIP_ZSTD : ZIP_GZIP;
	most = p->zip == ZIP_ZSTD ? MAX_ZSTD_LEVEL : MAX_GZIP_LEVEL;
	if (a->compression_level && (units_parse_uint(a->compression_level, &level) < 0 ||
				     level < 1 || level > most))
		return err_set(e, ERR_USAGE, "--compression-level: '%s' is not a number from 1 to %d",
			       a->compression_level, (int)most);
	p->level = (int)level;
	if (p->zip == ZIP_ZSTD && p->format == PUSH_IMAGE_DOCKER)
		return err_set(e, ERR_USAGE, "--format v2s2 has no zstd: use --format oci");
	return 0;
}

static int read_options(struct push *p, struct err *e)
{
	const struct transfer_registry *reg = &p->args->registry;
	int r = read_format(p, e);

	if (r >= 0)
		r = read_compression(p, e);
	if (r < 0)
		return r;
	p->retries = DEFAULT_RETRIES;
	if (reg->retry && (units_parse_uint(reg->retry, &p->retries) < 0 || p->retries > 1000))
		return err_set(e, ERR_USAGE, "--retry: '%s' is not a number of tries", reg->retry);
	if (reg->retry_delay && (time_duration_parse(reg->retry_delay, true, &p->retry_delay) < 0 ||
				 p->retry_delay < 0))
		return err_set(e, ERR_USAGE, "--retry-delay: '%s' is not a duration (500ms, 2s)",
			       reg->retry_delay);
	return 0;
}

/* Opened before the sandbox closes, and written when all is done. */
static int open_digest_file(struct push *p, struct err *e)
{
	if (!p->args->digest_file)
		return 0;
	p->digest_fd = fd_createat(AT_FDCWD, p->args->digest_file, O_WRONLY, 0644);
	return p->digest_fd < 0 ? err_sys(e, -p->digest_fd, "--digestfile %s", p->args->digest_file) : 0;
}

static int write_digest(struct push *p, const char *digest, struct err *e)
{
	int r;

	if (p->digest_fd < 0)
		return 0;
	r = fd_write_all(p->digest_fd, digest, strlen(digest));
	if (r >= 0 && ftruncate(p->digest_fd, (off_t)strlen(digest)) < 0)
		r = -errno;
	return r < 0 ? err_sys(e, -r, "--digestfile %s", p->args->digest_file) : 0;
}

static int check_platform(const struct push *p, const char *id, struct err *e)
{
	auto_of(platform_clear) struct platform want = { 0 };
	auto_of(images_record_free) struct images_record *rec = NULL;
	int r;

	if (!p->args->platform)
		return 0;
	r = platform_parse(&want, p->args->platform, NULL, NULL, NULL, e);
	if (r >= 0)
		r = images_load(&rec, p->store, id, e);
	if (r >= 0 && !platform_fits_config(&want, rec->config))
		r = err_set(e, ERR_NO_SUCH, "the image here is not for %s", p->args->platform);
	return r < 0 ? r : 0;
}

/* --- a registry ----------------------------------------------------------- */

static int is_insecure(struct push *p, const char *full, bool *out, struct err *e)
{
	auto_of(registries_free) struct registries *conf = NULL;
	auto_of(registries_sources_clear) struct registries_sources list = { 0 };
	int r = registries_load(&conf, e);

	if (r >= 0)
		r = registries_sources(conf, full, &list, e);
	if (r < 0)
		return r;
	*out = p->args->registry.tls_verify >= 0 ? !p->args->registry.tls_verify
						 : list.v[list.n - 1].is_insecure;
	return 0;
}

static int find_account(struct push *p, struct err *e)
{
	const struct transfer_registry *reg = &p->args->registry;
	autofree char *key = xasprintf("%s/%s", p->to.host, p->to.repo);
	int r = reg->creds ? auth_parse_creds(&p->auth, reg->creds, e)
			   : auth_find(&p->auth, reg->authfile, key, e);

	return r < 0 ? r : 0;
}

static int connect_to(struct push *p, struct err *e)
{
	struct remote_args a = {
		.host = p->to.host, .repo = p->to.repo,
		.tls = &p->tls,
		.actions = "pull,push",
		.mount_from = &p->mount_from,
		.retries = (unsigned int)p->retries,
		.is_patient = p->args->registry.retry != NULL,
		.retry_delay = p->retry_delay,
		.say = say, .say_arg = p,
	};
	int r = certs_load(&p->tls, p->args->registry.cert_dir, p->to.host, e);

	if (r < 0)
		return r;
	a.user = p->auth.user;
	a.password = p->auth.password;
	a.identity_token = p->auth.identity_token;
	p->remote = remote_new(&a);
	return 0;
}

/* With --all-tags every name that the repository has here; else the one that was given. */
static int find_targets(struct push *p, const char *id, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 }, ids = { 0 };
	int r;

	if (!p->args->all_tags) {
		strv_add(&p->ids, id);
		strv_add(&p->tags, p->to.tag);
		return 0;
	}
	r = names_list(p->store->image_names_dirfd, &names, &ids);
	if (r < 0)
		return err_sys(e, -r, "list the names of images");
	for (size_t i = 0; i < names.n; i++) {
		auto_of(reference_clear) struct reference ref = { 0 };
		struct err none;

		if (reference_parse(&ref, names.v[i], &none) < 0 || !ref.tag ||
		    !str_eq(ref.host, p->to.host) || !str_eq(ref.repo, p->to.repo))
			continue;
		strv_add(&p->ids, ids.v[i]);
		strv_add(&p->tags, ref.tag);
	}
	return p->ids.n ? 0 : err_set(e, ERR_NO_SUCH, "%s has no tags here", p->to.repo);
}

static int push_targets(struct push *p, struct err *e)
{
	char digest[7 + DIGEST_HEX + 1];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->ids.n; i++) {
		size_t size = 0;
		struct push_image one = {
			.manifest_size = &size,
			.store = p->store, .remote = p->remote,
			.id = p->ids.v[i], .tag = p->tags.v[i],
			.mount_from = &p->mount_from,
			.format = p->format, .zip = p->zip, .level = p->level,
			.is_forced = p->args->force_compression,
			.is_quiet = p->args->quiet || (docker_words_wanted() && !isatty(STDERR_FILENO)),
		};
		autofree char *line = NULL;

		r = check_platform(p, one.id, e);
		if (r >= 0)
			r = push_image_to(&one, digest, e);
		if (r < 0)
			break;
		if (docker_words_wanted() && !p->args->quiet)
			docker_words_pushed(one.tag, digest, size);
		if (docker_words_wanted())
			continue;
		line = xasprintf("%s: digest: %s", one.tag, digest);
		say(p, line);
	}
	return r < 0 ? r : write_digest(p, digest, e);
}

static int push_to_registry(struct push *p, const char *id, const char *name, struct err *e)
{
	autofree char *full = NULL;
	int r = reference_full_name(name, NULL, &full, e);

	if (r >= 0)
		r = reference_parse(&p->to, full, e);
	if (r >= 0 && p->to.digest)
		return err_set(e, ERR_USAGE, "'%s': an image is pushed to a name, its digest follows", name);
	if (r >= 0)
		r = find_targets(p, id, e);
	/* Known before the first request: a token is asked for with all that it is to be good for. */
	for (size_t i = 0; r >= 0 && i < p->ids.n; i++)
		r = push_image_mounts(&p->mount_from, p->store, p->ids.v[i], p->to.host, p->to.repo, e);
	if (r >= 0)
		r = is_insecure(p, full, &p->tls.is_insecure, e);
	if (r >= 0)
		r = find_account(p, e);
	if (r >= 0)
		r = open_digest_file(p, e);
	if (r >= 0)
		r = http_global_init(e);
	if (r >= 0)
		r = sandbox_enter(p->store, e);
	if (r >= 0)
		r = connect_to(p, e);
	if (r >= 0 && docker_words_wanted() && !p->args->quiet)
		docker_words_pushing(&p->to, p->args->all_tags ? full : p->typed);
	if (r >= 0)
		r = push_targets(p, e);
	if (r >= 0 && docker_words_wanted() && p->args->quiet)
		puts(full);
	return r < 0 ? err_wrap(e, "push to %s", full ? full : name) : 0;
}

/* --- and elsewhere -------------------------------------------------------- */

static int push_to_file(struct push *p, const char *id, const char *transport, const char *rest,
			struct err *e)
{
	static const char *const formats[][2] = {
		{ "dir", "docker-dir" }, { "oci", "oci-dir" }, { "oci-archive", "oci-archive" },
		{ "docker-archive", "docker-archive" },
	};
	autofree char *path = xstrdup(rest), *full = NULL;
	struct transfer_save save = { .output = path, .compress = p->args->compress };
	char *colon = strcmp(transport, "dir") == 0 ? NULL : strchr(path, ':');
	const char *name = NULL;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (strcmp(transport, formats[i][0]) == 0)
			save.format = (char *)formats[i][1];
	if (!save.format)
		return err_set(e, ENOTSUP, "%s: images go to another engine with save and its load",
			       transport);
	if (p->digest_fd >= 0 || p->args->digest_file)
		return err_set(e, ERR_USAGE, "--digestfile is for a registry only");
	if (colon) {
		*colon = '\0';
		name = colon + 1;
	}
	if (name && strcmp(transport, "docker-archive") == 0) {
		r = reference_full_name(name, NULL, &full, e);
		name = full;
	}
	return r < 0 ? r : save_one(p->store, &save, id, name, e);
}

int push_image(struct store *s, const struct transfer_push *args, const char *image,
	       const char *destination, char **id, struct err *e)
{
	auto_of(push_clear) struct push p = { .store = s, .args = args, .typed = destination ? destination : image,
			  .digest_fd = -1 };
	autofree char *found = NULL, *name = NULL;
	const char *rest = NULL, *transport;
	int r = read_options(&p, e);

	if (r >= 0 && args->all_tags)
		r = destination ? err_set(e, ERR_USAGE, "--all-tags pushes a repository to its own place") : 0;
	else if (r >= 0)
		r = resolve_local_image(s, image, &found, &name, e);
	if (r < 0 && e->code == ERR_NO_SUCH && docker_words_wanted())
		return docker_words_nothing_to_push(image, e);
	if (r < 0)
		return r;
	if (!destination)
		destination = args->all_tags ? image : name;
	if (!args->all_tags && !strchr(destination, '/') && strcmp(destination, found) == 0)
		return err_set(e, ERR_USAGE, "%s has no name: say where to push it", image);
	transport = reference_transport(destination, &rest);
	if (!transport || strcmp(transport, "docker") == 0)
		r = push_to_registry(&p, found, transport ? rest : destination, e);
	else
		r = push_to_file(&p, found, transport, rest, e);
	if (r < 0)
		return r;
	*id = xstrdup(found ? found : p.ids.v[0]);
	return 0;
}
