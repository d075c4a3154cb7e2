#!/bin/sh
# Writes the tokens that Prometheus and Alertmanager read from their files, and writes them anew every day.
# A file is replaced as a whole: whoever reads it meanwhile gets the old token or the new one.
set -eu
folder=${1:-/tokens}

write() {
  name=$1 scope=$2 file=$3
  node bin/chancery.ts token --sub "$name" --kind service --scope "$scope" --ttl 7d > "$folder/$file.new"
  mv "$folder/$file.new" "$folder/$file"
}

while :; do
  write prometheus metrics:read metrics.token
  write alertmanager alerts:notify notify.token
  [ "${2:-}" = once ] && exit
  sleep 86400
done
