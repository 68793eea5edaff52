#include "unix-datagram.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "system-error.h"
#include "unique-fd.h"

namespace momentd {

namespace {

Napi::Value Fail(Napi::Env env, int error, const char* syscall, const std::string& path) {
  ToError(env, {error, syscall, path}).ThrowAsJavaScriptException();
  return env.Undefined();
}

// sendUnixDatagram(path, bytes): one datagram to the socket at `path`; a path that begins with a zero byte is an abstract
// name (unix(7)). Never waits: a full receiver answers EAGAIN.
Napi::Value SendUnixDatagram(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (info.Length() != 2 || !info[0].IsString() || !info[1].IsTypedArray())
    return Fail(env, EINVAL, "sendto", "");
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  const Napi::Uint8Array payload = info[1].As<Napi::Uint8Array>();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return Fail(env, ENAMETOOLONG, "sendto", path);
  std::memcpy(address.sun_path, path.data(), path.size());
  // An abstract name is as long as it is; a path in the file system ends with its zero byte.
  const bool abstract = path[0] == '\0';
  const socklen_t length =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  UniqueFd socket_fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_fd) return Fail(env, errno, "socket", path);
  const ssize_t sent = sendto(socket_fd.get(), payload.Data(), payload.ByteLength(), MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&address), length);
  if (sent < 0) return Fail(env, errno, "sendto", path);
  return env.Undefined();
}

}  // namespace

void DefineUnixDatagram(Napi::Env env, Napi::Object exports) {
  exports.Set("sendUnixDatagram", Napi::Function::New(env, SendUnixDatagram, "sendUnixDatagram"));
}

}  // namespace momentd
