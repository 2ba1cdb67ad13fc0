/* SPDX-License-Identifier: Apache-2.0 */
#include "base/template.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char data_text[] =
	"{\"Id\":\"abc123\",\"Names\":[\"web\",\"db\"],\"Labels\":{\"b\":\"2\",\"a\":\"1\"},"
	"\"State\":{\"Running\":true,\"Pid\":42,\"Health\":null},\"Size\":1500000,\"F\":1.5,"
	"\"Mounts\":[{\"Source\":\"/a\",\"Destination\":\"/b\"},"
	"{\"Source\":\"/c\",\"Destination\":\"/d\"}],\"Empty\":[],\"None\":null,\"No\":false,"
	"\"Zero\":0,\"Blank\":\"\",\"graphRoot\":\"/g\",\"Ports\":{\"80/"
	"tcp\":[{\"HostPort\":\"8080\"}]},"
	"\"Big\":9007199254740993,\"Html\":\"<a href='x'>&\\\"\",\"Accent\":\"\\u00e9t\\u00e9\"}";

static struct json *sample(void)
{
	struct json *j = NULL;
	struct err e;

	assert_int_equal(json_parse(&j, data_text, strlen(data_text), &e), 0);
	return j;
}

struct pair {
	const char *text, *wanted;
};

static void points_in_time(void **state)
{
	static const struct pair pairs[] = {
		{ "{{.At}}", "2024-01-02 03:04:05.67 +0000 UTC" },
		{ "{{.Never}}", "0001-01-01 00:00:00 +0000 UTC" },
		{ "{{.Never.IsZero}} {{.At.IsZero}}", "true false" },
		{ "{{.East}}", "2024-01-02 03:04:05 +0200 +0200" },
		{ "{{json .At}}", "\"2024-01-02T03:04:05.670Z\"" },
		{ "{{.At.Unix}} {{.At.UnixMilli}}", "1704164645 1704164645670" },
		{ "{{.East.UTC}}", "2024-01-02 01:04:05 +0000 UTC" },
		{ "{{.East.UTC.Format \"2006-01-02T15:04:05Z07:00\"}}", "2024-01-02T01:04:05Z" },
		{ "{{.At.Format \"Mon Jan _2 03:04:05PM 06 -0700\"}}", "Tue Jan  2 03:04:05AM 24 +0000" },
		{ "{{.At.Format \"05.999 05.000 05.0\"}}", "05.67 05.670 05.6" },
		{ "{{.Text}}", "2024-01-02T03:04:05Z" },
		/* Podman's older names. */
		{ "{{.Old.Healthcheck}} {{.Old.Src}} {{.Old.Dst}} {{.Old.ImageID}}", "h s d i" },
	};
	auto_of(json_free) struct json *data = json_new_object();

	(void)state;
	json_set(data, "At", json_new_time("2024-01-02T03:04:05.670Z"));
	json_set(data, "Never", json_new_time("0001-01-01T00:00:00Z"));
	json_set(data, "East", json_new_time("2024-01-02T03:04:05+02:00"));
	json_set_str(data, "Text", "2024-01-02T03:04:05Z");
	json_set(data, "Old", json_new_object());
	json_set_str(json_edit(data, "Old"), "Health", "h");
	json_set_str(json_edit(data, "Old"), "Source", "s");
	json_set_str(json_edit(data, "Old"), "Destination", "d");
	json_set_str(json_edit(data, "Old"), "Image", "i");
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		auto_of(str_clear) struct str s = { 0 };
		struct err e;

		if (template_render(&s, pairs[i].text, data, &e) < 0)
			fail_msg("%s: %s", pairs[i].text, e.msg);
		assert_string_equal(str_peek(&s), pairs[i].wanted);
	}
}

static void assert_renders(const struct pair *pairs, size_t n)
{
	auto_of(json_free) struct json *data = sample();

	for (size_t i = 0; i < n; i++) {
		auto_of(str_clear) struct str s = { 0 };
		struct err e;

		if (template_check(pairs[i].text, &e) < 0 ||
		    template_render(&s, pairs[i].text, data, &e) < 0)
			fail_msg("%s: %s", pairs[i].text, e.msg);
		if (strcmp(str_peek(&s), pairs[i].wanted) != 0)
			fail_msg("%s\nis  '%s'\nnot '%s'", pairs[i].text, str_peek(&s),
				 pairs[i].wanted);
	}
}

static void fields_and_values(void **state)
{
	static const struct pair pairs[] = {
		{ "", "" },
		{ "plain } { text", "plain } { text" },
		{ "{{.Id}}", "abc123" },
		{ "{{ .Id }}-{{.Size}}", "abc123-1500000" },
		{ "{{.State.Pid}}", "42" },
		{ "{{.State.Running}} {{.No}}", "true false" },
		{ "{{.F}} {{.Big}}", "1.5 9007199254740993" },
		{ "{{.Names}} {{.Labels}} {{.Empty}}", "[web db] map[a:1 b:2] []" },
		{ "{{.State}}", "map[Health:<nil> Pid:42 Running:true]" },
		{ "{{.None}} {{.None.Deeper.Still}}", "<no value> <no value>" },
		{ "{{.State.Health.Status}}", "<no value>" },
		{ "{{.Labels.nope}}", "<no value>" },
		{ "{{.Labels.a}}", "1" },
		{ "{{.ID}} {{.GraphRoot}}", "abc123 /g" },
		{ "{{.Label \"a\"}}[{{.Label \"zz\"}}]", "1[]" },
		{ "{{(index .Mounts 1).Source}}", "/c" },
		{ "{{$.Id}}", "abc123" },
		{ "{{\"a\\tb\\u00e9\\x41\\101\"}}", "a\tb\xc3\xa9"
						    "AA" },
		{ "{{`a\\b`}}", "a\\b" },
		{ "{{'a'}} {{'\xc3\xa9'}} {{'\\n'}}", "97 233 10" },
		{ "{{1}} {{-5}} {{+5}} {{0x1F}} {{1e3}} {{1.50}} {{1e21}} {{.5}} {{1e-5}}",
		  "1 -5 5 31 1000 1.5 1e+21 0.5 1e-05" },
		{ "{{true}} {{nil}}", "true <no value>" },
	};

	(void)state;
	assert_renders(pairs, ARRAY_SIZE(pairs));
}

static void white_space_and_comments(void **state)
{
	static const struct pair pairs[] = {
		{ "a {{- .Size -}} b", "a1500000b" },
		{ "a \n\t {{- 1}} b", "a1 b" },
		{ "a {{1 -}} \n b", "a 1b" },
		{ "a{{/* no }} here */}}b", "ab" },
		{ "a {{- /* x */ -}} b", "ab" },
		{ "{{- -1}}", "-1" },
		{ "{{1 -}}  ", "1" },
		{ "x {{- if true -}} y {{- end -}} z", "xyz" },
		{ "{{\n.Id\n}}", "abc123" },
	};

	(void)state;
	assert_renders(pairs, ARRAY_SIZE(pairs));
}

static void control(void **state)
{
	static const struct pair pairs[] = {
		{ "{{if .Id}}y{{end}}{{if .Blank}}n{{end}}", "y" },
		{ "{{if .None}}a{{else if .Zero}}b{{else if .No}}c{{else if "
		  ".Empty}}d{{else}}e{{end}}",
		  "e" },
		{ "{{if .Labels}}y{{else}}n{{end}}{{if .F}}y{{end}}", "yy" },
		{ "{{with .State}}{{.Pid}} {{$.Id}}{{end}}", "42 abc123" },
		{ "{{with .None}}x{{else}}{{.Id}}{{end}}", "abc123" },
		{ "{{with .None}}x{{else with .State}}{{.Pid}}{{end}}", "42" },
		{ "{{range .Names}}<{{.}}>{{end}}", "<web><db>" },
		{ "{{range .Empty}}x{{else}}none{{end}}{{range .None}}x{{else}}none{{end}}",
		  "nonenone" },
		{ "{{range $i, $v := .Names}}{{$i}}={{$v}};{{end}}", "0=web;1=db;" },
		{ "{{range $v := .Names}}{{$v}}{{.}};{{end}}", "webweb;dbdb;" },
		{ "{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}", "a=1;b=2;" },
		{ "{{range .Mounts}}{{.Source}}:{{range .}}{{.}},{{end}}{{end}}",
		  "/a:/b,/a,/c:/d,/c," },
		{ "{{range .Names}}{{if eq . \"db\"}}{{break}}{{end}}{{.}}{{end}}!", "web!" },
		{ "{{range .Names}}{{if eq . \"web\"}}{{continue}}{{end}}{{.}}{{end}}!", "db!" },
		{ "{{range .Mounts}}{{range $.Names}}{{.}}{{break}}{{end}}.{{end}}", "web.web." },
	};

	(void)state;
	assert_renders(pairs, ARRAY_SIZE(pairs));
}

static void variables(void **state)
{
	static const struct pair pairs[] = {
		{ "{{$x := .Id}}{{$x}}", "abc123" },
		{ "{{$s := .State}}{{$s.Pid}}", "42" },
		{ "{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21" },
		{ "{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2" },
		{ "{{$x := 1}}{{range .Names}}{{$x = .}}{{end}}{{$x}}", "db" },
		{ "{{$l := \"\"}}{{range $i, $n := .Names}}{{$l = printf \"%s%d%s\" $l $i "
		  "$n}}{{end}}{{$l}}",
		  "0web1db" },
		{ "{{if $x := .Id}}{{$x}}{{end}}", "abc123" },
		{ "{{with $x := .State}}{{$x.Pid}}{{.Pid}}{{end}}", "4242" },
		{ "{{$i := 7}}{{range $i, $_ := .Names}}{{end}}{{$i}}", "7" },
	};

	(void)state;
	assert_renders(pairs, ARRAY_SIZE(pairs));
}

static void functions(void **state)
{
	static const struct pair pairs[] = {
		{ "{{json .State}}", "{\"Running\":true,\"Pid\":42,\"Health\":null}" },
		{ "{{.Names | json}} {{json .None}}", "[\"web\",\"db\"] null" },
		{ "{{join .Names \", \"}} {{.Names | join \"-\"}} {{join .Empty \",\"}}",
		  "web, db web-db " },
		{ "{{split .Id \"c\"}} {{split \"\" \",\"}} {{index (split \"a:b\" \":\") 1}}",
		  "[ab 123] [] b" },
		{ "{{upper .Id}} {{lower \"ABC\"}} {{title \"one two-three\"}}",
		  "ABC123 abc One Two-Three" },
		{ "{{upper .Id | printf \"%s!\" | lower}}", "abc123!" },
		{ "[{{pad .Id 2 1}}] [{{pad \"\" 2 2}}]", "[  abc123 ] []" },
		{ "{{truncate .Id 3}} {{truncate .Id 99}} {{truncate .Accent 2}}",
		  "abc abc123 \xc3\xa9t" },
		{ "{{len .Id}} {{len .Names}} {{len .Labels}} {{len .None}}", "6 2 2 0" },
		{ "{{index .Names 1}} {{index .Labels \"a\"}} {{index .Labels \"x\"}}|", "db 1 |" },
		{ "{{(index (index .Ports \"80/tcp\") 0).HostPort}} {{(index .Ports \"80/tcp\" "
		  "0).HostPort}}",
		  "8080 8080" },
		{ "{{index .None \"x\"}}|{{index .Ports \"81/tcp\"}}", "|<no value>" },
		{ "{{slice .Id 1 3}} {{slice .Id 4}} {{slice .Names 1}}", "bc 23 [db]" },
		{ "{{print 1 2 \"a\" \"b\" 3}}|{{println 1 \"a\"}}", "1 2ab3|1 a\n" },
		{ "{{html .Html}}", "&lt;a href=&#39;x&#39;&gt;&amp;&#34;" },
		{ "{{js .Html}}", "\\u003Ca href\\u003D\\'x\\'\\u003E\\u0026\\\"" },
		{ "{{urlquery \"a b/\xc3\xa9.~\"}}", "a+b%2F%C3%A9.~" },
		{ "{{and true .Zero .Id}} {{and 1 .Id}} {{or .Zero \"\" .Id}} {{or .No .Zero}}",
		  "0 abc123 abc123 0" },
		{ "{{and .No (index .Names 9)}} {{or .Id (index .Names 9)}}", "false abc123" },
		{ "{{not .No}} {{not .Id}}", "true false" },
	};

	(void)state;
	assert_renders(pairs, ARRAY_SIZE(pairs));
}

static void comparisons(void **state)
{
	static const struct pair pairs[] = {
		{ "{{eq .Id \"abc123\"}} {{eq .Id \"x\" \"abc123\"}} {{ne .Id \"x\"}}",
		  "true true true" },
		{ "{{eq 1 1.0}} {{eq .State.Pid 42}} {{eq .No false}}", "true true true" },
		{ "{{eq .None nil}} {{eq .None \"x\"}} {{ne .None nil}}", "true false false" },
		{ "{{lt 1 2}}{{le 2 2}}{{gt 1 2}}{{ge 2 2}}{{lt 2 2}}", "truetruefalsetruefalse" },
		{ "{{lt \"a\" \"b\"}} {{gt 2.5 2}} {{lt -1 0.5}}", "true true true" },
		{ "{{lt 9007199254740992 .Big}}", "true" },
		{ "{{if and .State.Running (gt .State.Pid 40)}}yes{{end}}", "yes" },
	};

	(void)state;
	assert_renders(pairs, ARRAY_SIZE(pairs));
}

static void printf_verbs(void **state)
{
	static const struct pair pairs[] = {
		{ "{{printf \"%s|%v|%d|%5d|%-5d|%05d|%+d\" \"a\" 1 2 3 4 5 6}}",
		  "a|1|2|    3|4    |00005|+6" },
		{ "{{printf \"%x %X %#x %o %b %c %U\" 255 255 255 8 5 65 233}}",
		  "ff FF 0xff 10 101 A U+00E9" },
		{ "{{printf \"%q %x %t %T %T\" \"a\\\"b\" \"hi\" true 1 \"s\"}}",
		  "\"a\\\"b\" 6869 true int string" },
		{ "{{printf \"%.2f %8.3f %e %g %.3g\" 1.5 3.14159 1500.0 2.5 1234.5}}",
		  "1.50    3.142 1.500000e+03 2.5 1.23e+03" },
		{ "{{printf \"%10s|%-6s|%.2s|%-08d|%06d\" \"abc\" \"\xc3\xa9\" \"xyz\" 5 -42}}",
		  "       abc|\xc3\xa9     |xy|5       |-00042" },
		{ "{{printf \"%*d %s\" 4 7 .Names}}", "   7 [web db]" },
		{ "{{printf \"%v %v %s\" .Labels .None .Labels}}",
		  "map[a:1 b:2] <nil> map[a:1 b:2]" },
		{ "{{printf \"100%% %d\"}} {{printf \"%\"}} {{printf \"x\" 1 \"a\"}}",
		  "100% %!d(MISSING) %!(NOVERB) x%!(EXTRA int=1, string=a)" },
		{ "{{printf \"%d %s %t %z\" \"a\" 1 2 3}}",
		  "%!d(string=a) %!s(int=1) %!t(int=2) %!z(int=3)" },
		{ "{{printf \"%d\" -9223372036854775808}}", "-9223372036854775808" },
	};

	(void)state;
	assert_renders(pairs, ARRAY_SIZE(pairs));
}

static void errors_name_place_and_field(void **state)
{
	static const struct pair cases[] = {
		{ "{{.Nope}}", "template:1:3: no field 'Nope'; there are: Id, Names" },
		{ "{{.State.Nope}}",
		  "template:1:3: no field 'Nope'; there are: Running, Pid, Health" },
		{ "a\nb {{.Id.X}}",
		  "template:2:5: no field 'X': the value in front is not an object" },
		{ "{{.Names.X}}", "no field 'X': the value in front is a list" },
		{ "{{.Id \"x\"}}", "'.Id' does not take a value" },
		{ "{{1 2}}", "for what is no function" },
		{ "{{$x}}", "there is no variable $x" },
		{ "{{$x = 1}}", "there is no variable $x" },
		{ "{{range .Id}}{{end}}", "range needs a list or an object" },
		{ "{{index .Names 2}}", "index: 2 is out of range" },
		{ "{{index .Names -1}}", "out of range" },
		{ "{{index .Names \"x\"}}", "index: a whole number" },
		{ "{{index .Id}}{{index 1 2}}", "list or object" },
		{ "{{slice .Id 3 2}}", "slice: out of range" },
		{ "{{len 3}}", "len: a text" },
		{ "{{eq 1 \"1\"}}", "eq: the values are of different types" },
		{ "{{lt 1 \"1\"}}", "lt: two numbers" },
		{ "{{join 1 2}}", "join: a list" },
		{ "{{upper}}", "upper: too few" },
		{ "{{upper 1 2}}", "upper: too many" },
		{ "{{pad .Id 5000 0}}", "pad: the width" },
		{ "{{printf 1}}", "printf: the format is no text" },
	};
	auto_of(json_free) struct json *data = sample();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_of(str_clear) struct str s = { 0 };
		struct err e = { 0 };

		assert_int_equal(template_check(cases[i].text, &e), 0);
		assert_int_equal(template_render(&s, cases[i].text, data, &e), -EINVAL);
		if (!strstr(e.msg, cases[i].wanted))
			fail_msg("%s: %s", cases[i].text, e.msg);
	}
}

static void refuses_bad_syntax(void **state)
{
	static const struct pair cases[] = {
		{ "{{", "}} is missing" },
		{ "{{.Id", "}} is missing" },
		{ "{{.Id}", "unexpected '}'" },
		{ "{{}}", "a value is missing" },
		{ "{{foo}}", "no function 'foo'" },
		{ "{{end}}", "unexpected {{end}}" },
		{ "{{else}}", "unexpected {{else}}" },
		{ "{{if .Id}}", "{{end}} is missing" },
		{ "{{if}}{{end}}", "a value is missing" },
		{ "{{if 1}}{{else}}{{else}}{{end}}", "a second else" },
		{ "{{range .Names}}{{else x}}{{end}}", "behind else" },
		{ "{{(1}}", "')' is missing" },
		{ "{{1)}}", "unexpected text before }}" },
		{ "{{.Id |}}", "a value is missing" },
		{ "{{| .Id}}", "a value is missing" },
		{ "{{\"abc}}", "has no end" },
		{ "{{`abc}}", "has no end" },
		{ "{{\"a\nb\"}}", "has no end" },
		{ "{{\"\\q\"}}", "unknown escape" },
		{ "{{\"\\ud800\"}}", "unknown escape" },
		{ "{{'ab'}}", "one character" },
		{ "{{''}}", "one character" },
		{ "{{1x}}", "bad number" },
		{ "{{0x}}", "bad number" },
		{ "{{/* x}}", "has no end" },
		{ "{{/* x */ 1}}", "stands alone" },
		{ "{{break}}", "inside range" },
		{ "{{if 1}}{{continue}}{{end}}", "inside range" },
		{ "{{define \"x\"}}{{end}}", "'define' is not supported" },
		{ "{{$a, $b := .Names}}", "for range only" },
		{ "{{$a, 1}}", "a variable is missing" },
		{ "{{$a, $b}}", "':='" },
		{ "{{$ := 1}}", "$ itself" },
		{ "{{1.Id}}", "bad number" },
		{ "{{\"a\".Id}}", "only data has fields" },
		{ "{{len.Id}}", "only data has fields" },
		{ "{{end 1}}", "behind end" },
		{ "{{.Id # }}", "unexpected '#'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = { 0 };

		assert_int_equal(template_check(cases[i].text, &e), -EINVAL);
		if (!strstr(e.msg, cases[i].wanted) || strncmp(e.msg, "template:", 9) != 0)
			fail_msg("%s: %s", cases[i].text, e.msg);
	}
}

static void limits_nesting(void **state)
{
	auto_of(str_clear) struct str parens = { 0 }, ifs = { 0 }, elses = { 0 };
	struct err e;

	(void)state;
	str_add(&parens, "{{");
	for (int i = 0; i < 100000; i++) {
		str_addc(&parens, '(');
		str_add(&ifs, "{{if 1}}");
		str_add(&elses, i ? "{{else if 1}}" : "{{if 1}}");
	}
	assert_int_equal(template_check(parens.p, &e), -EINVAL);
	assert_int_equal(template_check(ifs.p, &e), -EINVAL);
	assert_int_equal(template_check(elses.p, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "deep"));
}

/* What a table says above no row at all, without the end of the line. */
static int heading_line(struct str *out, const char *text, const struct json *known, struct err *e)
{
	auto_of(json_free) struct json *none = json_new_array();
	autofree char *table = xasprintf("table %s", text);
	int r = template_rows(out, table, none, known, false, e);

	if (r == 0)
		str_cut(out, out->len - 1);
	return r;
}

static void headings(void **state)
{
	static const struct pair cases[] = {
		{ "{{.ID}}\t{{.Names}}", "CONTAINER ID  NAMES" },
		{ "{{.State.Pid}}", "PID" },
		{ "{{json .Labels}} {{upper .Image}}", "LABELS      IMAGE" },
		{ "{{.Label \"com.x.team\"}}", "TEAM" },
		{ "{{if .A}}{{.B}}{{else}}{{.C}}{{end}}", "B" },
		{ "{{range .Mounts}}{{.Source}} {{end}}", "SOURCE      " },
		{ "{{range .Mounts}}{{.}}{{break}}{{end}}x", "MOUNTSx" },
		{ "{{with .A}}{{.}}{{end}}", "A" },
		{ "{{printf \"%.3s\" .Names}}", "NAM" },
		{ "{{if eq .A \"x\"}}{{.B}}{{end}}", "B" },
		{ "{{json .}}", "" },
		{ "{{join .Names \",\"}} {{len .X}} {{truncate .ID 2}}", "NAMES       X           CONTAINER ID" },
	};
	auto_of(json_free) struct json *known = json_new_object();

	(void)state;
	json_set_str(known, "ID", "CONTAINER ID");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_of(str_clear) struct str s = { 0 };
		struct err e;

		if (heading_line(&s, cases[i].text, known, &e) < 0)
			fail_msg("%s: %s", cases[i].text, e.msg);
		assert_string_equal(str_peek(&s), cases[i].wanted);
	}
}

static void assert_rows(const char *format, bool noheading, const char *wanted)
{
	static const char rows_text[] = "[{\"Id\":\"abc\",\"Names\":[\"web\"]},"
					"{\"Id\":\"d\\u001b\",\"Names\":[\"a-long-name\",\"x\"]}]";
	auto_of(json_free) struct json *rows = NULL;
	auto_of(str_clear) struct str s = { 0 };
	struct err e;

	assert_int_equal(json_parse(&rows, rows_text, strlen(rows_text), &e), 0);
	if (template_rows(&s, format, rows, NULL, noheading, &e) < 0)
		fail_msg("%s: %s", format, e.msg);
	assert_string_equal(str_peek(&s), wanted);
}

static void rows(void **state)
{
	auto_of(json_free) struct json *none = json_new_array();
	auto_of(str_clear) struct str s = { 0 };
	struct err e;

	(void)state;
	assert_rows("{{.Id}}", false, "abc\nd\x1b\n");
	assert_rows("{{.Id}}\\t{{len .Names}}\\n", false, "abc\t1\nd\x1b\t2\n");
	assert_rows("{{join .Names \"\\n\"}}", false, "web\na-long-name\nx\n");
	assert_rows("table {{.Id}}\\t{{.Names}}", false,
		    "ID          NAMES\nabc         [web]\nd\\x1b       [a-long-name x]\n");
	assert_rows("table {{.Id}} {{.Names}}", true,
		    "abc         [web]\nd\\x1b       [a-long-name x]\n");
	assert_rows("table{{.Id}}", true, "abc\nd\\x1b\n");
	assert_rows("tables {{.Id}}", true, "tables abc\ntables d\x1b\n");
	assert_rows("{{range .}}{{.Id}},{{end}}", false, "abc,d\x1b,\n");
	assert_rows("table {{range .}}{{.Id}}\\n{{end}}", false, "ID\nabc\nd\\x1b\n");
	assert_rows("{{range .Names}}{{.}}{{end}}", false, "web\na-long-namex\n");
	assert_rows("{{range $i, $r := .}}{{$i}}{{$r.Id}};{{end}}", false, "0abc;1d\x1b;\n");
	assert_rows("json", false,
		    "[\n  {\n    \"Id\": \"abc\",\n    \"Names\": [\n      \"web\"\n    ]\n  },\n"
		    "  {\n    \"Id\": \"d\\u001b\",\n    \"Names\": [\n      \"a-long-name\",\n"
		    "      \"x\"\n    ]\n  }\n]\n");
	assert_rows("{{json .}}", false,
		    "{\"Id\":\"abc\",\"Names\":[\"web\"]}\n"
		    "{\"Id\":\"d\\u001b\",\"Names\":[\"a-long-name\",\"x\"]}\n");
	assert_int_equal(template_rows(&s, "table", none, NULL, false, &e), -EINVAL);
	assert_int_equal(template_rows(&s, "{{.Id}}", none, NULL, false, &e), 0);
	assert_string_equal(str_peek(&s), "");
	/* A heading stands also over no rows; a bad template is an error also without any. */
	assert_int_equal(template_rows(&s, "table {{.Id}}", none, NULL, false, &e), 0);
	assert_string_equal(str_peek(&s), "ID\n");
	assert_int_equal(template_rows(&s, "{{.Id", none, NULL, false, &e), -EINVAL);
}

/* Any text: no crash; what does not parse does not render, with the same words; rendering twice
 * gives the same; text without an action renders as it stands. */
static void any_template(void **state)
{
	static const char *const pieces[] = {
		"{{",
		"}}",
		"{{- ",
		" -}}",
		"{{.Id}}",
		".",
		".Names",
		".Labels",
		" ",
		"|",
		"(",
		")",
		"$x",
		":=",
		"=",
		",",
		"if ",
		"{{else}}",
		"{{end}}",
		"{{range .Names}}",
		"{{if .Id}}",
		"with ",
		"range ",
		"$",
		"\"a\"",
		"`",
		"\"",
		"'",
		"1",
		"-",
		"0x",
		"1e9",
		"printf ",
		"\"%5.2f%s%d\"",
		"index ",
		"len ",
		"json ",
		"join ",
		"/*",
		"*/",
		"and ",
		"eq ",
		"\\",
		"\n",
		"{{break}}",
		"slice ",
		"\xc3\xa9",
		"\xff",
		"nil",
		"{{$x := .Names}}",
		"{{range $i, $e := .Mounts}}",
		".Source",
	};
	auto_of(json_free) struct json *data = sample();

	(void)state;
	for (int round = 0; round < 40000; round++) {
		auto_of(str_clear) struct str text = { 0 }, once = { 0 }, again = { 0 },
					      head = { 0 };
		struct err checked = { 0 }, e = { 0 };
		int r, c;

		for (int k = random() % 14; k > 0; k--)
			str_add(&text, pieces[random() % ARRAY_SIZE(pieces)]);
		c = template_check(str_peek(&text), &checked);
		r = template_render(&once, str_peek(&text), data, &e);
		if (c < 0) {
			assert_int_equal(r, c);
			assert_string_equal(e.msg, checked.msg);
			continue;
		}
		assert_true(r == 0 || (r == -EINVAL && e.code == EINVAL));
		assert_int_equal(template_render(&again, str_peek(&text), data, &e), r);
		assert_string_equal(str_peek(&once), str_peek(&again));
		if (!strstr(str_peek(&text), "{{"))
			assert_string_equal(str_peek(&once), str_peek(&text));
		r = heading_line(&head, str_peek(&text), NULL, &e);
		assert_true(r == 0 || r == -EINVAL);
	}
}

/* Every value prints, in every place where a value may stand. */
static void any_value_in_any_function(void **state)
{
	static const char *const values[] = {
		".Id",	   ".Names", ".Labels", ".None", ".No",	  ".Zero", ".F",
		".Big",	   ".Empty", "nil",	"-1",	 "1e300", "\"\"",  "(index .Mounts 0)",
		".Accent",
	};
	static const char *const names[] = {
		"and",	 "eq",	  "ge",	      "gt",    "html",	   "index",   "join",
		"js",	 "json",  "le",	      "len",   "lower",	   "lt",      "ne",
		"not",	 "or",	  "pad",      "print", "printf",   "println", "slice",
		"split", "title", "truncate", "upper", "urlquery",
	};
	auto_of(json_free) struct json *data = sample();

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(names); f++)
		for (size_t n = 0; n < 15 * 15 * 15; n++) {
			auto_of(str_clear) struct str s = { 0 };
			autofree char *text = xasprintf("{{%s %s %s %s}}", names[f], values[n % 15],
							n / 15 % 15 ? values[n / 15 % 15] : "",
							n / 225 ? values[n / 225] : "");
			struct err e;
			int r = template_render(&s, text, data, &e);

			assert_true(r == 0 || r == -EINVAL);
		}
}

static void members_that_are_used(void **state)
{
	static const struct {
		const char *format, *wanted;	/* NULL: any */
	} cases[] = {
		{ "table {{.ID}}\t{{.Name | upper}}", "ID,Name" },
		{ "{{if (eq .A.B 1)}}{{.C}}{{else}}{{$x := .D}}{{$x}}{{end}}", "A,C,D" },
		{ "{{range .List}}{{.Inner}}{{end}}", "List,Inner" },
		{ "words", "" },
		{ "json", NULL }, { "{{json .}}", NULL }, { "{{range .}}{{.ID}}{{end}}", NULL },
		{ "{{.Label \"a\"}}", NULL }, { "{{$.ID}}", NULL }, { "{{.ID", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_of(strv_clear) struct strv names = { 0 };
		bool is_known = template_members(cases[i].format, &names);
		autofree char *got = strv_join(&names, ",");

		assert_int_equal(is_known, cases[i].wanted != NULL);
		if (is_known)
			assert_string_equal(got, cases[i].wanted);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_and_values),
		cmocka_unit_test(white_space_and_comments),
		cmocka_unit_test(control),
		cmocka_unit_test(variables),
		cmocka_unit_test(functions),
		cmocka_unit_test(comparisons),
		cmocka_unit_test(printf_verbs),
		cmocka_unit_test(errors_name_place_and_field),
		cmocka_unit_test(refuses_bad_syntax),
		cmocka_unit_test(limits_nesting),
		cmocka_unit_test(headings),
		cmocka_unit_test(rows),
		cmocka_unit_test(points_in_time),
		cmocka_unit_test(any_template),
		cmocka_unit_test(any_value_in_any_function),
		cmocka_unit_test(members_that_are_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
