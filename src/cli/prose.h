/* SPDX-License-Identifier: Apache-2.0 */
/* prose: what is said about a command beyond its row in the table: man/text/ at build time.
 *
 * Runs in:  --help, and mkpages at build time.
 * Owns:     nothing; texts are constant.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: options (the command table); laying it out (help.h, build-aux/mkpages.c).
 *
 * A text is paragraphs between empty lines. A line "Heading:" that begins with a capital and stands
 * alone begins a section; what is before the first is the description. Lines that begin with four
 * blanks are shown as they are; ":term" is a term, explained by the lines after it; `word` is what
 * one types. In the section "Options:" the terms are options of the command, "--name".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct prose {
	const char *path;	/* "container run"; "NAME(5)" a page that is no command's; NULL: the end */
	const char *text;
};
extern const struct prose prose_table[];

/* The text of a command; NULL. */
const char *prose_find(const char *path);

struct prose_section {
	const char *heading;	/* without ':'; len 0: the description */
	size_t heading_len;
	const char *text;
	size_t len;
};
/* Steps through the sections: *at starts as the text. */
bool prose_next(const char **at, struct prose_section *out);
bool prose_section(const char *text, const char *heading, struct prose_section *out);

enum prose_kind { PROSE_BLANK, PROSE_LITERAL, PROSE_TERM, PROSE_TEXT };
struct prose_line {
	enum prose_kind kind;
	const char *p;		/* behind the mark */
	size_t len;
};
/* Steps through the lines of a section: *at starts as 0. */
bool prose_line(const struct prose_section *s, size_t *at, struct prose_line *out);
