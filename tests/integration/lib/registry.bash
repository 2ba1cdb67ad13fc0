# SPDX-License-Identifier: Apache-2.0
# A real registry on loopback: Debian's docker-registry on a free port, with or without TLS
# (a certificate authority made on the spot) and passwords.
#
#   registry_start NAME [tls] [auth]   sets REGISTRY=localhost:PORT and REGISTRY_DIR
#   registry_push LAYOUT NAME:TAG      copies an OCI layout into it, with skopeo
#   registry_stop NAME
# The certificate of the authority is $REGISTRY_DIR/ca.crt; the account is alice, password "s3cret".

registry_port() {
	python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'
}

registry_cert() {
	local d=$1
	(
		cd "$d" || exit 1
		openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=rootlet test CA" \
			-keyout ca.key -out ca.crt
		openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout srv.key -out srv.csr
		printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' > ext
		openssl x509 -req -in srv.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 \
			-extfile ext -out srv.crt
	) > "$d/openssl.log" 2>&1
}

registry_config() {
	local d=$1 port=$2 opts=$3
	printf 'version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage:\n  filesystem: {rootdirectory: %s/data}\n  delete: {enabled: true}\n' "$d"
	printf 'http:\n  addr: 127.0.0.1:%s\n  secret: x\n' "$port"
	case $opts in *tls*) printf '  tls: {certificate: %s/srv.crt, key: %s/srv.key}\n' "$d" "$d" ;; esac
	case $opts in *auth*) printf 'auth: {htpasswd: {realm: test, path: %s/htpasswd}}\n' "$d" ;; esac
}

# registry_answers PORT SCHEME: the registry says 200 or 401 to /v2/.
registry_answers() {
	local code
	code=$(curl -sk -o /dev/null -w '%{http_code}' "$2://127.0.0.1:$1/v2/") || return 1
	[ "$code" = 200 ] || [ "$code" = 401 ]
}

registry_start() {
	local name=$1 opts="${*:2}" d port scheme=http try n
	d=${REGISTRY_BASE:-$BATS_FILE_TMPDIR}/registry-$name
	mkdir -p "$d/data"
	case $opts in *tls*) scheme=https; registry_cert "$d" || return 1 ;; esac
	case $opts in *auth*) htpasswd -Bbn alice s3cret > "$d/htpasswd" ;; esac
	for try in 1 2 3 4 5; do
		port=$(registry_port)
		registry_config "$d" "$port" "$opts" > "$d/config.yml"
		docker-registry serve "$d/config.yml" > "$d/log" 2>&1 3>&- &
		echo $! > "$d/pid"
		for n in $(seq 100); do
			if registry_answers "$port" "$scheme"; then
				REGISTRY=localhost:$port REGISTRY_DIR=$d REGISTRY_OPTS=$opts
				printf 'REGISTRY=%s REGISTRY_DIR=%s REGISTRY_OPTS="%s"\n' \
					"$REGISTRY" "$d" "$opts" > "$d/env"
				export REGISTRY REGISTRY_DIR REGISTRY_OPTS
				return 0
			fi
			kill -0 "$(cat "$d/pid")" 2>/dev/null || break
			sleep 0.05
		done
		kill "$(cat "$d/pid")" 2>/dev/null
	done
	echo "docker-registry does not start (after $try tries, $n waits):" >&2
	cat "$d/log" >&2
	return 1
}

# registry_use NAME: the variables of a registry started by setup_file.
registry_use() {
	. "${REGISTRY_BASE:-$BATS_FILE_TMPDIR}/registry-$1/env"
	export REGISTRY REGISTRY_DIR REGISTRY_OPTS
}

registry_push() {
	local layout=$1 name=$2 cred=()
	case $REGISTRY_OPTS in *auth*) cred=(--dest-creds alice:s3cret) ;; esac
	skopeo --insecure-policy copy -q --dest-tls-verify=false "${cred[@]}" "oci:$layout" \
		"docker://$REGISTRY/$name"
}

registry_stop() {
	local d=${REGISTRY_BASE:-$BATS_FILE_TMPDIR}/registry-$1
	[ -r "$d/pid" ] || return 0
	kill "$(cat "$d/pid")" 2>/dev/null
	rm -f "$d/pid"
}

# A registry of our own that answers as the test wants: FAKE is its address, LOG what it was asked.
fakereg_start() {
	export LOG=$BATS_FILE_TMPDIR/requests
	"$LIB/fakereg" "$(fixture_busybox)" "$LOG" > "$BATS_FILE_TMPDIR/ports" 3>&- &
	echo $! > "$BATS_FILE_TMPDIR/fakereg.pid"
	wait_for 10 test -s "$BATS_FILE_TMPDIR/ports"
	read -r PORT CDN < "$BATS_FILE_TMPDIR/ports"
	export FAKE=localhost:$PORT CDN PORT
}

fakereg_stop() {
	kill "$(cat "$BATS_FILE_TMPDIR/fakereg.pid")"
}
