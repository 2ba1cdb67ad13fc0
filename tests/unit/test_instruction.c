/* SPDX-License-Identifier: Apache-2.0 */
#include "image/instruction.h"

#include "base/json.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The "config" member after the instructions. */
static void gives(const char *const *instructions, const char *want)
{
	auto_of(json_free) struct json *image = json_new_object();
	auto_of(str_clear) struct str text = { 0 };
	struct err e = { 0 };

	for (; *instructions; instructions++)
		if (instruction_apply(image, *instructions, &e) < 0)
			fail_msg("%s: %s", *instructions, e.msg);
	json_write(&text, json_get(image, "config"), 0);
	assert_string_equal(text.p, want);
}
#define GIVES(want, ...) gives((const char *const[]){ __VA_ARGS__, NULL }, want)

static void commands(void **state)
{
	(void)state;
	GIVES("{\"Cmd\":[\"/bin/sh\",\"-c\",\"echo hi\"]}", "CMD echo hi");
	GIVES("{\"Cmd\":[\"/bin/a\",\"b c\"]}", "cmd [\"/bin/a\", \"b c\"]");
	GIVES("{\"Cmd\":[\"/bin/a\"]}", "CMD=[\"/bin/a\"]");
	GIVES("{\"Entrypoint\":[\"/bin/sh\",\"-c\",\"[1, 2]\"]}", "ENTRYPOINT [1, 2]");
}

static void pairs(void **state)
{
	(void)state;
	GIVES("{\"Env\":[\"A=b\",\"C=d e\"]}", "ENV A=b C=\"d e\"");
	GIVES("{\"Env\":[\"A=two words\"]}", "ENV A=x", "ENV A two words");
	GIVES("{\"Env\":[\"A=\"]}", "ENV A=");
	GIVES("{\"Labels\":{\"a.b\":\"c=d\",\"e\":\"f g\"}}", "LABEL a.b=c=d e='f g'");
}

static void sets_and_texts(void **state)
{
	(void)state;
	GIVES("{\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{}}}", "EXPOSE 80 53/udp");
	GIVES("{\"Volumes\":{\"/a\":{},\"/b c\":{}}}", "VOLUME [\"/a\", \"/b c\"]");
	GIVES("{\"User\":\"1:2\",\"StopSignal\":\"SIGUSR1\"}", "USER 1:2", "STOPSIGNAL SIGUSR1");
	GIVES("{\"WorkingDir\":\"/a/b\"}", "WORKDIR /a", "WORKDIR b");
	GIVES("{\"OnBuild\":[\"RUN x\",\"RUN y\"]}", "ONBUILD RUN x", "ONBUILD RUN y");
}

static void refuses(const char *instruction)
{
	auto_of(json_free) struct json *image = json_new_object();
	struct err e = { 0 };

	if (instruction_apply(image, instruction, &e) != -ERR_USAGE)
		fail_msg("'%s' was taken", instruction);
}

static void mistakes(void **state)
{
	(void)state;
	refuses("");
	refuses("RUN ls");
	refuses("CMD");
	refuses("ENV =x");
	refuses("ENV A");
	refuses("ENV A=b \"C=d");
	refuses("LABEL a=b c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands),
		cmocka_unit_test(pairs),
		cmocka_unit_test(sets_and_texts),
		cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
