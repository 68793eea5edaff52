// Unix datagrams, which Node's dgram does not have: what the service manager listens for.
#ifndef MOMENTD_UNIX_DATAGRAM_H
#define MOMENTD_UNIX_DATAGRAM_H

#include <napi.h>

namespace momentd {

void DefineUnixDatagram(Napi::Env env, Napi::Object exports);

}  // namespace momentd

#endif
