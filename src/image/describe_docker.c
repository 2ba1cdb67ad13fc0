/* SPDX-License-Identifier: Apache-2.0 */
#include "image/describe_docker.h"

#include "base/str.h"

/* A template may ask for any of them, whether the image says something of it or not. */
static void fill_config(struct json *config)
{
	static const char *const lists[] = { "Env", "Cmd", "Entrypoint", "OnBuild" };
	static const char *const maps[] = { "Volumes", "Labels" };
	static const char *const texts[] = { "Hostname", "Domainname", "User", "Image", "WorkingDir" };
	static const char *const flags[] = { "AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin",
					     "StdinOnce" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!json_get(config, texts[i]))
			json_set_str(config, texts[i], "");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (!json_get(config, flags[i]))
			json_set_bool(config, flags[i], false);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (!json_get(config, lists[i]))
			json_set(config, lists[i], json_new_null());
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		if (!json_get(config, maps[i]))
			json_set(config, maps[i], json_new_null());
}

void describe_docker(struct json *image)
{
	static const char *const others[] = { "Digest", "Labels", "User", "History", "Healthcheck",
					      "ManifestType", "Annotations", "NamesHistory", "VirtualSize",
					      "Version" };
	autofree char *id = xasprintf("sha256:%s", json_get_str(image, "Id"));
	const char *version = json_get_str(image, "Version");
	struct json *driver = json_edit(image, "GraphDriver"), *tagged = json_new_object();

	json_set_str(image, "Id", id);
	json_set_str(image, "DockerVersion", version ? version : "");
	if (str_empty(json_get_str(image, "Variant")))
		json_remove(image, "Variant");
	if (str_eq(json_get_str(driver, "Name"), "overlay"))
		json_set_str(driver, "Name", "overlay2");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		json_remove(image, others[i]);
	fill_config(json_edit(image, "Config"));
	/* When a name was given is not kept. */
	json_set_str(tagged, "LastTagTime", "0001-01-01T00:00:00Z");
	json_set(image, "Metadata", tagged);
}
