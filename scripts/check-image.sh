#!/usr/bin/env bash
# Builds the image on a base made of the Node at hand, starts it as its own user, asks /health and for the page.
# Needs buildah, busybox (static) and npm's usual network; no container daemon, no image from elsewhere.
set -euo pipefail
cd "$(dirname "$0")/.."

for program in buildah busybox node npm curl; do
  command -v "$program" > /dev/null || { echo "check-image: $program is missing (apt-get install buildah busybox-static curl)" >&2; exit 1; }
done

WORK=$(mktemp -d)
PORT=${PORT:-$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')}
BUILDAH=(buildah --root "$WORK/storage" --runroot "$WORK/run" --storage-driver vfs)
SERVER=

finish() {
  # The whole group: what runs in the container is a grandchild, which would outlive its parent.
  if [ -n "$SERVER" ]; then kill -- "-$SERVER" 2> /dev/null && wait "$SERVER" 2> /dev/null || true; fi
  # As whoever owns what the container wrote.
  rm -rf "$WORK" 2> /dev/null || buildah unshare rm -rf "$WORK"
}
trap finish EXIT

# --- the base: busybox, this Node with its libraries, npm ---
base() {
  local root=$WORK/base npm libc
  mkdir -p "$root"/{bin,usr/bin,usr/lib,etc/ssl/certs,etc/npm,tmp,var/lib}
  chmod 1777 "$root/tmp"
  cp "$(readlink -f "$(command -v busybox)")" "$root/bin/busybox"
  for name in sh chown mkdir ls cat env; do ln -s busybox "$root/bin/$name"; done
  ln -s ../../bin/env "$root/usr/bin/env"
  cp "$(readlink -f "$(command -v node)")" "$root/usr/bin/node"
  # With the parts of the C library that the build's native modules want, and Node itself does not.
  libc=$(ldd "$root/usr/bin/node" | grep -o '/[^ ]*/libc\.so\.6')
  { ldd "$root/usr/bin/node" | grep -o '/[^ ]*'; ls "$(dirname "$libc")"/{librt.so.1,libutil.so.1,libresolv.so.2,libnss_dns.so.2,libnss_files.so.2}; } |
    while read -r file; do
      mkdir -p "$root$(dirname "$file")"
      cp -L "$file" "$root$file"
    done
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  cp -rL "$npm" "$root/usr/lib/npm"
  ln -s ../lib/npm/bin/npm-cli.js "$root/usr/bin/npm"
  printf 'root:x:0:0::/tmp:/bin/sh\n' > "$root/etc/passwd"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2> /dev/null || true
  printf 'FROM scratch\nCOPY . /\nENV PATH=/usr/bin:/bin HOME=/tmp NPM_CONFIG_USERCONFIG=/etc/npm/userconfig NPM_CONFIG_GLOBALCONFIG=/etc/npm/globalconfig NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt\n' > "$WORK/Base"
  "${BUILDAH[@]}" bud -q --isolation chroot -f "$WORK/Base" -t localhost/sluice-base "$root" > /dev/null
}

# npm inside reads the same settings as npm outside: where packages come from is a matter of the machine.
npm_settings() {
  local file
  for kind in userconfig globalconfig; do
    file=$(npm config get "$kind" 2> /dev/null)
    if [ -f "$file" ]; then printf -- '--volume=%s:/etc/npm/%s:ro\n' "$file" "$kind"; fi
  done
}

echo 'Making a base of the Node at hand …'
base
echo 'Building the image …'
mapfile -t SETTINGS < <(npm_settings)
"${BUILDAH[@]}" bud -q --isolation chroot --format docker --build-arg BASE=localhost/sluice-base "${SETTINGS[@]}" \
  -t localhost/sluice . > "$WORK/built" 2> "$WORK/build.log" || { tail -40 "$WORK/build.log" >&2; exit 1; }

CONTAINER=$("${BUILDAH[@]}" from --pull-never localhost/sluice)
INSPECT=("${BUILDAH[@]}" inspect --format)
USER_=$("${INSPECT[@]}" '{{.Docker.Config.User}}' "$CONTAINER")
HEALTH=$("${INSPECT[@]}" '{{.Docker.Config.Healthcheck}}' "$CONTAINER")
echo "It runs as $USER_; size of what we add: $(du -sm "$("${BUILDAH[@]}" mount "$CONTAINER")/app" | cut -f1) MB"
[ "${USER_%%:*}" != 0 ] && [ "${USER_%%:*}" != root ] && [ -n "$USER_" ] || { echo 'It must not run as root.' >&2; exit 1; }
grep -q /health <<< "$HEALTH" || { echo 'It has no health check.' >&2; exit 1; }

echo 'Starting it …'
setsid "${BUILDAH[@]}" run --isolation chroot --env "PORT=$PORT" "$CONTAINER" -- node dist/main.js start > "$WORK/server.log" 2>&1 &
SERVER=$!
for _ in $(seq 120); do
  if curl -fsS -o "$WORK/health" "http://127.0.0.1:$PORT/health" 2> /dev/null; then break; fi
  kill -0 "$SERVER" 2> /dev/null || { cat "$WORK/server.log" >&2; exit 1; }
  sleep 0.5
done
cat "$WORK/health" && echo
curl -fsS "http://127.0.0.1:$PORT/ready" && echo
curl -fsS "http://127.0.0.1:$PORT/" | grep -q '<html' || { echo 'It serves no page.' >&2; exit 1; }
APP=$("${BUILDAH[@]}" mount "$CONTAINER")/app
for unwanted in src node_modules/prisma node_modules/typescript node_modules/vite; do
  [ ! -e "$APP/$unwanted" ] || { echo "The image carries $unwanted, which only a build needs." >&2; exit 1; }
done
echo 'The image builds, starts as an ordinary user and answers.'
