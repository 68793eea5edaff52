// One open PTP hardware clock, for JavaScript: questions and edges, all on the device's own thread.
#ifndef MOMENTD_PHC_H
#define MOMENTD_PHC_H

#include <napi.h>

#include <memory>

#include "device-thread.h"
#include "unique-fd.h"

namespace momentd {

// The descriptor and the name it was opened by; touched only on the device's thread.
struct DeviceFile {
  UniqueFd fd;
  std::string path;
  bool writable = false;
};

class PhcHandle : public Napi::ObjectWrap<PhcHandle> {
 public:
  static void Define(Napi::Env env, Napi::Object exports);
  explicit PhcHandle(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override;

 private:
  Napi::Value Open(const Napi::CallbackInfo& info);
  Napi::Value Caps(const Napi::CallbackInfo& info);
  Napi::Value Pin(const Napi::CallbackInfo& info);
  Napi::Value SetPinFunction(const Napi::CallbackInfo& info);
  Napi::Value Measure(const Napi::CallbackInfo& info);
  Napi::Value Extts(const Napi::CallbackInfo& info);
  Napi::Value Mask(const Napi::CallbackInfo& info);
  Napi::Value Pps(const Napi::CallbackInfo& info);
  Napi::Value Watch(const Napi::CallbackInfo& info);
  Napi::Value Dropped(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  std::shared_ptr<DeviceFile> file_;
  std::shared_ptr<DeviceThread> thread_;
};

}  // namespace momentd

#endif
