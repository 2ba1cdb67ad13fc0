/* SPDX-License-Identifier: Apache-2.0 */
#include "image/http.h"

#include <curl/curl.h>

char *http_origin(const char *url)
{
	char *scheme = NULL, *host = NULL, *port = NULL, *out = NULL;
	struct str s = { 0 };
	CURLU *u = curl_url();

	if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK) {
		for (char *p = host; *p; p++)
			if (*p >= 'A' && *p <= 'Z')
				*p += 'a' - 'A';
		str_addf(&s, "%s://%s:%s", scheme, host, port);
		out = str_steal(&s);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return out;
}

char *http_escape(const char *text)
{
	char *c = curl_easy_escape(NULL, text, 0);
	char *out = xstrdup(c ? c : "");

	curl_free(c);
	return out;
}
