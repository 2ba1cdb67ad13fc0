/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer_lock.h"

#include "base/ident.h"
#include "base/lock.h"

#include <stdio.h>
#include <unistd.h>

struct lock_name {
	char s[IDENT_LEN + 8];
};

static struct lock_name lock_name(const char *chain_id)
{
	struct lock_name name;

	snprintf(name.s, sizeof(name.s), "%.*s.lock", IDENT_LEN, chain_id);
	return name;
}

int layer_lock(struct store *s, const char *chain_id, enum layer_lock_how how)
{
	struct lock_name name = lock_name(chain_id);

	if (how == LAYER_LOCK_TRY)
		return lock_try(s->layers_dirfd, name.s, true);
	if (how == LAYER_LOCK_TRY_SHARED)
		return lock_try(s->layers_dirfd, name.s, false);
	return lock_take(s->layers_dirfd, name.s, false);
}

void layer_lock_unlink(struct store *s, const char *chain_id)
{
	struct lock_name name = lock_name(chain_id);

	unlinkat(s->layers_dirfd, name.s, 0);
}

int layer_lock_share(int lock_fd)
{
	return lock_fd_try(lock_fd, false);
}
