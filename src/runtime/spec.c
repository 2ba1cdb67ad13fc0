/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/spec.h"

#include "base/fd.h"

#include <string.h>

void spec_init(struct spec *s)
{
	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < N_SPEC_NS; i++)
		s->ns_fd[i] = -1;
	s->seccomp_cache_dirfd = -1;
	s->cgroup_fd = -1;
	s->init_fd = -1;
	s->process.scheduler = -1;
}

void spec_process_clear(struct spec_process *p)
{
	strv_clear(&p->args);
	strv_clear(&p->env);
	strv_clear(&p->group_names);
	free(p->cwd);
	free(p->user);
	free(p->groups);
	free(p->rlimits);
	free(p->apparmor_profile);
	free(p->selinux_label);
	free(p->cpu_affinity);
	idmap_clear(&p->host_uids);
	idmap_clear(&p->host_gids);
	memset(p, 0, sizeof(*p));
	p->scheduler = -1;
}

static void mounts_clear(struct spec *s)
{
	for (size_t i = 0; i < s->mounts_n; i++) {
		struct spec_mount *m = &s->mounts[i];

		free(m->type);
		free(m->source);
		free(m->target);
		strv_clear(&m->options);
		fd_close(&m->mount_fd);
		fd_close(&m->source_fd);
	}
	free(s->mounts);
}

static void hooks_clear(struct spec *s)
{
	for (size_t stage = 0; stage < N_SPEC_HOOK_STAGES; stage++) {
		for (size_t i = 0; i < s->hooks_n[stage]; i++) {
			struct spec_hook *h = &s->hooks[stage][i];

			free(h->path);
			strv_clear(&h->args);
			strv_clear(&h->env);
		}
		free(s->hooks[stage]);
	}
}

void spec_clear(struct spec *s)
{
	spec_process_clear(&s->process);
	free(s->id);
	free(s->hostname);
	free(s->domainname);
	idmap_clear(&s->uid_map);
	idmap_clear(&s->gid_map);
	free(s->root_propagation);
	mounts_clear(s);
	for (size_t i = 0; i < s->devices_n; i++) {
		free(s->devices[i].path);
		free(s->devices[i].host_path);
	}
	free(s->devices);
	strv_clear(&s->masked_paths);
	strv_clear(&s->readonly_paths);
	for (size_t i = 0; i < s->sysctls_n; i++) {
		free(s->sysctls[i].key);
		free(s->sysctls[i].value);
	}
	free(s->sysctls);
	free(s->seccomp_profile);
	for (size_t i = 0; i < N_SPEC_NS; i++) {
		fd_close(&s->ns_fd[i]);
		free(s->ns_path[i]);
	}
	fd_close(&s->cgroup_fd);
	fd_close(&s->init_fd);
	strv_clear(&s->resources.unified);
	hooks_clear(s);
	free(s->bundle);
	strv_clear(&s->annotations);
	free(s->init_path);
	spec_init(s);
}

/* Room for one more element at the end of an array, zeroed. */
static void *grow(void **array, size_t *n, size_t size)
{
	char *p = xreallocarray(*array, *n + 1, size);

	*array = p;
	p += *n * size;
	memset(p, 0, size);
	(*n)++;
	return p;
}

struct spec_mount *spec_add_mount(struct spec *s, const char *type, const char *source,
				  const char *target, const char *options_csv)
{
	struct spec_mount *m = grow((void **)&s->mounts, &s->mounts_n, sizeof(*m));

	m->type = xstrdup(type);
	m->source = xstrdup_or_null(source);
	m->target = xstrdup(target);
	m->mount_fd = m->source_fd = -1;
	if (options_csv)
		strv_split(&m->options, options_csv, ',');
	return m;
}

struct spec_device *spec_add_device(struct spec *s, const char *host_path, const char *path)
{
	struct spec_device *d = grow((void **)&s->devices, &s->devices_n, sizeof(*d));

	d->host_path = xstrdup(host_path);
	d->path = xstrdup(path);
	return d;
}

void spec_add_sysctl(struct spec *s, const char *key, const char *value)
{
	struct spec_sysctl *c = grow((void **)&s->sysctls, &s->sysctls_n, sizeof(*c));

	c->key = xstrdup(key);
	c->value = xstrdup(value);
}

void spec_add_rlimit(struct spec_process *p, int resource, rlim_t soft, rlim_t hard)
{
	struct spec_rlimit *l = grow((void **)&p->rlimits, &p->rlimits_n, sizeof(*l));

	l->resource = resource;
	l->limit.rlim_cur = soft;
	l->limit.rlim_max = hard;
}

struct spec_hook *spec_add_hook(struct spec *s, enum spec_hook_stage stage, const char *path)
{
	struct spec_hook *h = grow((void **)&s->hooks[stage], &s->hooks_n[stage], sizeof(*h));

	h->path = xstrdup(path);
	return h;
}

bool spec_has_hooks(const struct spec *s)
{
	size_t n = 0;

	for (int stage = 0; stage < N_SPEC_HOOK_STAGES; stage++)
		n += s->hooks_n[stage];
	return n > 0;
}
