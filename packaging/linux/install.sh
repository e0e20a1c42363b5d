#!/usr/bin/env bash
# Puts Reading Room in the current user's menu: desktop entry, icons, and a `readingroom` command.
#   install.sh [FOLDER OF THE BUILD]   default: dist/ReadingRoom of this checkout
#   install.sh --uninstall             takes them away again; the build and your data stay
# It installs nothing outside the home folder and needs no root.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
share=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$share/applications/readingroom.desktop
command=$HOME/.local/bin/readingroom

if [ "${1:-}" = --uninstall ]; then
  rm -f "$entry" "$share"/icons/hicolor/*/apps/readingroom.png "$share/icons/hicolor/scalable/apps/readingroom.svg"
  [ ! -L "$command" ] || rm -f "$command"
  echo "Reading Room is out of the menu. Your documents' index stays in $share/Reading Room."
  exit 0
fi

build=$(cd "${1:-$here/../../dist/ReadingRoom}" 2>/dev/null && pwd) || { echo "install.sh: no build there; make bundle writes one" >&2; exit 1; }
program=$build/ReadingRoom
[ -x "$program" ] || { echo "install.sh: no program at $program" >&2; exit 1; }

for icon in "$here"/icons/readingroom-*.png; do
  size=${icon##*-}; size=${size%.png}
  install -Dm644 "$icon" "$share/icons/hicolor/${size}x$size/apps/readingroom.png"
done
install -Dm644 "$here/../../resources/readingroom.svg" "$share/icons/hicolor/scalable/apps/readingroom.svg"

# The desktop entry's own quoting: in double quotes with \ ` $ " escaped, then each backslash doubled, and % doubled.
quoted=$(printf '%s' "$program" | sed -e 's/[\\`$"]/\\&/g' -e 's/\\/\\\\/g' -e 's/%/%%/g')
mkdir -p "$(dirname "$entry")" "$(dirname "$command")"
while IFS= read -r line; do
  printf '%s\n' "${line//@PROGRAM@/"\"$quoted\""}"
done <"$here/readingroom.desktop" >"$entry"
[ -e "$command" ] && [ ! -L "$command" ] || ln -sfn "$program" "$command"
command -v update-desktop-database >/dev/null && update-desktop-database -q "$(dirname "$entry")" || true
echo "Reading Room is in the menu, and on the command line as $command."
