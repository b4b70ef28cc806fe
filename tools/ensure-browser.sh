#!/bin/sh
# Looks for a Chromium for the tests of the HTML report and installs Debian's where that is possible (root, apt-get).
# It says what it did and never fails: where no browser can be had, the tests that need one say so themselves.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$name" >/dev/null 2>&1; then
    echo "browser: $(command -v "$name")"
    exit 0
  fi
done
if [ -n "${OPENSQT_CHROMIUM:-}" ] && [ -x "$OPENSQT_CHROMIUM" ]; then
  echo "browser: $OPENSQT_CHROMIUM (OPENSQT_CHROMIUM)"
  exit 0
fi
if [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]; then
  echo "browser: Google Chrome"
  exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "browser: none found, and it can only be installed by root with apt-get; install Chromium or set OPENSQT_CHROMIUM"
  exit 0
fi
echo "browser: none found, installing Debian's chromium"
log=$(mktemp)
if { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium; } >"$log" 2>&1; then
  echo "browser: $(command -v chromium)"
else
  echo "browser: apt-get could not install it:"
  tail -n 5 "$log"
fi
rm -f "$log"
exit 0
