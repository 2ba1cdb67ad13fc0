/* SPDX-License-Identifier: Apache-2.0 */
#include "container/volume_options.h"

#include "base/str.h"
#include "base/units.h"
#include "container/mount_words.h"

#include <string.h>

void volume_options_clear(struct volume_options *o)
{
	free(o->device);
	strv_clear(&o->words);
	*o = (struct volume_options){ 0 };
}

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++) {
		size_t n = strlen(*list);

		if ((*list)[n - 1] == '=' ? str_has_prefix(word, *list) : str_eq(word, *list))
			return true;
	}
	return false;
}

static const char *const flags[] = {
	"ro", "rw", "exec", "noexec", "suid", "nosuid", "dev", "nodev", "atime", "noatime", "relatime",
	"strictatime", "nodiratime", "nosymfollow", NULL,
};
static const char *const tmpfs_words[] = { "size=", "mode=", "nr_inodes=", "nr_blocks=", NULL };
static const char *const bind_words[] = {
	"bind", "rbind", "shared", "rshared", "slave", "rslave", "private", "rprivate", NULL,
};

static int take_id(int64_t *to, const char *word, const char *value, struct err *e)
{
	if (units_parse_int(value, to) < 0 || *to < 0 || *to > UINT32_MAX - 1)
		return err_set(e, ERR_USAGE, "--opt o=%s: expected a number from 0 up", word);
	return 0;
}

static int check_tmpfs_word(const char *word, struct err *e)
{
	const char *eq = strchr(word, '=');
	autofree char *key = xstrndup(word, eq - word);
	const char *expected = mount_words_check_tmpfs(key, eq + 1);

	return expected ? err_set(e, ERR_USAGE, "--opt o=%s: expected %s", word, expected) : 0;
}

/* One word of o=. */
static int take_word(struct volume_options *o, const char *word, struct err *e)
{
	const char *value;

	if ((value = str_after(word, "uid=")))
		return take_id(&o->uid, word, value, e);
	if ((value = str_after(word, "gid=")))
		return take_id(&o->gid, word, value, e);
	if (str_eq(word, "nocopy") || str_eq(word, "copy")) {
		o->is_nocopy = *word == 'n';
		return 0;
	}
	/* A volume of ours has no quota. */
	if (!*word || str_eq(word, "noquota"))
		return 0;
	if (is_one_of(word, flags)) {
		strv_add(&o->words, word);
		return 0;
	}
	if (o->kind == VOLUME_TMPFS && is_one_of(word, tmpfs_words)) {
		strv_add(&o->words, word);
		return check_tmpfs_word(word, e);
	}
	if (o->kind == VOLUME_BIND && is_one_of(word, bind_words)) {
		strv_add(&o->words, word);
		return 0;
	}
	if (str_has_prefix(word, "size=") || str_has_prefix(word, "inodes="))
		return err_set(e, ERR_UNSUPPORTED, "--opt o=%s: only root sets quotas on directories: a "
			       "size can be given with type=tmpfs", word);
	return err_set(e, ERR_USAGE, "--opt o=%s: accepted are uid=, gid=, copy, nocopy, ro, nosuid, nodev, "
		       "noexec and their like; with type=tmpfs size=, mode=, nr_inodes=; with a device "
		       "bind, rbind and a propagation", word);
}

static int set_kind(struct volume_options *o, const char *type, const struct strv *words, struct err *e)
{
	bool is_bind = str_eq(type, "bind") || strv_has(words, "bind") || strv_has(words, "rbind");

	if (str_eq(type, "tmpfs")) {
		o->kind = VOLUME_TMPFS;
		if (o->device && !str_eq(o->device, "tmpfs") && !str_eq(o->device, "none"))
			return err_set(e, ERR_USAGE, "--opt device=%s: a tmpfs has no device but the word "
				       "tmpfs", o->device);
		return 0;
	}
	if (!str_empty(type) && !str_eq(type, "none") && !str_eq(type, "bind"))
		return err_set(e, ERR_UNSUPPORTED, "--opt type=%s: a file system of this type is mounted "
			       "by root only: accepted are tmpfs, and bind or none with "
			       "device=DIRECTORY (for example where root has mounted it)", type);
	if (!is_bind && !o->device)
		return 0;
	if (!is_bind)
		return err_set(e, ERR_USAGE, "--opt device=%s: say o=bind with it, for a directory of the "
			       "host; other devices are mounted by root only", o->device);
	o->kind = VOLUME_BIND;
	if (!o->device || o->device[0] != '/')
		return err_set(e, ERR_USAGE, "--opt device=%s: o=bind needs device=/ABSOLUTE/DIRECTORY",
			       o->device ? o->device : "");
	if (o->uid >= 0 || o->gid >= 0)
		return err_set(e, ERR_USAGE, "--opt o=uid=,gid=: the directory %s keeps its owner: use the "
			       "option U where the volume is mounted", o->device);
	return 0;
}

static int read_options(struct volume_options *o, const struct strv *options, struct err *e)
{
	auto_of(strv_clear) struct strv words = { 0 };
	const char *type = NULL, *value;

	for (size_t i = 0; i < options->n; i++) {
		if ((value = str_after(options->v[i], "type=")))
			type = value;
		else if ((value = str_after(options->v[i], "device=")))
			xreplace(&o->device, value);
		else if ((value = str_after(options->v[i], "o=")))
			strv_split(&words, value, ',');
		else
			return err_set(e, ERR_USAGE, "--opt '%s': invalid mount option %.*s for driver 'local': "
				       "expected type=, device= or o=", options->v[i],
				       (int)strcspn(options->v[i], "="), options->v[i]);
	}
	for (size_t i = 0; i < words.n; i++)	/* before the kind is checked: it asks for owners */
		if (((value = str_after(words.v[i], "uid=")) && take_id(&o->uid, words.v[i], value, e) < 0) ||
		    ((value = str_after(words.v[i], "gid=")) && take_id(&o->gid, words.v[i], value, e) < 0))
			return -e->code;
	if (set_kind(o, type, &words, e) < 0)
		return -e->code;
	for (size_t i = 0; i < words.n; i++)
		if (take_word(o, words.v[i], e) < 0)
			return -e->code;
	return 0;
}

int volume_options_parse(struct volume_options *out, const struct strv *options, struct err *e)
{
	auto_of(volume_options_clear) struct volume_options o = { .uid = -1, .gid = -1 };
	int r = read_options(&o, options, e);

	if (r < 0)
		return r;
	*out = o;
	o = (struct volume_options){ 0 };
	return 0;
}
