// Files made durable in one turn of a thread: what a write and an fdatasync, called from JavaScript, would wait for one by one.
#ifndef MOMENTD_DURABLE_FILES_H
#define MOMENTD_DURABLE_FILES_H

#include <napi.h>

namespace momentd {

void DefineDurableFiles(Napi::Env env, Napi::Object exports);

}  // namespace momentd

#endif
