/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/account.h"

#include "base/file.h"
#include "base/strv.h"
#include "base/units.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>

static void give(char **out, const char *value)
{
	if (out)
		*out = xstrdup(value);
}

int account_parse(const char *passwd, uid_t uid, char **name, char **home)
{
	const char *p = passwd;

	while (*p) {
		const char *eol = strchrnul(p, '\n');
		autofree char *line = xstrndup(p, (size_t)(eol - p));
		auto_of(strv_clear) struct strv f = { 0 };
		uint64_t id;

		strv_split(&f, line, ':');
		if (f.n >= 6 && f.v[0][0] && units_parse_uint(f.v[2], &id) == 0 && id == uid) {
			give(name, f.v[0]);
			give(home, f.v[5]);
			return 0;
		}
		p = *eol ? eol + 1 : eol;
	}
	return -ENOENT;
}

int account_find(uid_t uid, char **name, char **home)
{
	autofree char *text = NULL;
	struct passwd *pw;
	size_t len;

	if (file_read_at(AT_FDCWD, "/etc/passwd", &text, &len, FILE_MAX_CONFIG) == 0 &&
	    account_parse(text, uid, name, home) == 0)
		return 0;
	pw = getpwuid(uid);
	if (!pw || !pw->pw_name[0])
		return -ENOENT;
	give(name, pw->pw_name);
	give(home, pw->pw_dir);
	return 0;
}

/* A field must not end the line it is put into. */
static bool is_field(const char *text)
{
	return !text[strcspn(text, ":\n")];
}

int account_line(const char *name_or_uid, char **line)
{
	struct passwd *pw = getpwnam(name_or_uid);
	uint64_t id;

	if (!pw && units_parse_uint(name_or_uid, &id) == 0 && id < UINT32_MAX)
		pw = getpwuid((uid_t)id);
	if (!pw || !is_field(pw->pw_name) || !is_field(pw->pw_gecos) || !is_field(pw->pw_dir) ||
	    !is_field(pw->pw_shell))
		return -ENOENT;
	*line = xasprintf("%s:*:%u:%u:%s:%s:%s", pw->pw_name, pw->pw_uid, pw->pw_gid, pw->pw_gecos,
			  pw->pw_dir, pw->pw_shell);
	return 0;
}
