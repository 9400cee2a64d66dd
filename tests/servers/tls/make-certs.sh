#!/bin/sh
# Makes the certificates that TLS tests need, fresh and for this machine alone:
#   make-certs.sh DIR
# leaves in DIR: ca.pem, the private root, and NAME.pem with NAME.key for
#   good         localhost and 127.0.0.1, signed by the root
#   expired      the same, but its time is over
#   other-host   signed by the root, for a host that nobody here is
#   self-signed  localhost and 127.0.0.1, signed by itself
set -eu

if [ $# -ne 1 ]; then
    echo "usage: make-certs.sh DIR" >&2
    exit 2
fi
command -v openssl >/dev/null || {
    echo "make-certs.sh: openssl is missing; install the package openssl" >&2
    exit 1
}
umask 077
mkdir -p "$1"
cd "$1"

LOCAL="subjectAltName=DNS:localhost,IP:127.0.0.1"
OTHER="subjectAltName=DNS:elsewhere.example"
WORK=$(mktemp -d ./work.XXXXXX)
trap 'rm -rf "$WORK"' EXIT
: >"$WORK/index.txt"
cat >"$WORK/ca.cnf" <<CONF
[ca]
default_ca = root
[root]
database = $WORK/index.txt
new_certs_dir = $WORK
rand_serial = yes
unique_subject = no
certificate = ca.pem
private_key = $WORK/ca.key
default_md = sha256
policy = any
copy_extensions = copy
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = serverAuth
[req]
distinguished_name = name
[name]
CONF

# quietly COMMAND...: its output is shown only when it fails.
quietly() {
    "$@" >"$WORK/out" 2>&1 || {
        cat "$WORK/out" >&2
        echo "make-certs.sh: '$1 $2' failed" >&2
        exit 1
    }
}

# key_and_request NAME COMMON_NAME SAN
key_and_request() {
    quietly openssl req -config "$WORK/ca.cnf" -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
        -nodes -keyout "$1.key" -out "$WORK/$1.csr" -subj "/CN=$2" -addext "$3"
}

# sign NAME FROM TO, times as YYYYMMDDHHMMSSZ
sign() {
    quietly openssl ca -config "$WORK/ca.cnf" -batch -notext \
        -startdate "$2" -enddate "$3" -in "$WORK/$1.csr" -out "$1.pem"
}

FROM=20200101000000Z
TO=20491231235959Z

quietly openssl req -config "$WORK/ca.cnf" -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
    -nodes -days 3650 -keyout "$WORK/ca.key" -out ca.pem -subj "/CN=lbhost test root" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"

key_and_request good localhost "$LOCAL"
sign good "$FROM" "$TO"
key_and_request expired localhost "$LOCAL"
sign expired "$FROM" 20200201000000Z
key_and_request other-host elsewhere.example "$OTHER"
sign other-host "$FROM" "$TO"
quietly openssl req -config "$WORK/ca.cnf" -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
    -nodes -days 3650 -keyout self-signed.key -out self-signed.pem -subj "/CN=localhost" -addext "$LOCAL"
