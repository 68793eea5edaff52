// A question to a device as a Task: `ask` on the device's thread, `answer` on JavaScript's, a promise between the two.
#ifndef MOMENTD_QUESTION_H
#define MOMENTD_QUESTION_H

#include <cerrno>
#include <functional>
#include <utility>

#include "device-thread.h"

namespace momentd {

template <typename Result>
class Question : public Task {
 public:
  using Ask = std::function<Failure(Result*)>;
  using Answer = std::function<Napi::Value(Napi::Env, const Result&)>;

  Question(Napi::Promise::Deferred promised, Ask ask, Answer answer)
      : promised_(promised), ask_(std::move(ask)), answer_(std::move(answer)) {}

  void Run() override { failure_ = ask_(&result_); }

  void Settle(Napi::Env env, Napi::Function) override {
    Napi::HandleScope scope(env);
    if (failure_) {
      promised_.Reject(ToError(env, failure_).Value());
    } else {
      promised_.Resolve(answer_(env, result_));
    }
  }

 private:
  Napi::Promise::Deferred promised_;
  Ask ask_;
  Answer answer_;
  Failure failure_;
  Result result_{};
};

// Puts the question; the promise is rejected with EAGAIN when the queue is full or the device is being closed.
template <typename Result>
Napi::Value PutQuestion(Napi::Env env, DeviceThread* thread, const char* what, typename Question<Result>::Ask ask,
                        typename Question<Result>::Answer answer) {
  auto promised = Napi::Promise::Deferred::New(env);
  auto question = std::make_unique<Question<Result>>(promised, std::move(ask), std::move(answer));
  if (thread == nullptr || !thread->Post(std::move(question))) {
    promised.Reject(ToError(env, {EAGAIN, what, ""}).Value());
  }
  return promised.Promise();
}

inline Napi::Value Nothing(Napi::Env env, const int&) { return env.Undefined(); }

inline Napi::BigInt64Array ToArray(Napi::Env env, const int64_t* values, size_t count) {
  Napi::BigInt64Array out = Napi::BigInt64Array::New(env, count);
  for (size_t i = 0; i < count; i++) out.Data()[i] = values[i];
  return out;
}

}  // namespace momentd

#endif
