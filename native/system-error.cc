#include "system-error.h"

#include <cerrno>
#include <cstring>

namespace momentd {

std::string ErrnoName(int error) {
  switch (error) {
#define NAME(symbol) \
  case symbol:       \
    return #symbol
    NAME(EPERM);
    NAME(ENOENT);
    NAME(EINTR);
    NAME(EIO);
    NAME(ENXIO);
    NAME(EBADF);
    NAME(EAGAIN);
    NAME(ENOMEM);
    NAME(EACCES);
    NAME(EFAULT);
    NAME(EBUSY);
    NAME(EEXIST);
    NAME(ENODEV);
    NAME(ENOTDIR);
    NAME(EISDIR);
    NAME(EINVAL);
    NAME(ENFILE);
    NAME(EMFILE);
    NAME(ENOTTY);
    NAME(ENOSPC);
    NAME(EROFS);
    NAME(EPIPE);
    NAME(ERANGE);
    NAME(ENAMETOOLONG);
    NAME(ENOSYS);
    NAME(ELOOP);
    NAME(ETIME);
    NAME(EPROTO);
    NAME(EOVERFLOW);
    NAME(EOPNOTSUPP);
    NAME(ETIMEDOUT);
    NAME(EALREADY);
    NAME(ECANCELED);
#undef NAME
    default:
      return "E" + std::to_string(error);
  }
}

Napi::Error ToError(Napi::Env env, const Failure& failure) {
  char text[128];
  // The GNU strerror_r: may return a static string instead of filling `text`; thread-safe either way.
  const char* said = strerror_r(failure.error, text, sizeof text);
  const std::string code = ErrnoName(failure.error);
  std::string message = code + ": " + said + ", " + failure.syscall;
  if (!failure.path.empty()) message += " '" + failure.path + "'";
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  error.Set("errno", Napi::Number::New(env, failure.error));
  error.Set("syscall", Napi::String::New(env, failure.syscall));
  if (!failure.path.empty()) error.Set("path", Napi::String::New(env, failure.path));
  return error;
}

}  // namespace momentd
