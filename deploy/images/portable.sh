#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# portable DIRECTORY PROGRAM…: puts programs with the libraries that they load into DIRECTORY, so that they run on any other Linux.
set -e
target=$1
shift
mkdir -p "$target/bin" "$target/portable"
for name in "$@"; do
  program=$(command -v "$name")
  libraries=$(ldd "$program" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p')
  loader=$(ldd "$program" | sed -n 's/^[[:space:]]*\(\/[^ ]*ld-linux[^ ]*\).*/\1/p')
  cp -L "$program" $libraries "$loader" "$target/portable/"
  cat >"$target/bin/$name" <<END
#!/bin/sh
lib=\${0%/*}/../portable
exec "\$lib/${loader##*/}" --library-path "\$lib" --argv0 $name "\$lib/$name" "\$@"
END
  chmod 755 "$target/bin/$name"
done
