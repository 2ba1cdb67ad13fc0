#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# search: by catalog in a registry, by Docker's search in one that has it, and tags.

load lib/common
setup_file() {
	need jq python3 docker-registry htpasswd skopeo
	common_setup_file noimage
	export REGISTRY_BASE=$BATS_FILE_TMPDIR
	registry_start plain
	for name in team/web team/db other/web; do registry_push "$(fixture_busybox)" "$name:1"; done
	registry_push "$(fixture_busybox)" team/web:2
	registry_start secure auth
	registry_push "$(fixture_busybox)" private/web:1
	cat > "$BATS_FILE_TMPDIR/v1.py" <<- 'END'
		import http.server, json, urllib.parse
		class H(http.server.BaseHTTPRequestHandler):
		    def log_message(self, *a): pass
		    def do_GET(self):
		        u = urllib.parse.urlparse(self.path)
		        q = urllib.parse.parse_qs(u.query)
		        found = u.path == "/v1/search"
		        rows = [dict(name="a/%s%d" % (q["q"][0], i), description="long \x1b[31m" + "words " * 20, star_count=i * 10,
		                     is_official=i == 2, is_automated=False) for i in range(int(q["n"][0]) and 4)] if found else []
		        body = json.dumps(dict(results=rows)).encode()
		        self.send_response(200 if found or u.path == "/v2/" else 404)
		        self.send_header("Content-Length", str(len(body)))
		        self.end_headers()
		        self.wfile.write(body)
		s = http.server.HTTPServer(("127.0.0.1", 0), H)
		print(s.server_port, flush=True)
		s.serve_forever()
	END
	python3 "$BATS_FILE_TMPDIR/v1.py" > "$BATS_FILE_TMPDIR/v1.port" 3>&- &
	echo $! > "$BATS_FILE_TMPDIR/v1.pid"
	wait_for 10 test -s "$BATS_FILE_TMPDIR/v1.port"
}
teardown_file() {
	kill "$(cat "$BATS_FILE_TMPDIR/v1.pid")"
	registry_stop plain
	registry_stop secure
	common_teardown_file
}
setup() {
	common_setup
	registry_use plain
	V1=localhost:$(cat "$BATS_FILE_TMPDIR/v1.port")
	export REGISTRY_AUTH_FILE=$BATS_TEST_TMPDIR/auth.json
}
teardown() { common_teardown; }

search() {
	rl search --tls-verify=false "$@"
}

@test "by catalog: a word, a limit, nothing found" {
	run -0 search "$REGISTRY/web"
	like "${lines[0]}" "NAME*DESCRIPTION*"
	is "$(printf '%s\n' "${lines[@]:1}" | tr -d ' ' | sort | xargs)" "$REGISTRY/other/web $REGISTRY/team/web"
	is "$(search --limit 1 --format '{{.Name}}' "$REGISTRY/web" | wc -l)" 1
	is "$(search --format '{{.Name}}' "$REGISTRY/nothing")" ""
	is "$(search --format json "$REGISTRY/db" | jq -r '.[0] | .Index, .Name, .Stars' | xargs)" "$REGISTRY $REGISTRY/team/db 0"
}

@test "tags of a repository" {
	run -0 search --list-tags "$REGISTRY/team/web"
	like "${lines[0]}" "NAME*TAG"
	is "$(printf '%s\n' "${lines[@]:1}" | awk '{print $2}' | sort | xargs)" "1 2"
	is "$(search --list-tags --format json "$REGISTRY/team/web" | jq -c '.[0].Tags | sort')" '["1","2"]'
	is "$(search --list-tags --limit 1 --format '{{.Tag}}' "$REGISTRY/team/web" | wc -l)" 1
	run -125 search --list-tags "$REGISTRY/no/such"
	is_one_error
}

@test "by Docker's search: stars, official, filters, long texts" {
	run -0 search --compatible "$V1/x"
	like "${lines[0]}" "NAME*DESCRIPTION*STARS*OFFICIAL*AUTOMATED"
	like "${lines[3]}" "$V1/a/x2*...*20*\[OK\]*"
	is "$(search --filter stars=20 --format '{{.Name}} {{.Stars}}' "$V1/x" | xargs)" "$V1/a/x2 20 $V1/a/x3 30"
	is "$(search --filter is-official=true --format '{{.Name}}' "$V1/x")" "$V1/a/x2"
	is "$(search --filter is-automated=true --format '{{.Name}}' "$V1/x")" ""
	run -0 search --no-trunc "$V1/x"
	like "$output" "*words words words words words words words words words words*"
	run -125 search --filter nonsense "$V1/x"
	is_one_error
	run -125 search --limit x "$V1/x"
}

@test "manifest inspect" {
	run -0 rl manifest inspect --tls-verify=false "$REGISTRY/team/web:2"
	is "$(jq -r '.schemaVersion, (.layers | length > 0)' <<< "$output" | xargs)" "2 true"
	run -0 rl manifest inspect --insecure -v "docker://$REGISTRY/team/web:2"
	is "$(jq -r .Ref <<< "$output")" "$REGISTRY/team/web:2"
	is "$(jq -r .Descriptor.digest <<< "$output")" \
		"sha256:$(skopeo inspect --raw --tls-verify=false "docker://$REGISTRY/team/web:2" | sha256sum | cut -d' ' -f1)"
	run -125 rl manifest inspect --insecure "$REGISTRY/team/web:none"
	is_one_error
	run -125 rl manifest inspect "dir:/tmp"
	is_one_error
}

@test "a registry with a password; one of several that does not answer" {
	registry_use secure
	run -125 search "$REGISTRY/web"
	like "$output" "*rootlet login*"
	is "$(search --creds alice:s3cret --format '{{.Name}}' "$REGISTRY/web")" "$REGISTRY/private/web"
	registry_use plain
	printf 'unqualified-search-registries = ["localhost:1", "%s"]\n' "$REGISTRY" > "$BATS_TEST_TMPDIR/r.conf"
	export CONTAINERS_REGISTRIES_CONF=$BATS_TEST_TMPDIR/r.conf
	run -0 --separate-stderr rl search --tls-verify=false --format '{{.Name}}' db
	is "$output" "$REGISTRY/team/db"
	like "$stderr" "*warning*localhost:1*"
	run -125 search localhost:1/x
	is_one_error
}
