// Pseudo terminals, so that a simulated receiver can stand behind a real serial port.
#ifndef MOMENTD_PTY_H
#define MOMENTD_PTY_H

#include <napi.h>

namespace momentd {

void DefinePty(Napi::Env env, Napi::Object exports);

}  // namespace momentd

#endif
