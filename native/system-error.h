// How a failed system call reaches JavaScript: an Error with code ("EIO"), errno (positive), syscall and path.
#ifndef MOMENTD_SYSTEM_ERROR_H
#define MOMENTD_SYSTEM_ERROR_H

#include <napi.h>

#include <string>

namespace momentd {

// What failed, kept as plain values so that a device's own thread can carry it to JavaScript's.
struct Failure {
  int error = 0;  // errno; 0 means nothing failed
  const char* syscall = "";
  std::string path;

  explicit operator bool() const { return error != 0; }
};

// The symbolic name of an errno ("ENODEV"), or "E<number>" for one that no clock call returns.
std::string ErrnoName(int error);

Napi::Error ToError(Napi::Env env, const Failure& failure);

}  // namespace momentd

#endif
