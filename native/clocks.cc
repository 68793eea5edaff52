#include "clocks.h"

#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>

#include "system-error.h"

namespace momentd {

namespace {

constexpr size_t kScratchSlots = 4;

Clocks* Self(const Napi::CallbackInfo& info) { return static_cast<Clocks*>(info.Data()); }

// The clock number argument, or a pending TypeError and false.
bool ClockId(const Napi::CallbackInfo& info, clockid_t* clock) {
  if (info.Length() < 1 || !info[0].IsNumber()) {
    Napi::TypeError::New(info.Env(), "a clock is named by its number").ThrowAsJavaScriptException();
    return false;
  }
  *clock = info[0].As<Napi::Number>().Int32Value();
  return true;
}

}  // namespace

void Clocks::Define(Napi::Env env, Napi::Object exports) {
  Napi::BigInt64Array scratch = Napi::BigInt64Array::New(env, kScratchSlots);
  scratch_ = Napi::Persistent(scratch);
  out_ = scratch.Data();
  exports.Set("scratch", scratch);
  exports.Set("clockGettime", Napi::Function::New(env, Gettime, "clockGettime", this));
  exports.Set("readClock", Napi::Function::New(env, ReadClock, "readClock", this));
  exports.Set("readBracket", Napi::Function::New(env, ReadBracket, "readBracket", this));
  exports.Set("adjtimex", Napi::Function::New(env, Adjtimex, "adjtimex", this));
}

// clockGettime(clock) -> bigint; throws what clock_gettime answered.
Napi::Value Clocks::Gettime(const Napi::CallbackInfo& info) {
  clockid_t clock;
  if (!ClockId(info, &clock)) return info.Env().Undefined();
  timespec t;
  if (clock_gettime(clock, &t) != 0) {
    ToError(info.Env(), {errno, "clock_gettime", ""}).ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  return Napi::BigInt::New(info.Env(), NanosOf(t));
}

// readClock(clock) -> 0 or errno; the reading is in scratch[0].
Napi::Value Clocks::ReadClock(const Napi::CallbackInfo& info) {
  clockid_t clock;
  if (!ClockId(info, &clock)) return info.Env().Undefined();
  timespec t;
  if (clock_gettime(clock, &t) != 0) return Napi::Number::New(info.Env(), errno);
  Self(info)->out_[0] = NanosOf(t);
  return Napi::Number::New(info.Env(), 0);
}

// readBracket(clock) -> 0 or errno; scratch[0..2] = CLOCK_MONOTONIC_RAW before, the clock, CLOCK_MONOTONIC_RAW after.
Napi::Value Clocks::ReadBracket(const Napi::CallbackInfo& info) {
  clockid_t clock;
  if (!ClockId(info, &clock)) return info.Env().Undefined();
  timespec before, reading, after;
  if (clock_gettime(CLOCK_MONOTONIC_RAW, &before) != 0 || clock_gettime(clock, &reading) != 0 ||
      clock_gettime(CLOCK_MONOTONIC_RAW, &after) != 0) {
    return Napi::Number::New(info.Env(), errno);
  }
  int64_t* out = Self(info)->out_;
  out[0] = NanosOf(before);
  out[1] = NanosOf(reading);
  out[2] = NanosOf(after);
  return Napi::Number::New(info.Env(), 0);
}

// adjtimex() -> the kernel's clock discipline as the kernel states it, in the kernel's units. `modes` is 0: nothing is set.
Napi::Value Clocks::Adjtimex(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  timex t{};
  // The call itself: glibc would make it clock_adjtime, which the service's filter refuses because it also moves PTP clocks.
  const int state = static_cast<int>(::syscall(SYS_adjtimex, &t));
  if (state < 0) {
    ToError(env, {errno, "adjtimex", ""}).ThrowAsJavaScriptException();
    return env.Undefined();
  }
  Napi::Object out = Napi::Object::New(env);
  out.Set("state", state);
  out.Set("status", t.status);
  out.Set("offset", Napi::BigInt::New(env, static_cast<int64_t>(t.offset)));
  out.Set("freq", Napi::BigInt::New(env, static_cast<int64_t>(t.freq)));
  out.Set("maxerrorUs", Napi::BigInt::New(env, static_cast<int64_t>(t.maxerror)));
  out.Set("esterrorUs", Napi::BigInt::New(env, static_cast<int64_t>(t.esterror)));
  out.Set("tick", Napi::BigInt::New(env, static_cast<int64_t>(t.tick)));
  out.Set("tai", t.tai);
  return out;
}

}  // namespace momentd
