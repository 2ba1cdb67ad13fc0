# SPDX-License-Identifier: Apache-2.0
# C text without comments, and strings emptied; line numbers stay. Sets `code` for each line.
function strip(s,    out, c, i, len) {
	out = ""
	len = length(s)
	for (i = 1; i <= len; i++) {
		c = substr(s, i, 1)
		if (in_comment) {
			if (c == "*" && substr(s, i + 1, 1) == "/") {
				in_comment = 0
				i++
			}
		} else if (c == "/" && substr(s, i + 1, 1) == "*") {
			in_comment = 1
			i++
		} else if (c == "/" && substr(s, i + 1, 1) == "/") {
			break
		} else if (c == "\"") {
			for (i++; i <= len && substr(s, i, 1) != "\""; i++)
				if (substr(s, i, 1) == "\\")
					i++
			out = out "\"\""
		} else if (c == "'") {
			for (i++; i <= len && substr(s, i, 1) != "'"; i++)
				if (substr(s, i, 1) == "\\")
					i++
			out = out "''"
		} else {
			out = out c
		}
	}
	return out
}
FNR == 1 { in_comment = 0 }
{ code = strip($0) }
