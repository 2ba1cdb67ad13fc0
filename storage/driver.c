/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/driver.h"

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
