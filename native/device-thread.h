// A device's own thread: every call that may block in a driver happens there, never on JavaScript's thread.
//
// Two ways in. A Task is one question: it runs on the device's thread and settles on JavaScript's. An EventSource is asked
// again and again while it is installed (edges, pulses) and yields finished Tasks. Both ways out go through one
// thread-safe function without blocking; what JavaScript is too slow to take is dropped and counted.
//
// Lifetime: the thread holds itself alive until it has ended. `Stop` may be called any number of times, from JavaScript's
// thread; an environment that is torn down (a worker that is terminated) stops and joins it first.
//
// BUG: a driver that never returns from a call (not seen with any, but possible) also keeps the end of the process waiting,
// because the thread in it cannot be joined. The service manager's stop timeout is the remedy.
#ifndef MOMENTD_DEVICE_THREAD_H
#define MOMENTD_DEVICE_THREAD_H

#include <napi.h>
#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "system-error.h"
#include "unique-fd.h"

namespace momentd {

class Task {
 public:
  virtual ~Task() = default;
  // On the device's thread. Must return in bounded time, apart from what the driver itself takes.
  virtual void Run() = 0;
  // On JavaScript's thread; `on_event` is the function the handle was made with. Not called when the environment is gone.
  virtual void Settle(Napi::Env env, Napi::Function on_event) = 0;
};

class EventSource {
 public:
  virtual ~EventSource() = default;
  // A descriptor to wait on, or -1 when `Next` itself waits, for at most 200 ms.
  virtual int PollFd() const = 0;
  // A finished task to settle, or null when nothing happened. Sets `ended` when there will be nothing more.
  virtual std::unique_ptr<Task> Next(bool* ended) = 0;
};

class DeviceThread {
 public:
  // Null with a pending JavaScript error when no thread could be had. `at_end` is the last thing that runs on the thread:
  // it closes the device, so that a driver sees it closed when `Stop` has settled and not when the garbage is collected.
  static std::shared_ptr<DeviceThread> Start(Napi::Env env, Napi::Function on_event, const char* name,
                                             std::function<void()> at_end);
  ~DeviceThread();

  // False when the queue is full or the thread is stopping; the task is then destroyed unrun.
  bool Post(std::unique_ptr<Task> task);
  // On the device's thread only (from a Task): what to ask when there is no task. Null asks for nothing.
  void Install(std::unique_ptr<EventSource> source) { source_ = std::move(source); }
  // Asks the thread to end; the promise settles when it has.
  Napi::Value Stop(Napi::Env env);
  void RequestStop();
  // Events lost because JavaScript did not take them in time.
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t kTasksMax = 16;
  static constexpr uint32_t kEventsInFlightMax = 256;

  static void* Main(void* self);
  static void CallJs(napi_env env, napi_value on_event, void* context, void* data);
  static void Finalize(napi_env env, void* data, void* context);
  static void OnEnvTeardown(void* self);

  void Loop();
  void Wait();
  bool RunOneTask();
  void AskSource();
  void Deliver(std::unique_ptr<Task> task, bool is_event);
  void Join();

  UniqueFd wake_;
  pthread_t thread_{};
  bool joined_ = true;  // until the thread exists
  bool torn_down_ = false;
  napi_threadsafe_function to_js_ = nullptr;
  std::function<void()> at_end_;
  std::unique_ptr<EventSource> source_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint32_t> in_flight_{0};
  std::atomic<uint64_t> dropped_{0};
  std::mutex mutex_;
  std::deque<std::unique_ptr<Task>> tasks_;
  std::vector<Napi::Promise::Deferred> waiting_;  // for the thread's end; JavaScript's thread only
};

}  // namespace momentd

#endif
