/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/mount_options.h"

#include "base/str.h"
#include "base/sys.h"

#include <string.h>

/* MOUNT_ATTR__ATIME is a field, not a flag: to set one value the whole field is cleared first. */
struct word {
	const char *name;
	uint64_t set, clr;
};

static const struct word words[] = {
	{ "ro", MOUNT_ATTR_RDONLY, 0 },
	{ "rw", 0, MOUNT_ATTR_RDONLY },
	{ "nosuid", MOUNT_ATTR_NOSUID, 0 },
	{ "suid", 0, MOUNT_ATTR_NOSUID },
	{ "nodev", MOUNT_ATTR_NODEV, 0 },
	{ "dev", 0, MOUNT_ATTR_NODEV },
	{ "noexec", MOUNT_ATTR_NOEXEC, 0 },
	{ "exec", 0, MOUNT_ATTR_NOEXEC },
	{ "nodiratime", MOUNT_ATTR_NODIRATIME, 0 },
	{ "diratime", 0, MOUNT_ATTR_NODIRATIME },
	{ "relatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME },
	{ "norelatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME },
	{ "noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME },
	{ "atime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME },
	{ "strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME },
	{ "nostrictatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME },
	{ "nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0 },
	{ "symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW },
};

static const struct {
	const char *name;
	unsigned long flag;
} propagations[] = {
	{ "private", MS_PRIVATE },
	{ "slave", MS_SLAVE },
	{ "shared", MS_SHARED },
	{ "unbindable", MS_UNBINDABLE },
};

/* Settled by the engine before, or true anyway: nothing is left to do for the kernel. U, O and
 * copy are the engine's; z and Z are labels, written by the engine where there is SELinux. */
static const char *const settled[] = {
	"defaults", "z", "Z", "U", "O", "copy", "nocopy", "nocopy-up", "notmpcopyup", "async",
	"loud", "silent", "nomand", "nolazytime", "consistent", "cached", "delegated", "newinstance",
};

static const char *const data_types[] = {
	"size=", "mode=", "nr_inodes=", "nr_blocks=", "uid=", "gid=", "huge=", "mpol=", "noswap",
	"ptmxmode=", "max=", "hidepid=", "subset=", "lowerdir=", "upperdir=", "workdir=",
	"lowerdir+=", "userxattr", "volatile", "xino=", "index=", "metacopy=", "redirect_dir=",
	"nsdelegate", "memory_recursiveprot", "inode32", "inode64", "usrquota", "grpquota",
};

static bool is_listed(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list[i]);

		if (list[i][len - 1] == '=' ? str_has_prefix(word, list[i])
					    : str_eq(word, list[i]))
			return true;
	}
	return false;
}

int mount_options_propagation(const char *word, unsigned long *out, bool *is_recursive)
{
	bool recursive = *word == 'r';

	for (size_t i = 0; i < ARRAY_SIZE(propagations); i++) {
		if (!str_eq(word + recursive, propagations[i].name))
			continue;
		*out = propagations[i].flag;
		*is_recursive = recursive;
		return 0;
	}
	return -EINVAL;
}

static bool take_attr(struct mount_options *o, const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (str_eq(word, words[i].name)) {
			o->attr_set = (o->attr_set & ~words[i].clr) | words[i].set;
			o->attr_clr = (o->attr_clr & ~words[i].set) | words[i].clr;
			return true;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(words) && *word == 'r'; i++) {
		if (str_eq(word + 1, words[i].name)) {
			o->tree_set = (o->tree_set & ~words[i].clr) | words[i].set;
			o->tree_clr = (o->tree_clr & ~words[i].set) | words[i].clr;
			return true;
		}
	}
	return false;
}

static bool take_idmap(struct mount_options *o, const char *word)
{
	bool recursive = str_has_prefix(word, "ridmap");
	const char *rest = str_after(word, recursive ? "ridmap" : "idmap");

	if (!rest || (*rest && *rest != '='))
		return false;
	o->has_idmap = true;
	o->is_idmap_recursive = recursive;
	xreplace(&o->idmap, *rest ? rest + 1 : NULL);
	return true;
}

static int take(struct mount_options *o, const char *word, bool is_bind, struct err *e)
{
	if (!*word || is_listed(word, settled, ARRAY_SIZE(settled)))
		return 0;
	if (take_attr(o, word))
		return 0;
	if (mount_options_propagation(word, &o->propagation, &o->is_propagation_recursive) == 0)
		return 0;
	if (str_eq(word, "bind") || str_eq(word, "rbind")) {
		o->is_bind = true;
		o->is_recursive = *word == 'r';
		return 0;
	}
	if (str_eq(word, "ro-top")) {
		o->is_ro_top = true;
		o->attr_set |= MOUNT_ATTR_RDONLY;
		return 0;
	}
	if (str_eq(word, "tmpcopyup") || str_eq(word, "copy-up")) {
		o->has_copy_up = true;
		return 0;
	}
	if (take_idmap(o, word))
		return 0;
	if (!is_bind && is_listed(word, data_types, ARRAY_SIZE(data_types))) {
		strv_add(&o->data, word);
		return 0;
	}
	return err_set(e, EINVAL, "mount option '%s' is not known for this kind of mount", word);
}

int mount_options_parse(struct mount_options *out, const struct strv *list, bool is_bind,
			struct err *e)
{
	auto_of(mount_options_clear) struct mount_options o = { 0 };

	for (size_t i = 0; i < list->n && !is_bind; i++)
		is_bind = str_eq(list->v[i], "bind") || str_eq(list->v[i], "rbind");
	o.is_bind = is_bind;
	for (size_t i = 0; i < list->n; i++) {
		int r = take(&o, list->v[i], is_bind, e);

		if (r < 0)
			return r;
	}
	*out = o;
	memset(&o, 0, sizeof(o));
	return 0;
}

void mount_options_clear(struct mount_options *o)
{
	free(o->idmap);
	strv_clear(&o->data);
	memset(o, 0, sizeof(*o));
}
