#include "device-thread.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>

namespace momentd {

namespace {

// What travels to JavaScript: the finished task and whether it counts as an event.
struct Parcel {
  std::unique_ptr<Task> task;
  bool is_event;
};

using Self = std::shared_ptr<DeviceThread>;

}  // namespace

std::shared_ptr<DeviceThread> DeviceThread::Start(Napi::Env env, Napi::Function on_event, const char* name,
                                                  std::function<void()> at_end) {
  auto self = std::make_shared<DeviceThread>();
  self->at_end_ = std::move(at_end);
  self->wake_.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!self->wake_) {
    ToError(env, {errno, "eventfd", ""}).ThrowAsJavaScriptException();
    return nullptr;
  }
  auto* held_by_js = new Self(self);
  if (napi_create_threadsafe_function(env, on_event, nullptr, Napi::String::New(env, name), 0, 1, held_by_js, Finalize,
                                      self.get(), CallJs, &self->to_js_) != napi_ok) {
    delete held_by_js;
    Napi::Error::New(env, "no thread-safe function for a device").ThrowAsJavaScriptException();
    return nullptr;
  }
  auto* held_by_thread = new Self(self);
  const int error = pthread_create(&self->thread_, nullptr, Main, held_by_thread);
  if (error != 0) {
    delete held_by_thread;
    napi_release_threadsafe_function(self->to_js_, napi_tsfn_abort);
    ToError(env, {error, "pthread_create", ""}).ThrowAsJavaScriptException();
    return nullptr;
  }
  self->joined_ = false;
  pthread_setname_np(self->thread_, name);
  // Registered after the thread-safe function, so it runs before that one's own clean-up.
  napi_add_env_cleanup_hook(env, OnEnvTeardown, self.get());
  return self;
}

DeviceThread::~DeviceThread() = default;

bool DeviceThread::Post(std::unique_ptr<Task> task) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_.load() || tasks_.size() >= kTasksMax) return false;
    tasks_.push_back(std::move(task));
  }
  eventfd_write(wake_.get(), 1);
  return true;
}

void DeviceThread::RequestStop() {
  stopping_.store(true);
  if (wake_) eventfd_write(wake_.get(), 1);
}

Napi::Value DeviceThread::Stop(Napi::Env env) {
  auto promised = Napi::Promise::Deferred::New(env);
  Napi::Value promise = promised.Promise();
  if (joined_) {
    promised.Resolve(env.Undefined());
  } else {
    waiting_.push_back(promised);
    RequestStop();
  }
  return promise;
}

void* DeviceThread::Main(void* data) {
  std::unique_ptr<Self> self(static_cast<Self*>(data));
  (*self)->Loop();
  return nullptr;
}

void DeviceThread::Loop() {
  while (!stopping_.load()) {
    while (RunOneTask()) {
    }
    if (stopping_.load()) break;
    if (source_ && source_->PollFd() < 0) {
      AskSource();
    } else {
      Wait();
    }
  }
  // Questions that were accepted are answered, so that no promise of an open handle stays pending.
  while (RunOneTask()) {
  }
  source_.reset();
  at_end_();
  napi_release_threadsafe_function(to_js_, napi_tsfn_release);
}

void DeviceThread::Wait() {
  pollfd fds[2] = {{wake_.get(), POLLIN, 0}, {source_ ? source_->PollFd() : -1, POLLIN, 0}};
  if (poll(fds, source_ ? 2 : 1, -1) < 0) return;  // EINTR: look again
  if (fds[0].revents != 0) {
    eventfd_t ignored;
    eventfd_read(wake_.get(), &ignored);
  }
  if (source_ && fds[1].revents != 0) AskSource();
}

bool DeviceThread::RunOneTask() {
  std::unique_ptr<Task> task;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (tasks_.empty()) return false;
    task = std::move(tasks_.front());
    tasks_.pop_front();
  }
  task->Run();
  Deliver(std::move(task), false);
  return true;
}

void DeviceThread::AskSource() {
  bool ended = false;
  std::unique_ptr<Task> event = source_->Next(&ended);
  if (ended) source_.reset();
  if (!event) return;
  if (in_flight_.load() >= kEventsInFlightMax) {
    dropped_.fetch_add(1);
    return;
  }
  Deliver(std::move(event), true);
}

void DeviceThread::Deliver(std::unique_ptr<Task> task, bool is_event) {
  auto* parcel = new Parcel{std::move(task), is_event};
  if (is_event) in_flight_.fetch_add(1);
  if (napi_call_threadsafe_function(to_js_, parcel, napi_tsfn_nonblocking) != napi_ok) {
    if (is_event) in_flight_.fetch_sub(1);
    delete parcel;
  }
}

void DeviceThread::CallJs(napi_env env, napi_value on_event, void* context, void* data) {
  std::unique_ptr<Parcel> parcel(static_cast<Parcel*>(data));
  if (env == nullptr) return;  // the environment is going away: nobody is left to tell
  if (parcel->is_event) static_cast<DeviceThread*>(context)->in_flight_.fetch_sub(1);
  parcel->task->Settle(Napi::Env(env), Napi::Function(env, on_event));
}

// The thread has let go of the function, so it is at its end: join it and keep the promise.
void DeviceThread::Finalize(napi_env env, void* data, void* context) {
  std::unique_ptr<Self> self(static_cast<Self*>(data));
  DeviceThread& thread = **self;
  if (thread.torn_down_ || thread.joined_) return;
  thread.Join();
  // Given back now and not with the garbage: a source that reopens its device every second must not pile them up.
  thread.wake_.reset();
  napi_remove_env_cleanup_hook(env, OnEnvTeardown, &thread);
  Napi::HandleScope scope(env);
  for (Napi::Promise::Deferred& promised : thread.waiting_) promised.Resolve(Napi::Env(env).Undefined());
  thread.waiting_.clear();
}

void DeviceThread::OnEnvTeardown(void* data) {
  auto* self = static_cast<DeviceThread*>(data);
  self->torn_down_ = true;
  self->RequestStop();
  self->Join();
}

void DeviceThread::Join() {
  if (joined_) return;
  joined_ = true;
  pthread_join(thread_, nullptr);
}

}  // namespace momentd
