#!/bin/sh
# Installs what package-lock.json pins (the Node that runs everything included) and leaves a stamp, so that make knows.
# It needs only some Node with npm, whatever the version; it must not touch anything outside node_modules.
set -eu
cd "$(dirname -- "$0")/.."
stamp=node_modules/.installed

if [ -x node_modules/.bin/node ] && [ node_modules/.package-lock.json -nt package-lock.json ]; then
  touch "$stamp" # somebody ran npm ci by hand: nothing is out of date
  exit 0
fi
if ! command -v npm >/dev/null 2>&1; then
  echo "install: npm is missing. Install any Node.js that brings npm (https://nodejs.org); it fetches the pinned Node itself." >&2
  exit 5
fi
echo "install: npm ci (once; again when package-lock.json changes)"
# The machine's Node may be older than packages ask for: they are run by the pinned one, so engine warnings are noise.
npm ci --no-audit --no-fund --loglevel=error
if [ ! -x node_modules/.bin/node ]; then
  echo "install: no pinned Node for $(uname -s) $(uname -m); package.json pins linux x64, linux arm64 and darwin arm64." >&2
  exit 5
fi
touch "$stamp"
echo "install: done, Node $(node_modules/.bin/node --version)"
