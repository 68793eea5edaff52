#!/bin/sh
# momentd on the Node it was packed with, wherever the package's tree lies.
here=$(dirname -- "$(readlink -f -- "$0")")
exec "$here/../runtime/node" "$here/momentd.js" "$@"
