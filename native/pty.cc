#include "pty.h"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>

#include <cerrno>

#include "system-error.h"
#include "unique-fd.h"

namespace momentd {

namespace {

Napi::Value Fail(Napi::Env env, const char* syscall) {
  ToError(env, {errno, syscall, "/dev/ptmx"}).ThrowAsJavaScriptException();
  return env.Undefined();
}

// openpty() -> { masterFd, slaveFd, slavePath }, raw (no echo, no line editing), close-on-exec. The caller owns both
// descriptors. Holding the slave open keeps the master from reading EIO before the other side has opened its end.
Napi::Value OpenPty(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  UniqueFd master(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!master) return Fail(env, "posix_openpt");
  if (grantpt(master.get()) != 0) return Fail(env, "grantpt");
  if (unlockpt(master.get()) != 0) return Fail(env, "unlockpt");
  char path[128];
  const int named = ptsname_r(master.get(), path, sizeof path);
  if (named != 0) {
    errno = named;
    return Fail(env, "ptsname_r");
  }
  UniqueFd slave(open(path, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!slave) return Fail(env, "open");
  termios attributes;
  if (tcgetattr(slave.get(), &attributes) != 0) return Fail(env, "tcgetattr");
  cfmakeraw(&attributes);
  if (tcsetattr(slave.get(), TCSANOW, &attributes) != 0) return Fail(env, "tcsetattr");

  Napi::Object out = Napi::Object::New(env);
  out.Set("masterFd", master.release());
  out.Set("slaveFd", slave.release());
  out.Set("slavePath", std::string(path));
  return out;
}

}  // namespace

void DefinePty(Napi::Env env, Napi::Object exports) {
  exports.Set("openpty", Napi::Function::New(env, OpenPty, "openpty"));
}

}  // namespace momentd
