/* SPDX-License-Identifier: Apache-2.0 */
#include "container/mount_words.h"

#include "base/path.h"
#include "base/str.h"
#include "base/units.h"

#include <assert.h>
#include <string.h>

static const char *const type_names[] = { "bind", "volume", "tmpfs", "devpts", "image", "ramfs", "glob" };
static_assert(ARRAY_SIZE(type_names) == N_MOUNT_ARG_TYPES, "a name for every type");

static const char *const propagations[] = { "shared", "rshared", "slave", "rslave", "private", "rprivate",
					    "unbindable", "runbindable" };

enum {
	B = 1 << MOUNT_ARG_BIND, V = 1 << MOUNT_ARG_VOLUME, T = 1 << MOUNT_ARG_TMPFS,
	P = 1 << MOUNT_ARG_DEVPTS, I = 1 << MOUNT_ARG_IMAGE, R = 1 << MOUNT_ARG_RAMFS, G = 1 << MOUNT_ARG_GLOB,
	ALL = B | V | T | P | I | R | G,
	HOST = B | V | G,	/* what the host has, bound */
};

/* value: NULL when there is none. -EINVAL: see what the table says is expected. */
typedef int take_fn(struct mount_arg *m, const char *key, const char *value);

/* "ro", "ro=true", "ro=false". */
static int truth(const char *value)
{
	int b = 1;

	return value && units_parse_bool(value, &b) < 0 ? -EINVAL : b != 0;
}

static int take_ro(struct mount_arg *m, const char *key, const char *value)
{
	int b = truth(value);

	if (b < 0 || m->is_mode_said)
		return -EINVAL;
	m->is_readonly = b;
	m->is_mode_said = true;
	if (b && str_eq(key, "rro"))
		strv_add(&m->options, "rro");
	return 0;
}

static int take_rw(struct mount_arg *m, const char *key, const char *value)
{
	int b = truth(value);

	(void)key;
	if (b < 0 || m->is_mode_said)
		return -EINVAL;
	m->is_readonly = !b;
	m->is_mode_said = true;
	return 0;
}

static int take_bool(bool *to, const char *value, bool is_inverse)
{
	int b = truth(value);

	if (b >= 0)
		*to = is_inverse ? !b : b;
	return b < 0 ? b : 0;
}

static int take_chown(struct mount_arg *m, const char *key, const char *value)
{
	(void)key;
	if (m->is_chown_said)
		return -EINVAL;
	m->is_chown_said = true;
	return take_bool(&m->is_chowned, value, false);
}

static int take_nocopy(struct mount_arg *m, const char *key, const char *value)
{
	(void)key;
	return take_bool(&m->is_nocopy, value, false);
}

static int take_copy(struct mount_arg *m, const char *key, const char *value)
{
	(void)key;
	return take_bool(&m->is_nocopy, value, true);
}

static int take_overlay(struct mount_arg *m, const char *key, const char *value)
{
	(void)key;
	m->is_overlay = true;
	return value ? -EINVAL : 0;
}

/* "noexec", "exec=false" and "noexec=true" are the same. */
static int take_flag(struct mount_arg *m, const char *key, const char *value)
{
	bool no = str_has_prefix(key, "no");
	int b = truth(value);

	if (b < 0)
		return b;
	strv_addf(&m->options, "%s%s", no == (bool)b ? "no" : "", no ? key + 2 : key);
	return 0;
}

static int take_plain(struct mount_arg *m, const char *key, const char *value)
{
	if (value)
		return -EINVAL;
	strv_add(&m->options, key);
	return 0;
}

/* Hints to Docker Desktop mean nothing on Linux. */
static int take_hint(struct mount_arg *m, const char *key, const char *value)
{
	(void)m;
	if (!str_eq(key, "consistency"))
		return value ? -EINVAL : 0;
	return str_eq(value, "cached") || str_eq(value, "delegated") || str_eq(value, "consistent") ||
	       str_eq(value, "default") ? 0 : -EINVAL;
}

static int take_idmap(struct mount_arg *m, const char *key, const char *value)
{
	int b;

	(void)key;
	if (value && units_parse_bool(value, &b) >= 0)
		m->is_idmapped = b;
	else
		m->is_idmapped = true;
	if (m->is_idmapped && value && units_parse_bool(value, &b) < 0)
		strv_addf(&m->options, "idmap=%s", value);
	else if (m->is_idmapped)
		strv_add(&m->options, "idmap");
	return 0;
}

static int take_source(struct mount_arg *m, const char *key, const char *value)
{
	(void)key;
	if (str_empty(value))
		return -EINVAL;
	xreplace(&m->source, value);
	return 0;
}

static int take_target(struct mount_arg *m, const char *key, const char *value)
{
	(void)key;
	if (str_empty(value) || value[0] != '/')
		return -EINVAL;
	free(m->target);
	m->target = path_clean(value);
	return str_eq(m->target, "/") ? -EINVAL : 0;
}

static int take_propagation(struct mount_arg *m, const char *key, const char *value)
{
	(void)key;
	for (size_t i = 0; i < ARRAY_SIZE(propagations); i++) {
		if (str_eq(value, propagations[i])) {
			strv_add(&m->options, value);
			return 0;
		}
	}
	return -EINVAL;
}

static int take_relabel(struct mount_arg *m, const char *key, const char *value)
{
	(void)key;
	if (!str_eq(value, "shared") && !str_eq(value, "private"))
		return -EINVAL;
	strv_add(&m->options, *value == 's' ? "z" : "Z");
	return 0;
}

static int take_nonrecursive(struct mount_arg *m, const char *key, const char *value)
{
	int b = truth(value);

	(void)key;
	if (b > 0)
		strv_add(&m->options, "bind");
	return b < 0 ? b : 0;
}

/* Docker's: writable is a read-only mount with what is mounted below it left as it is. */
static int take_recursive(struct mount_arg *m, const char *key, const char *value)
{
	(void)key;
	if (str_eq(value, "disabled"))
		strv_add(&m->options, "bind");
	else if (str_eq(value, "writable"))
		strv_add(&m->options, "ro-top");
	else if (str_eq(value, "readonly"))
		strv_add(&m->options, "rro");
	else if (!str_eq(value, "enabled"))
		return -EINVAL;
	return 0;
}

static const char *tmpfs_key(const char *key)
{
	const char *rest = str_after(key, "tmpfs-");

	return rest ? rest : key;
}

const char *mount_words_check_tmpfs(const char *key, const char *value)
{
	bool is_mode = str_eq(key, "mode"), is_size = str_eq(key, "size");
	size_t n = strspn(value, is_mode ? "01234567" : "0123456789");
	const char *unit = value + n;

	if (n && is_mode && !*unit && n <= 5)
		return NULL;
	if (n && !is_mode && (!*unit || (strchr(is_size ? "kKmMgG%" : "kKmMgG", *unit) && !unit[1])))
		return NULL;
	return is_mode ? "an octal mode such as 1777" : is_size ? "a size such as 64m or 10%" : "a number";
}

static int take_tmpfs(struct mount_arg *m, const char *key, const char *value)
{
	key = tmpfs_key(key);
	if (!value || mount_words_check_tmpfs(key, value))
		return -EINVAL;
	strv_addf(&m->options, "%s=%s", key, value);
	return 0;
}

static int take_number(struct mount_arg *m, const char *key, const char *value)
{
	uint64_t n;

	if (!value || units_parse_uint(value, &n) < 0 || n > UINT32_MAX - 1)
		return -EINVAL;
	strv_addf(&m->options, "%s=%s", key, value);
	return 0;
}

static int take_subpath(struct mount_arg *m, const char *key, const char *value)
{
	(void)key;
	if (str_empty(value))
		return -EINVAL;
	xreplace(&m->subpath, value);
	return 0;
}

static int take_side(struct mount_arg *m, const char *key, const char *value)
{
	if (str_empty(value) || value[0] != '/')
		return -EINVAL;
	xreplace(str_eq(key, "upperdir") ? &m->upperdir : &m->workdir, value);
	return 0;
}

static int take_driver(struct mount_arg *m, const char *key, const char *value)
{
	(void)m;
	(void)key;
	return str_eq(value, "local") ? 0 : -EINVAL;
}

static int take_pair(struct mount_arg *m, const char *key, const char *value)
{
	if (str_empty(value))
		return -EINVAL;
	strv_add(str_eq(key, "volume-opt") ? &m->driver_opts : &m->labels, value);
	return 0;
}

static const char truths[] = "nothing, true or false";
static const char truths_once[] = "nothing, true or false, and neither it nor its opposite a second time";
static const char nothing[] = "no value";
static const char in_words[] = "one of shared, rshared, slave, rslave, private, rprivate, unbindable, runbindable";

static const struct word {
	const char *name;	/* synonyms separated by '|' */
	unsigned int types;
	take_fn *take;
	const char *expects;
} words[] = {
	{ "source|src", B | V | I | G, take_source, "what is to be mounted" },
	{ "target|dst|destination", ALL, take_target, "an absolute path in the container that is not /" },
	{ "ro|readonly|rro", ALL & ~P, take_ro, truths_once },
	{ "rw|readwrite", ALL & ~P, take_rw, truths_once },
	{ "U|chown", B | V | T | I | R, take_chown, truths_once },
	{ "O", B | V, take_overlay, nothing },
	{ "upperdir|workdir", B | V, take_side, "an absolute path" },
	{ "nocopy|volume-nocopy", B | V, take_nocopy, truths },	/* into a bind nothing is ever copied */
	{ "copy", V, take_copy, truths },
	{ "notmpcopyup", T | R, take_nocopy, truths },
	{ "tmpcopyup", T | R, take_copy, truths },
	{ "exec|noexec|dev|nodev|suid|nosuid", ALL, take_flag, truths },
	{ "atime|noatime|relatime|strictatime|nodiratime|nosymfollow", ALL & ~P, take_plain, nothing },
	{ "sync|async|dirsync", ALL & ~P, take_hint, nothing },
	{ "bind|rbind", HOST, take_plain, nothing },
	{ "shared|rshared|slave|rslave|private|rprivate|unbindable|runbindable", ALL & ~P, take_plain, nothing },
	{ "bind-propagation", HOST, take_propagation, in_words },
	{ "bind-nonrecursive", B | G, take_nonrecursive, truths },
	{ "bind-recursive", B | G, take_recursive, "one of enabled, disabled, writable, readonly" },
	{ "z|Z", HOST | I, take_plain, nothing },
	{ "relabel", HOST | I, take_relabel, "shared or private" },
	{ "idmap", HOST, take_idmap, "" },
	{ "subpath|volume-subpath|image-subpath", V | I, take_subpath, "a path below the source" },
	{ "size|tmpfs-size", T, take_tmpfs, "a size such as 64m or 10%" },
	{ "mode|tmpfs-mode", T | R | P, take_tmpfs, "an octal mode such as 1777" },
	{ "nr_inodes|nr_blocks", T, take_tmpfs, "a number" },
	{ "uid|gid", T | P, take_number, "a number" },
	{ "max", P, take_number, "a number" },
	{ "volume-opt", V, take_pair, "KEY=VALUE as for volume create --opt" },
	{ "volume-label", V, take_pair, "KEY=VALUE" },
	{ "volume-driver", V, take_driver, "local, the only one there is" },
	{ "consistency|cached|delegated|consistent", ALL, take_hint, "cached, delegated or consistent" },
};

const char *mount_words_type(enum mount_arg_type type)
{
	return type_names[type];
}

static bool is_named(const struct word *w, const char *key)
{
	size_t n = strlen(key);

	for (const char *p = w->name; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
		if (strncmp(p, key, n) == 0 && (p[n] == 0 || p[n] == '|'))
			return true;
	return false;
}

static int unknown(const struct mount_arg *m, const char *where, const char *word, struct err *e)
{
	auto_of(str_clear) struct str list = { 0 };

	for (size_t i = 2; i < ARRAY_SIZE(words); i++)
		if (words[i].types & (1u << m->type))
			str_addf(&list, "%s%s", list.len ? " " : "", words[i].name);
	for (char *p = list.p; p && *p; p++)
		if (*p == '|')
			*p = ' ';
	return err_set(e, ERR_USAGE, "%s: invalid option type \"%s\" of a %s: accepted are %s", where, word,
		       type_names[m->type], str_peek(&list));
}

int mount_words_take(struct mount_arg *m, const char *where, const char *word, struct err *e)
{
	const char *eq = strchr(word, '='), *value = eq ? eq + 1 : NULL;
	autofree char *key = eq ? xstrndup(word, eq - word) : xstrdup(word);

	if (str_eq(key, "no-dereference"))
		return err_set(e, ERR_UNSUPPORTED, "%s: no-dereference: a symbolic link is always followed here: "
			       "copy it into the container with cp", where);
	if (m->type == MOUNT_ARG_RAMFS && str_has_suffix(key, "size"))
		return err_set(e, ERR_USAGE, "%s: '%s': a ramfs has no limit: use type=tmpfs", where, word);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!(words[i].types & (1u << m->type)) || !is_named(&words[i], key))
			continue;
		if (words[i].take(m, key, value) < 0)
			return err_set(e, ERR_USAGE, "%s: '%s': expected %s", where, word, words[i].expects);
		return 0;
	}
	return unknown(m, where, word, e);
}

void mount_words_defaults(struct strv *options, enum mount_arg_type type)
{
	if (type != MOUNT_ARG_VOLUME && type != MOUNT_ARG_TMPFS)
		return;
	if (!strv_has(options, "suid") && !strv_has(options, "nosuid"))
		strv_add(options, "nosuid");
	if (!strv_has(options, "dev") && !strv_has(options, "nodev"))
		strv_add(options, "nodev");
}

/* Of a set of words at most one. */
static int check_one(const struct mount_arg *m, const char *where, const char *const *set, size_t n,
		     struct err *e)
{
	const char *first = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!strv_has(&m->options, set[i]))
			continue;
		if (first)
			return err_set(e, ERR_USAGE, "%s: '%s' and '%s' exclude each other", where, first,
				       set[i]);
		first = set[i];
	}
	return 0;
}

bool mount_words_is_propagation(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(propagations); i++)
		if (str_eq(word, propagations[i]))
			return true;
	return false;
}

int mount_words_check(struct mount_arg *m, const char *where, struct err *e)
{
	static const char *const pairs[][2] = { { "z", "Z" }, { "bind", "rbind" }, { "exec", "noexec" },
						{ "suid", "nosuid" }, { "dev", "nodev" } };

	if (check_one(m, where, propagations, ARRAY_SIZE(propagations), e) < 0)
		return -e->code;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (check_one(m, where, pairs[i], 2, e) < 0)
			return -e->code;
	if ((m->upperdir || m->workdir) && !m->is_overlay)
		return err_set(e, ERR_USAGE, "%s: upperdir= and workdir= belong to the option O", where);
	if (!m->upperdir != !m->workdir)
		return err_set(e, ERR_USAGE, "%s: upperdir= and workdir= come together", where);
	if (m->is_overlay && (m->subpath || m->is_idmapped))
		return err_set(e, ERR_USAGE, "%s: O and %s exclude each other", where,
			       m->subpath ? "subpath=" : "idmap");
	if (m->type == MOUNT_ARG_IMAGE && !m->is_mode_said)
		m->is_readonly = true;
	if (m->is_readonly && !strv_has(&m->options, "rro") && !strv_has(&m->options, "ro-top"))
		strv_add(&m->options, "ro");
	return 0;
}
