#!/bin/sh
# A client in curl: one governed execution, then the record that its receipt names. CHANCERY_TOKEN is the caller's, CHANCERY_URL where
# Chancery answers.
set -eu
url=${CHANCERY_URL:-http://127.0.0.1:8787}
folder=$(dirname "$0")

# The same key gives the first answer again: a request whose answer was lost may be repeated with it.
key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

ask() {
  curl --silent --show-error --fail-with-body --header "Authorization: Bearer $CHANCERY_TOKEN" "$@"
}

answer=$(ask --header 'Content-Type: application/json' --header "Idempotency-Key: $key" \
  --data "@$folder/request.json" "$url/workflows/governed/execute")
echo "$answer"

entry=$(echo "$answer" | sed -n 's/.*"receipt":{"id":"\([0-9.]*\)".*/\1/p')
ask "$url/ledger/entries/$entry"
echo
