// One open pulse-per-second device (RFC 2783, /dev/ppsN), for JavaScript.
#ifndef MOMENTD_PPS_H
#define MOMENTD_PPS_H

#include <napi.h>

#include <memory>

#include "phc.h"

namespace momentd {

class PpsHandle : public Napi::ObjectWrap<PpsHandle> {
 public:
  static void Define(Napi::Env env, Napi::Object exports);
  explicit PpsHandle(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override;

 private:
  Napi::Value Open(const Napi::CallbackInfo& info);
  Napi::Value Caps(const Napi::CallbackInfo& info);
  Napi::Value Watch(const Napi::CallbackInfo& info);
  Napi::Value Dropped(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  std::shared_ptr<DeviceFile> file_;
  std::shared_ptr<DeviceThread> thread_;
};

}  // namespace momentd

#endif
