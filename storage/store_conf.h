/* SPDX-License-Identifier: Apache-2.0 */
/* store_conf: the few settings of storage.conf that mean something to this store.
 *
 * Runs in:  as the store; once, when it is opened.
 * Owns:     struct store_conf (store_conf_clear).
 * Needs:    nothing; a missing file is an empty one.
 * Fails:    EINVAL with file and line; EACCES.
 * Not here: what the driver makes of its options (driver.h).
 * Source:   containers-storage.conf(5).
 *
 * The first of $CONTAINERS_STORAGE_CONF, $XDG_CONFIG_HOME/containers/storage.conf (~/.config),
 * /etc/containers/storage.conf and /usr/share/containers/storage.conf that exists counts alone.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "base/strv.h"

struct store_conf {
	char *driver;		/* owned; "overlay", "vfs"; NULL when not set */
	char *root;		/* owned; rootless_storage_path, expanded; NULL when not set */
	struct strv opts;	/* owned; "overlay.mount_program=..." */
};

int store_conf_load(struct store_conf *c, struct err *e);
char *store_conf_file(void);	/* the one that counts, or where the user's would be; owned; may be NULL */
/* The same for a text: for tests. */
int store_conf_parse(struct store_conf *c, const char *name, const char *text, size_t len,
		     struct err *e);
/* The value of "overlay.KEY=" (or ".KEY=", "KEY=") in opts or those of a store; NULL. */
const char *store_conf_option(const struct strv *opts, const char *key);
void store_conf_clear(struct store_conf *c);
DEFINE_AUTO_VALUE(struct store_conf, store_conf_clear)
