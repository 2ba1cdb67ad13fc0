/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ask_image.h"

#include "base/proc.h"
#include "base/str.h"

#include <string.h>

enum { MAX_ANSWER = 64 << 20 };

int ask_image_program(struct strv *argv, struct err *e)
{
	char *program = NULL;

	if (proc_find_sibling("rootlet-image", &program) < 0)
		return err_set(e, ENOENT, "rootlet-image is not installed beside rootlet: it does all "
			       "that touches registries and archives");
	strv_add_take(argv, program);
	return 0;
}

const char *ask_image_said(const struct err *said)
{
	const char *text = str_after(said->msg, "rootlet-image: ") ?: said->msg;

	return str_after(text, "rootlet: ") ?: text;
}

int ask_image(struct json **answer, const struct strv *argv, struct err *e)
{
	autofree char *text = NULL;
	struct err said = { 0 };

	if (proc_capture((const char *const *)strv_vec(argv), NULL, &text, MAX_ANSWER, &said) != 0)
		return err_set(e, EIO, "%s", ask_image_said(&said));
	return json_parse(answer, text, strlen(text), e);
}
