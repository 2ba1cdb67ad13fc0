/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * To turn 400 names on three architectures into a program takes about a millisecond, half of a start.
 * The result depends on few things: the profile, some capabilities, the versions of libseccomp and
 * kernel. So it is kept in a file whose name is a hash of these and which holds them in full: a hash
 * that collides, or a file that is cut off, is a miss and no danger. The directory belongs to the
 * user alone; a file that does not is not used.
 */
#include "runtime/filter.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "runtime/seccomp_default.h"
#include "runtime/seccomp_fake.h"
#include "runtime/seccomp_profile.h"
#include "runtime/spec.h"

#include <linux/filter.h>
#include <seccomp.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define CACHE_MAGIC "rlseccomp\0\0\0\0\0\0\1"	/* 16 bytes; the last one is the version */
#define CACHE_MAX (4u << 20)

struct cache_head {
	char magic[16];
	uint32_t flags;
	uint32_t key_len;
	uint32_t filter_n;
	uint32_t reserved;
};

/* Everything the program depends on. */
static char *make_key(const struct spec *s, uint64_t caps)
{
	const struct scmp_version *v = seccomp_version();
	struct utsname uts;

	if (s->seccomp == SPEC_SECCOMP_DEFAULT)
		caps &= seccomp_default_caps();
	if (uname(&uts) < 0)
		memset(&uts, 0, sizeof(uts));
	return xasprintf("%u.%u.%u %s %s %llx%s\n%s", v->major, v->minor, v->micro, uts.machine,
			 uts.release, (unsigned long long)caps, s->is_owner_faked ? " fake" : "",
			 s->seccomp == SPEC_SECCOMP_PROFILE ? s->seccomp_profile
							    : "default " PACKAGE_VERSION);
}

static char *cache_name(const char *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);	/* FNV-1a */

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
	return xasprintf("seccomp-%016llx", (unsigned long long)hash);
}

static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       !(st.st_mode & 022);
}

/* True when the file was there and whole. */
static bool cache_load(struct filter *out, int dirfd, const char *name, const char *key)
{
	autoclose int fd = store_open_beneath(dirfd, name, O_RDONLY);
	autofree char *text = NULL;
	size_t len, key_len = strlen(key);
	struct cache_head head;

	if (fd < 0 || !is_ours(fd) || fd_read_all(fd, &text, &len, CACHE_MAX) < 0 ||
	    len < sizeof(head))
		return false;
	memcpy(&head, text, sizeof(head));
	if (memcmp(head.magic, CACHE_MAGIC, sizeof(head.magic)) != 0 || head.key_len != key_len ||
	    head.filter_n == 0 || head.filter_n > BPF_MAXINSNS ||
	    len != sizeof(head) + key_len + head.filter_n * sizeof(struct sock_filter) ||
	    memcmp(text + sizeof(head), key, key_len) != 0)
		return false;
	out->flags = head.flags;
	out->n = head.filter_n;
	out->filter = xmemdup(text + sizeof(head) + key_len, out->n * sizeof(struct sock_filter));
	return true;
}

/* A cache that cannot be written costs time, nothing else. */
static void cache_save(const struct filter *p, int dirfd, const char *name,
		       const char *key)
{
	auto_of(str_clear) struct str text = { 0 };
	struct cache_head head = {
		.magic = CACHE_MAGIC, .flags = p->flags, .key_len = strlen(key), .filter_n = p->n,
	};

	str_addn(&text, &head, sizeof(head));
	str_addn(&text, key, head.key_len);
	str_addn(&text, p->filter, p->n * sizeof(struct sock_filter));
	file_write_at(dirfd, name, text.p, text.len, 0600, 0);
}

static int compile(struct filter *out, const struct spec *s, uint64_t caps, struct err *e)
{
	auto_of(seccomp_policy_clear) struct seccomp_policy policy = { 0 };
	auto_of(json_free) struct json *j = NULL;
	int r = 0;

	out->flags = 0;
	if (s->is_owner_faked)
		seccomp_fake_build(&policy);
	if (s->seccomp == SPEC_SECCOMP_PROFILE) {
		r = json_parse(&j, s->seccomp_profile, strlen(s->seccomp_profile), e);
		r = r < 0 ? err_wrap(e, "seccomp profile")
			  : seccomp_profile_build(&policy, &out->flags, j, caps, e);
	} else {
		seccomp_default_build(&policy, caps);
	}
	return r < 0 ? r : seccomp_policy_compile(&policy, &out->filter, &out->n, e);
}

int filter_prepare(struct filter *out, const struct spec *s, uint64_t caps,
		    struct err *e)
{
	auto_of(filter_clear) struct filter p = { 0 };
	autofree char *key = NULL, *name = NULL;
	int r = 0;

	if (s->seccomp == SPEC_SECCOMP_UNCONFINED) {
		*out = p;
		return 0;
	}
	if (s->seccomp == SPEC_SECCOMP_PROFILE && !s->seccomp_profile)
		return err_set(e, EINVAL, "seccomp profile: none was given");
	key = make_key(s, caps);
	name = cache_name(key);
	if (s->seccomp_cache_dirfd < 0 || !cache_load(&p, s->seccomp_cache_dirfd, name, key)) {
		r = compile(&p, s, caps, e);
		if (r >= 0 && s->seccomp_cache_dirfd >= 0)
			cache_save(&p, s->seccomp_cache_dirfd, name, key);
	}
	if (r < 0)
		return r;
	*out = p;
	memset(&p, 0, sizeof(p));
	return 0;
}

int filter_load(const struct filter *p, struct err *e)
{
	struct sock_fprog prog = { .len = p->n, .filter = p->filter };
	int r;

	if (!p->filter)
		return 0;
	r = sys_seccomp_filter(p->flags, &prog);
	return r < 0 ? err_sys(e, -r, "load the seccomp filter") : 0;
}

void filter_clear(struct filter *p)
{
	free(p->filter);
	memset(p, 0, sizeof(*p));
}
