/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_passwd.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "container/ctr_files.h"
#include "runtime/passwd.h"
#include "userns/session.h"

#include <string.h>
#include <sys/stat.h>

#define FILE_MAX_BYTES (8u << 20)
#define PASSWD_FILE "passwd"
#define GROUP_FILE "group"

/* "uid[:gid]", numbers only; the gid is 0 when it is not given, as for the kernel's exec. */
static bool parse_user(const char *text, uint32_t *uid, uint32_t *gid)
{
	const char *colon = strchrnul(text ? text : "", ':');
	autofree char *first = xstrndup(text ? text : "", colon - (text ? text : ""));

	*gid = 0;
	if (passwd_parse_id(first, uid) < 0)
		return false;
	return !*colon || passwd_parse_id(colon + 1, gid) >= 0;
}

static bool is_user_wanted(const struct container_config *c)
{
	uint32_t uid, gid;

	return c->has_passwd && parse_user(str_empty(c->user) ? "0" : c->user, &uid, &gid) && (uid != 0 || gid != 0);
}

bool ctr_passwd_is_wanted(const struct container_config *c)
{
	return c->hostusers.n || is_user_wanted(c);
}

static void add_bind(struct spec *s, const struct mount_args *user, const char *runtime_path,
		     const char *file, const char *target)
{
	struct spec_mount *m = ctr_files_bind(s, user, runtime_path, file, target);

	if (m)
		m->is_optional = true;
}

void ctr_passwd_mount(struct spec *s, const struct mount_args *user, const char *runtime_path)
{
	add_bind(s, user, runtime_path, PASSWD_FILE, "/etc/passwd");
	add_bind(s, user, runtime_path, GROUP_FILE, "/etc/group");
}

static bool knows_name(const char *text, const char *name, size_t len)
{
	for (const char *line = text; *line;) {
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			return true;
		line = strchrnul(line, '\n');
		line += *line != 0;
	}
	return false;
}

/* True when a line of passwd(5) or group(5) has id as its third field. */
static bool knows_id(const char *text, uint32_t id)
{
	for (const char *line = text; *line;) {
		const char *end = strchrnul(line, '\n'), *p = line;
		uint32_t found;

		for (int i = 0; p && i < 2; i++) {
			p = memchr(p, ':', end - p);
			p = p ? p + 1 : NULL;
		}
		if (p) {
			autofree char *field = xstrndup(p, strcspn(p, ":\n"));

			if (passwd_parse_id(field, &found) >= 0 && found == id)
				return true;
		}
		line = *end ? end + 1 : end;
	}
	return false;
}

struct who {
	uint32_t uid, gid;
	char *name;		/* owned */
	const char *full_name;	/* borrowed */
	char *group;		/* owned */
	const char *home;	/* borrowed */
};

static void replace_all(struct str *out, const char *text, const struct who *w)
{
	while (*text) {
		const char *rest;

		if ((rest = str_after(text, "$USERNAME")))
			str_add(out, w->name);
		else if ((rest = str_after(text, "$GROUPNAME")))
			str_add(out, w->group);
		else if ((rest = str_after(text, "$NAME")))
			str_add(out, w->full_name);
		else if ((rest = str_after(text, "$UID")))
			str_addf(out, "%u", w->uid);
		else if ((rest = str_after(text, "$GID")))
			str_addf(out, "%u", w->gid);
		else if ((rest = str_after(text, "$HOME")))
			str_add(out, w->home);
		else if ((rest = str_after(text, "$USERLIST")))
			str_add(out, w->name);
		else
			str_addc(out, *text), rest = text + 1;
		text = rest;
	}
}

struct addition {
	const struct strv *lines;	/* borrowed; whole lines; NULL */
	const char *entry;		/* borrowed; for who, when nobody has id; NULL */
	uint32_t id;
};

static void add_line(struct str *text, const char *line)
{
	if (text->len && text->p[text->len - 1] != '\n')
		str_addc(text, '\n');
	str_add(text, line);
	str_addc(text, '\n');
}

/* The text of the image's file with what it lacks; true when that is anything. */
static bool complete(struct str *text, const struct addition *a, const struct who *w)
{
	size_t before = text->len;

	for (size_t i = 0; a->lines && i < a->lines->n; i++)
		if (!knows_name(str_peek(text), a->lines->v[i], strcspn(a->lines->v[i], ":")))
			add_line(text, a->lines->v[i]);
	if (a->entry && !knows_id(str_peek(text), a->id)) {
		auto_of(str_clear) struct str line = { 0 };

		replace_all(&line, a->entry, w);
		add_line(text, str_peek(&line));
	}
	return text->len > before;
}

/* The image's file with more lines, in the runtime directory; no file when it needs none. */
static int write_one(int root_dirfd, int runtime_dirfd, const char *target, const char *file,
		     const struct addition *a, const struct who *w, struct err *e)
{
	autoclose int from = root_open(root_dirfd, target, O_RDONLY | O_NONBLOCK | O_NOCTTY), to = -1;
	auto_of(str_clear) struct str text = { 0 };
	autofree char *old = NULL;
	struct stat st;
	int r;

	if (from < 0)
		return 0;
	if (fstat(from, &st) < 0 || !S_ISREG(st.st_mode) ||
	    fd_read_all(from, &old, NULL, FILE_MAX_BYTES) < 0)
		return 0;
	str_add(&text, old);
	if (!complete(&text, a, w))
		return 0;
	to = fd_createat(runtime_dirfd, file, O_WRONLY | O_TRUNC | O_NOFOLLOW, 0644);
	r = to < 0 ? to : fd_write_all(to, text.p, text.len);
	if (r >= 0 && fchmod(to, 0644) < 0)
		r = -errno;
	return r < 0 ? err_sys(e, -r, "container's %s", target) : 0;
}

/* A field of passwd(5). What comes from the image or --env must not end the field or the line
 * (CVE-2022-4318). */
static bool is_field(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p == ':' || *p < ' ' || *p == 0x7f)
			return false;
	return true;
}

/* --passwd-entry and --group-entry. */
static int check_entry(const char *option, const char *entry, struct err *e)
{
	if (entry && entry[strcspn(entry, "\r\n")])
		return err_set(e, ERR_USAGE, "--%s '%s': one line is expected", option, entry);
	return 0;
}

int ctr_passwd_write(const struct session *session, const struct container_config *c,
		     int root_dirfd, int runtime_dirfd, struct err *e)
{
	struct who w = { 0 };
	struct addition passwd = { .lines = &c->hostusers }, group = { 0 };
	const char *env_home = strv_env_get(&c->env, "HOME");
	bool is_me;
	int r;

	if (check_entry("passwd-entry", c->passwd_entry, e) < 0 ||
	    check_entry("group-entry", c->group_entry, e) < 0)
		return -e->code;
	parse_user(c->user, &w.uid, &w.gid);
	/* keep-id: the number is the user's own outside, and so is the name. */
	is_me = w.uid == session->uid && session->user_name &&
		str_has_prefix(c->userns ? c->userns : "", "keep-id");
	w.name = is_me ? xstrdup(session->user_name) : xasprintf("%u", w.uid);
	w.full_name = is_me ? w.name : "container user";
	w.group = is_me && w.gid == session->gid ? xstrdup(w.name) : xasprintf("%u", w.gid);
	w.home = env_home && is_field(env_home)		       ? env_home
		 : !str_empty(c->workdir) && is_field(c->workdir) ? c->workdir
								       : "/";
	passwd.id = w.uid;
	group.id = w.gid;
	if (is_user_wanted(c)) {
		/* Root is root without a line too. */
		passwd.entry = w.uid == 0	 ? NULL
			       : c->passwd_entry ? c->passwd_entry
						 : "$USERNAME:*:$UID:$GID:$NAME:$HOME:/bin/sh";
		group.entry = c->group_entry ? c->group_entry : "$GROUPNAME:x:$GID:$USERLIST";
	}
	r = write_one(root_dirfd, runtime_dirfd, "/etc/passwd", PASSWD_FILE, &passwd, &w, e);
	if (r >= 0)
		r = write_one(root_dirfd, runtime_dirfd, "/etc/group", GROUP_FILE, &group, &w, e);
	free(w.name);
	free(w.group);
	return r;
}
