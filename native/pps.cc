#include "pps.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <cerrno>

#include "phc-ioctl.h"
#include "question.h"

namespace momentd {

namespace {

struct PpsTime {
  int64_t seconds;
  int32_t nanoseconds;
  uint32_t flags;
};
struct PpsInfo {
  uint32_t assert_sequence, clear_sequence;
  PpsTime assert_time, clear_time;
  int32_t current_mode;
};
struct PpsFetchData {
  PpsInfo info;
  PpsTime timeout;
};
struct PpsParameters {
  int32_t api_version, mode;
  PpsTime assert_offset, clear_offset;
};
static_assert(sizeof(PpsTime) == 16 && sizeof(PpsInfo) == 48 && sizeof(PpsFetchData) == 64, "struct pps_fdata");

// The request numbers encode the size of a pointer, not of the structure (linux/pps.h).
constexpr unsigned long kPpsGetParams = _IOR('p', 0xa1, void*);
constexpr unsigned long kPpsGetCap = _IOR('p', 0xa3, void*);
constexpr unsigned long kPpsFetch = _IOWR('p', 0xa4, void*);
static_assert(sizeof(void*) != 8 || kPpsFetch == 0xc00870a4, "PPS_FETCH");

// How long one wait for a pulse may keep the thread: the longest a close has to wait.
constexpr int32_t kWaitNs = 200000000;
constexpr int32_t kModeCanWait = 0x100;

int Fetch(int fd, int32_t wait_ns, PpsInfo* out) {
  PpsFetchData data{};
  data.timeout.nanoseconds = wait_ns;  // 0/0 asks for what is there and returns at once
  if (ioctl(fd, kPpsFetch, &data) < 0) return errno;
  *out = data.info;
  return 0;
}

struct Pulse {
  PpsInfo info;
  HostBracket host;  // the host's clocks right after the fetch
};

class PulseTask : public Task {
 public:
  explicit PulseTask(Failure failure) : failure_(std::move(failure)) {}
  explicit PulseTask(const Pulse& pulse) : pulse_(pulse) {}
  void Run() override {}
  void Settle(Napi::Env env, Napi::Function on_event) override {
    Napi::HandleScope scope(env);
    if (failure_) {
      on_event.Call({ToError(env, failure_).Value()});
      return;
    }
    const PpsInfo& i = pulse_.info;
    const int64_t values[] = {i.assert_sequence,
                              i.assert_time.seconds * 1000000000 + i.assert_time.nanoseconds,
                              i.clear_sequence,
                              i.clear_time.seconds * 1000000000 + i.clear_time.nanoseconds,
                              pulse_.host.raw_before,
                              pulse_.host.realtime,
                              pulse_.host.raw_after};
    on_event.Call({env.Null(), ToArray(env, values, sizeof values / sizeof values[0])});
  }

 private:
  Failure failure_;
  Pulse pulse_{};
};

// Waits for the next pulse. A wait that times out is followed by a look at what is there: a pulse that fell between two
// waits would otherwise be seen only with the one after it.
class PulseSource : public EventSource {
 public:
  PulseSource(std::shared_ptr<DeviceFile> file, const PpsInfo& start) : file_(std::move(file)), last_(start) {}
  int PollFd() const override { return -1; }
  std::unique_ptr<Task> Next(bool* ended) override {
    Pulse pulse{};
    int error = Fetch(file_->fd.get(), kWaitNs, &pulse.info);
    if (error == ETIMEDOUT) error = Fetch(file_->fd.get(), 0, &pulse.info);
    if (error == EINTR) return nullptr;
    if (error == 0) error = ReadHostBracket(&pulse.host);
    if (error != 0) {
      *ended = true;
      return std::make_unique<PulseTask>(Failure{error, "ioctl PPS_FETCH", file_->path});
    }
    if (pulse.info.assert_sequence == last_.assert_sequence && pulse.info.clear_sequence == last_.clear_sequence) {
      return nullptr;
    }
    last_ = pulse.info;
    return std::make_unique<PulseTask>(pulse);
  }

 private:
  std::shared_ptr<DeviceFile> file_;
  PpsInfo last_;
};

struct PpsCaps {
  int32_t capabilities = 0, mode = 0;
};

}  // namespace

void PpsHandle::Define(Napi::Env env, Napi::Object exports) {
  exports.Set("PpsHandle", DefineClass(env, "PpsHandle",
                                       {
                                           InstanceMethod("open", &PpsHandle::Open),
                                           InstanceMethod("caps", &PpsHandle::Caps),
                                           InstanceMethod("watch", &PpsHandle::Watch),
                                           InstanceMethod("dropped", &PpsHandle::Dropped),
                                           InstanceMethod("close", &PpsHandle::Close),
                                       }));
}

// new PpsHandle(path, onEvent).
PpsHandle::PpsHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PpsHandle>(info) {
  if (info.Length() < 2 || !info[0].IsString() || !info[1].IsFunction()) {
    Napi::TypeError::New(info.Env(), "PpsHandle(path, onEvent)").ThrowAsJavaScriptException();
    return;
  }
  file_ = std::make_shared<DeviceFile>();
  file_->path = info[0].As<Napi::String>().Utf8Value();
  thread_ = DeviceThread::Start(info.Env(), info[1].As<Napi::Function>(), "momentd-pps",
                                 [file = file_] { file->fd.reset(); });
}

void PpsHandle::Finalize(Napi::BasicEnv) {
  if (thread_) thread_->RequestStop();
}

Napi::Value PpsHandle::Open(const Napi::CallbackInfo& info) {
  auto ask = [file = file_](int*) {
    file->fd.reset(open(file->path.c_str(), O_RDONLY | O_CLOEXEC));
    return file->fd ? Failure{} : Failure{errno, "open", file->path};
  };
  return PutQuestion<int>(info.Env(), thread_.get(), "open", ask, Nothing);
}

Napi::Value PpsHandle::Caps(const Napi::CallbackInfo& info) {
  auto ask = [file = file_](PpsCaps* out) {
    if (ioctl(file->fd.get(), kPpsGetCap, &out->capabilities) < 0) return Failure{errno, "ioctl PPS_GETCAP", file->path};
    PpsParameters parameters{};
    if (ioctl(file->fd.get(), kPpsGetParams, &parameters) < 0) return Failure{errno, "ioctl PPS_GETPARAMS", file->path};
    out->mode = parameters.mode;
    return Failure{};
  };
  auto answer = [](Napi::Env env, const PpsCaps& caps) -> Napi::Value {
    Napi::Object out = Napi::Object::New(env);
    out.Set("capabilities", caps.capabilities);
    out.Set("mode", caps.mode);
    return out;
  };
  return PutQuestion<PpsCaps>(info.Env(), thread_.get(), "ioctl PPS_GETCAP", ask, answer);
}

// watch(on): while on, pulses reach onEvent(error | null, integers). EOPNOTSUPP when the device cannot wait for a pulse.
Napi::Value PpsHandle::Watch(const Napi::CallbackInfo& info) {
  const bool on = info.Length() > 0 && info[0].IsNumber() && info[0].As<Napi::Number>().Int32Value() != 0;
  auto ask = [file = file_, thread = thread_.get(), on](int*) {
    if (!on) {
      thread->Install(nullptr);
      return Failure{};
    }
    int32_t capabilities = 0;
    if (ioctl(file->fd.get(), kPpsGetCap, &capabilities) < 0) return Failure{errno, "ioctl PPS_GETCAP", file->path};
    if ((capabilities & kModeCanWait) == 0) return Failure{EOPNOTSUPP, "ioctl PPS_FETCH", file->path};
    PpsInfo start{};
    const int error = Fetch(file->fd.get(), 0, &start);
    if (error != 0) return Failure{error, "ioctl PPS_FETCH", file->path};
    thread->Install(std::make_unique<PulseSource>(file, start));
    return Failure{};
  };
  return PutQuestion<int>(info.Env(), thread_.get(), "ioctl PPS_FETCH", ask, Nothing);
}

Napi::Value PpsHandle::Dropped(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), thread_ ? static_cast<double>(thread_->dropped()) : 0);
}

Napi::Value PpsHandle::Close(const Napi::CallbackInfo& info) {
  return thread_ ? thread_->Stop(info.Env()) : info.Env().Undefined();
}

}  // namespace momentd
