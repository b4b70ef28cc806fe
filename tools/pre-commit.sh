#!/bin/sh
# The commit hook (make hooks): white space, secrets, format and lint of what is staged. CI runs the same on everything,
# so this is a kindness, not a gate; a missing tool is a failure all the same.
set -eu
cd "$(git rev-parse --show-toplevel)"
for tool in biome oxlint; do
  if [ ! -x "node_modules/.bin/$tool" ]; then
    echo "commit hook: node_modules/.bin/$tool is missing; run 'make install'" >&2
    exit 1
  fi
done
git diff --cached --check
if git diff --cached -U0 | grep -E '^\+.*(BEGIN [A-Z ]*PRIVATE KEY|(apiKey|secret|passphrase)["'"'"']?[:=] *["'"'"'][A-Za-z0-9+/]{16,})'; then
  echo "commit hook: the lines above look like a secret; keep it out of the repository" >&2
  exit 1
fi
files=$(git diff --cached --name-only --diff-filter=ACMR -- '*.ts' '*.json' | grep -v '^package-lock.json$' || true)
[ -z "$files" ] && exit 0
# shellcheck disable=SC2086 # names of this repository hold no blanks
node_modules/.bin/biome check --no-errors-on-unmatched --files-ignore-unknown=true $files
sources=$(printf '%s\n' "$files" | grep '\.ts$' || true)
[ -z "$sources" ] && exit 0
# shellcheck disable=SC2086
node_modules/.bin/oxlint --deny-warnings $sources
