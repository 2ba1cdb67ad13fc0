/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/driver.h"

#include "base/str.h"

#include <string.h>

const struct store_driver *const store_drivers[] = { &driver_overlay, &driver_fuse_overlayfs,
						     &driver_vfs, NULL };

const struct store_driver *driver_find(const char *name)
{
	if (strcmp(name, "overlay2") == 0)
		return &driver_overlay;
	for (size_t i = 0; store_drivers[i]; i++)
		if (strcmp(store_drivers[i]->name, name) == 0)
			return store_drivers[i];
	return NULL;
}

const char *driver_option(const struct strv *opts, const char *key)
{
	/* The last one counts, so that the command line wins over the file. */
	for (size_t i = opts->n; i-- > 0;) {
		const char *o = opts->v[i], *rest;

		if ((rest = str_after(o, "overlay.")) || (rest = str_after(o, "overlay2.")) ||
		    (rest = str_after(o, ".")) || (rest = str_after(o, "vfs.")))
			o = rest;
		rest = str_after(o, key);
		if (rest && *rest == '=')
			return rest + 1;
	}
	return NULL;
}
