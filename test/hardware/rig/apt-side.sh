#!/bin/bash
# Downloads Debian packages of another suite without touching this machine's apt: a second apt root beside it.
#   apt-side.sh DIR SUITE PACKAGE[=VERSION]...      files land in DIR/debs
set -eu
D=$1 SUITE=$2
shift 2
URI=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -1)
[ -n "$URI" ] || URI=$(awk '$1=="deb"{for(i=2;i<=NF;i++)if($i~/^http/){print $i;exit}}' /etc/apt/sources.list)
mkdir -p "$D"/lists/partial "$D"/cache/archives/partial "$D"/debs
: > "$D/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $URI $SUITE main" > "$D/sources.list"
cat > "$D/apt.conf" <<C
Dir::Etc::sourcelist "$D/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$D/lists";
Dir::State::status "$D/status";
Dir::Cache "$D/cache";
Acquire::Languages "none";
APT::Sandbox::User "root";
C
export APT_CONFIG=$D/apt.conf
apt-get update -qq
cd "$D/debs" && apt-get download -qq "$@"
