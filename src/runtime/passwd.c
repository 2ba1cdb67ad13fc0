/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/passwd.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"

#include <ctype.h>
#include <string.h>

#define PASSWD_MAX (8u << 20)

int passwd_parse_id(const char *s, uint32_t *id)
{
	uint64_t n = 0;

	if (!*s || s[strspn(s, "0123456789")])
		return -EINVAL;
	for (; *s; s++) {
		n = n * 10 + (*s - '0');
		if (n >= UINT32_MAX)	/* the last one means "leave it" to the kernel */
			return -ERANGE;
	}
	*id = n;
	return 0;
}

/* *text is NULL when there is no such file. */
static int load(int root_dirfd, const char *path, char **text, struct err *e)
{
	/* O_NONBLOCK: the image may have put a FIFO there (CVE-2024-9676). */
	autoclose int fd = root_open(root_dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	size_t len;
	int r;

	*text = NULL;
	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0)
		return err_sys(e, -fd, "open %s of the container", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s of the container is not a regular file", path);
	r = st.st_size > PASSWD_MAX ? -EFBIG : fd_read_all(fd, text, &len, PASSWD_MAX);
	if (r == -EFBIG)
		return err_set(e, EFBIG, "%s of the container is larger than %u MiB", path,
			       PASSWD_MAX >> 20);
	return r < 0 ? err_sys(e, -r, "read %s of the container", path) : 0;
}

/* Cuts the next line into fields at ':'; returns their number, 0 at the end. The text is changed
 * only in a copy of the line that stays valid until the next call. */
struct lines {
	const char *next;
	char *line;	/* owned */
};

static size_t next_fields(struct lines *l, char **fields, size_t max)
{
	while (l->next && *l->next) {
		size_t len = strcspn(l->next, "\n"), n = 0;
		char *p;

		free(l->line);
		l->line = p = xstrndup(l->next, len);
		l->next += len + (l->next[len] == '\n');
		if (!*p || *p == '#')
			continue;
		while (p && n < max) {
			fields[n++] = p;
			p = strchr(p, ':');
			if (p)
				*p++ = 0;
		}
		return n;
	}
	return 0;
}

static void lines_clear(struct lines *l)
{
	free(l->line);
}
DEFINE_AUTO_VALUE(struct lines, lines_clear)

enum { PW_NAME, PW_PASS, PW_UID, PW_GID, PW_GECOS, PW_HOME, PW_SHELL, N_PW };
enum { GR_NAME, GR_PASS, GR_GID, GR_MEMBERS, N_GR };

/* By name, or by u->uid when name is NULL. True when found; fills u. */
static bool find_user(const char *text, const char *name, struct passwd_user *u)
{
	auto_of(lines_clear) struct lines l = { .next = text };
	char *f[N_PW];
	size_t n;

	while ((n = next_fields(&l, f, N_PW)) > 0) {
		uint32_t uid, gid;

		if (n <= PW_GID || passwd_parse_id(f[PW_UID], &uid) < 0 ||
		    passwd_parse_id(f[PW_GID], &gid) < 0)
			continue;
		if (name ? !str_eq(f[PW_NAME], name) : uid != u->uid)
			continue;
		u->uid = uid;
		u->gid = gid;
		xreplace(&u->name, f[PW_NAME]);
		if (n > PW_HOME && f[PW_HOME][0] == '/')
			xreplace(&u->home, f[PW_HOME]);
		return true;
	}
	return false;
}

static bool find_group(const char *text, const char *name, gid_t *gid)
{
	auto_of(lines_clear) struct lines l = { .next = text };
	char *f[N_GR];
	size_t n;

	while ((n = next_fields(&l, f, N_GR)) > 0) {
		uint32_t id;

		if (n > GR_GID && str_eq(f[GR_NAME], name) && passwd_parse_id(f[GR_GID], &id) == 0) {
			*gid = id;
			return true;
		}
	}
	return false;
}

static void add_group(struct passwd_user *u, gid_t gid)
{
	for (size_t i = 0; i < u->groups_n; i++)
		if (u->groups[i] == gid)
			return;
	u->groups = xreallocarray(u->groups, u->groups_n + 1, sizeof(gid_t));
	u->groups[u->groups_n++] = gid;
}

static bool lists_member(const char *members, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = members; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, name, len) == 0 && (p[len] == ',' || !p[len]))
			return true;
	}
	return false;
}

static void add_memberships(struct passwd_user *u, const char *group_text)
{
	auto_of(lines_clear) struct lines l = { .next = group_text };
	char *f[N_GR];
	size_t n;

	while ((n = next_fields(&l, f, N_GR)) > 0) {
		uint32_t id;

		/* 65536 is the most the kernel takes; nobody needs a tenth of it. */
		if (n > GR_MEMBERS && u->groups_n < 4096 && lists_member(f[GR_MEMBERS], u->name) &&
		    passwd_parse_id(f[GR_GID], &id) == 0)
			add_group(u, id);
	}
}

static int resolve_group(const char *text, const char *group_text, gid_t *gid, struct err *e)
{
	uint32_t id;
	int r = passwd_parse_id(text, &id);

	if (r == -ERANGE)
		return err_set(e, ERANGE, "group '%s' is no group id (0 to 4294967294)", text);
	if (r == 0) {
		*gid = id;
		return 0;
	}
	if (find_group(group_text, text, gid))
		return 0;
	return err_set(e, ENOENT, "unable to find group %s: no matching entries in group file", text);
}

/* What cannot be a name is said at once, so that "-1", "+0" and " 0" never find anything. */
static bool is_name(const char *s)
{
	if (!*s || *s == '-' || *s == '+')
		return false;
	for (; *s; s++)
		if (isspace((unsigned char)*s) || iscntrl((unsigned char)*s) || *s == ':')
			return false;
	return true;
}

static int resolve_user(struct passwd_user *u, const char *name, const char *passwd_text,
			struct err *e)
{
	uint32_t id;
	int r = passwd_parse_id(name, &id);

	if (r == -ERANGE)
		return err_set(e, ERANGE, "user '%s' is no user id (0 to 4294967294)", name);
	if (r == 0) {
		u->uid = id;
		u->gid = 0;
		find_user(passwd_text, NULL, u);
		return 0;
	}
	if (!is_name(name))
		return err_set(e, EINVAL, "user '%s' is neither a name nor an id", name);
	if (find_user(passwd_text, name, u))
		return 0;
	if (str_eq(name, "root")) {	/* an image without /etc/passwd still has root */
		u->uid = u->gid = 0;
		return 0;
	}
	return err_set(e, ENOENT, "unable to find user %s: no matching entries in passwd file", name);
}

/* "user", "user:group"; NULL: who we are. *has_group: a group was named ("name:" is as "name"). */
static int resolve_words(struct passwd_user *u, bool *has_group, const char *text, const char *passwd_text,
			 const char *group_text, struct err *e)
{
	const char *group = text ? strchr(text, ':') : NULL;
	autofree char *name = NULL;
	gid_t gid = u->gid;

	*has_group = group && group[1];
	if (!text) {
		find_user(passwd_text, NULL, u);
		u->gid = gid;
		return 0;
	}
	name = group ? xstrndup(text, group - text) : xstrdup(text);
	if (!*name && group && !*has_group)
		return err_set(e, EINVAL, "user '%s' is neither a name nor an id", text);
	if (resolve_user(u, *name ? name : "0", passwd_text, e) < 0)
		return -e->code;
	if (!*has_group)
		return 0;
	if (!is_name(group + 1))
		return err_set(e, EINVAL, "user '%s': the group is neither a name nor an id", text);
	return resolve_group(group + 1, group_text, &u->gid, e);
}

int passwd_resolve(struct passwd_user *out, int root_dirfd, const char *text,
		   const struct strv *extra, struct err *e)
{
	auto_of(passwd_user_clear) struct passwd_user u = { .uid = out->uid, .gid = out->gid };
	autofree char *passwd_text = NULL, *group_text = NULL;
	bool has_group;

	if (load(root_dirfd, "/etc/passwd", &passwd_text, e) < 0 ||
	    load(root_dirfd, "/etc/group", &group_text, e) < 0 ||
	    resolve_words(&u, &has_group, text, passwd_text, group_text, e) < 0)
		return -e->code;
	add_group(&u, u.gid);
	if (!has_group && u.name)
		add_memberships(&u, group_text);
	for (size_t i = 0; extra && i < extra->n; i++) {
		gid_t gid;

		if (resolve_group(extra->v[i], group_text, &gid, e) < 0)
			return -e->code;
		add_group(&u, gid);
	}
	if (!u.home)
		u.home = xstrdup(u.uid == 0 ? "/root" : "/");
	passwd_user_clear(out);
	*out = u;
	memset(&u, 0, sizeof(u));
	return 0;
}

void passwd_user_clear(struct passwd_user *u)
{
	free(u->name);
	free(u->home);
	free(u->groups);
	memset(u, 0, sizeof(*u));
}
