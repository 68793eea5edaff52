// Many SHA-256 digests in one call: a lane hashes thousands of short pieces, and a call each from JavaScript costs more than
// the hash.
#ifndef MOMENTD_HASHING_H
#define MOMENTD_HASHING_H

#include <napi.h>

namespace momentd {

void DefineHashing(Napi::Env env, Napi::Object exports);

}  // namespace momentd

#endif
