#include "phc.h"

#include <fcntl.h>
#include <poll.h>

#include <cerrno>
#include <vector>

#include "clocks.h"
#include "phc-ioctl.h"
#include "question.h"

namespace momentd {

namespace {

// The kernel hands out at most 30 events a read (Linux 6.12, ptp_chardev.c).
constexpr size_t kEventsPerRead = 30;

using File = std::shared_ptr<DeviceFile>;

Failure FailureOf(int error, const char* syscall, const File& file) {
  return error == 0 ? Failure{} : Failure{error, syscall, file->path};
}

// Edges read in one go: three integers each (channel, device nanoseconds, flags), after the instant they were learned.
class EdgesTask : public Task {
 public:
  explicit EdgesTask(Failure failure) : failure_(std::move(failure)) {}
  explicit EdgesTask(std::vector<int64_t> values) : values_(std::move(values)) {}
  void Run() override {}
  void Settle(Napi::Env env, Napi::Function on_event) override {
    Napi::HandleScope scope(env);
    if (failure_) {
      on_event.Call({ToError(env, failure_).Value()});
    } else {
      on_event.Call({env.Null(), ToArray(env, values_.data(), values_.size())});
    }
  }

 private:
  Failure failure_;
  std::vector<int64_t> values_;
};

class ExttsSource : public EventSource {
 public:
  explicit ExttsSource(File file) : file_(std::move(file)) {}
  int PollFd() const override { return file_->fd.get(); }
  std::unique_ptr<Task> Next(bool* ended) override {
    PtpExttsEvent events[kEventsPerRead];
    const ssize_t size = read(file_->fd.get(), events, sizeof events);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return nullptr;
    if (size <= 0 || size % static_cast<ssize_t>(sizeof(PtpExttsEvent)) != 0) {
      *ended = true;
      return std::make_unique<EdgesTask>(Failure{size < 0 ? errno : EPROTO, "read", file_->path});
    }
    timespec learned;
    clock_gettime(CLOCK_MONOTONIC_RAW, &learned);
    std::vector<int64_t> values = {NanosOf(learned)};
    for (size_t i = 0; i < size / sizeof(PtpExttsEvent); i++) {
      values.push_back(events[i].index);
      values.push_back(events[i].time.seconds * 1000000000 + events[i].time.nanoseconds);
      values.push_back(events[i].flags);
    }
    return std::make_unique<EdgesTask>(std::move(values));
  }

 private:
  File file_;
};

uint32_t Unsigned(const Napi::CallbackInfo& info, size_t index) {
  return index < info.Length() && info[index].IsNumber() ? info[index].As<Napi::Number>().Uint32Value() : 0;
}

Napi::Value MeasurementToJs(Napi::Env env, const Measurement& m) {
  const int64_t values[] = {m.outer_before.raw_before, m.outer_before.realtime, m.outer_before.raw_after, m.before,
                            m.device,                  m.after,                 m.outer_after.raw_before,
                            m.outer_after.realtime,    m.outer_after.raw_after, m.samples,
                            m.backwards,               m.widest,                m.clock_id};
  return ToArray(env, values, sizeof values / sizeof values[0]);
}

}  // namespace

void PhcHandle::Define(Napi::Env env, Napi::Object exports) {
  exports.Set("PhcHandle", DefineClass(env, "PhcHandle",
                                       {
                                           InstanceMethod("open", &PhcHandle::Open),
                                           InstanceMethod("caps", &PhcHandle::Caps),
                                           InstanceMethod("pin", &PhcHandle::Pin),
                                           InstanceMethod("setPin", &PhcHandle::SetPinFunction),
                                           InstanceMethod("measure", &PhcHandle::Measure),
                                           InstanceMethod("extts", &PhcHandle::Extts),
                                           InstanceMethod("mask", &PhcHandle::Mask),
                                           InstanceMethod("enablePps", &PhcHandle::Pps),
                                           InstanceMethod("watch", &PhcHandle::Watch),
                                           InstanceMethod("dropped", &PhcHandle::Dropped),
                                           InstanceMethod("close", &PhcHandle::Close),
                                       }));
}

// new PhcHandle(path, writable, onEvent). Nothing is opened yet; only the thread exists.
PhcHandle::PhcHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PhcHandle>(info) {
  if (info.Length() < 3 || !info[0].IsString() || !info[1].IsBoolean() || !info[2].IsFunction()) {
    Napi::TypeError::New(info.Env(), "PhcHandle(path, writable, onEvent)").ThrowAsJavaScriptException();
    return;
  }
  file_ = std::make_shared<DeviceFile>();
  file_->path = info[0].As<Napi::String>().Utf8Value();
  file_->writable = info[1].As<Napi::Boolean>().Value();
  thread_ = DeviceThread::Start(info.Env(), info[2].As<Napi::Function>(), "momentd-phc",
                                 [file = file_] { file->fd.reset(); });
}

void PhcHandle::Finalize(Napi::BasicEnv) {
  if (thread_) thread_->RequestStop();
}

Napi::Value PhcHandle::Open(const Napi::CallbackInfo& info) {
  auto ask = [file = file_](int*) {
    // O_NONBLOCK keeps a read of edges from waiting when another thread's poll was wrong; the ioctls ignore it.
    file->fd.reset(open(file->path.c_str(), (file->writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK));
    return FailureOf(file->fd ? 0 : errno, "open", file);
  };
  return PutQuestion<int>(info.Env(), thread_.get(), "open", ask, Nothing);
}

Napi::Value PhcHandle::Caps(const Napi::CallbackInfo& info) {
  auto ask = [file = file_](PtpCaps* caps) {
    return FailureOf(GetCaps(file->fd.get(), caps), "ioctl PTP_CLOCK_GETCAPS", file);
  };
  auto answer = [](Napi::Env env, const PtpCaps& c) -> Napi::Value {
    Napi::Object out = Napi::Object::New(env);
    out.Set("maxAdjPpb", c.max_adj);
    out.Set("alarms", c.n_alarm);
    out.Set("externalTimestamps", c.n_ext_ts);
    out.Set("periodicOutputs", c.n_per_out);
    out.Set("pps", c.pps);
    out.Set("pins", c.n_pins);
    out.Set("crossTimestamping", c.cross_timestamping);
    return out;
  };
  return PutQuestion<PtpCaps>(info.Env(), thread_.get(), "ioctl PTP_CLOCK_GETCAPS", ask, answer);
}

Napi::Value PhcHandle::Pin(const Napi::CallbackInfo& info) {
  auto ask = [file = file_, index = Unsigned(info, 0)](PtpPin* pin) {
    return FailureOf(GetPin(file->fd.get(), index, pin), "ioctl PTP_PIN_GETFUNC", file);
  };
  auto answer = [](Napi::Env env, const PtpPin& pin) -> Napi::Value {
    Napi::Object out = Napi::Object::New(env);
    out.Set("name", Napi::String::New(env, pin.name));
    out.Set("index", pin.index);
    out.Set("function", pin.function);
    out.Set("channel", pin.channel);
    return out;
  };
  return PutQuestion<PtpPin>(info.Env(), thread_.get(), "ioctl PTP_PIN_GETFUNC", ask, answer);
}

Napi::Value PhcHandle::SetPinFunction(const Napi::CallbackInfo& info) {
  auto ask = [file = file_, index = Unsigned(info, 0), function = Unsigned(info, 1), channel = Unsigned(info, 2)](int*) {
    return FailureOf(SetPin(file->fd.get(), index, function, channel), "ioctl PTP_PIN_SETFUNC", file);
  };
  return PutQuestion<int>(info.Env(), thread_.get(), "ioctl PTP_PIN_SETFUNC", ask, Nothing);
}

// measure(method, samples, clockId) -> 13 integers, see native.d.ts.
Napi::Value PhcHandle::Measure(const Napi::CallbackInfo& info) {
  const auto method = static_cast<Method>(Unsigned(info, 0));
  const uint32_t samples = Unsigned(info, 1);
  const auto clock_id = static_cast<clockid_t>(Unsigned(info, 2));
  auto ask = [file = file_, method, samples, clock_id](Measurement* out) {
    const bool sane = samples >= 1 && samples <= kSamplesMax;
    const int error = sane ? momentd::Measure(file->fd.get(), method, samples, clock_id, out) : EINVAL;
    return FailureOf(error, NameOf(method), file);
  };
  return PutQuestion<Measurement>(info.Env(), thread_.get(), NameOf(method), ask, MeasurementToJs);
}

Napi::Value PhcHandle::Extts(const Napi::CallbackInfo& info) {
  auto ask = [file = file_, channel = Unsigned(info, 0), flags = Unsigned(info, 1)](int*) {
    return FailureOf(RequestExtts(file->fd.get(), channel, flags), "ioctl PTP_EXTTS_REQUEST", file);
  };
  return PutQuestion<int>(info.Env(), thread_.get(), "ioctl PTP_EXTTS_REQUEST", ask, Nothing);
}

Napi::Value PhcHandle::Mask(const Napi::CallbackInfo& info) {
  std::vector<uint32_t> channels;
  for (size_t i = 0; i < info.Length(); i++) channels.push_back(Unsigned(info, i));
  auto ask = [file = file_, channels](int*) {
    return FailureOf(MaskEvents(file->fd.get(), channels.data(), channels.size()), "ioctl PTP_MASK_EN_SINGLE", file);
  };
  return PutQuestion<int>(info.Env(), thread_.get(), "ioctl PTP_MASK_EN_SINGLE", ask, Nothing);
}

Napi::Value PhcHandle::Pps(const Napi::CallbackInfo& info) {
  auto ask = [file = file_, on = Unsigned(info, 0)](int*) {
    return FailureOf(EnablePps(file->fd.get(), static_cast<int>(on)), "ioctl PTP_ENABLE_PPS", file);
  };
  return PutQuestion<int>(info.Env(), thread_.get(), "ioctl PTP_ENABLE_PPS", ask, Nothing);
}

// watch(on): while on, edges reach onEvent(error | null, integers).
Napi::Value PhcHandle::Watch(const Napi::CallbackInfo& info) {
  auto ask = [file = file_, thread = thread_.get(), on = Unsigned(info, 0)](int*) {
    thread->Install(on != 0 ? std::make_unique<ExttsSource>(file) : nullptr);
    return Failure{};
  };
  return PutQuestion<int>(info.Env(), thread_.get(), "read", ask, Nothing);
}

Napi::Value PhcHandle::Dropped(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), thread_ ? static_cast<double>(thread_->dropped()) : 0);
}

Napi::Value PhcHandle::Close(const Napi::CallbackInfo& info) {
  return thread_ ? thread_->Stop(info.Env()) : info.Env().Undefined();
}

}  // namespace momentd
