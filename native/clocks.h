// The host's own clocks: clock_gettime and a read-only adjtimex.
#ifndef MOMENTD_CLOCKS_H
#define MOMENTD_CLOCKS_H

#include <napi.h>
#include <time.h>

#include <cstdint>

namespace momentd {

// Nanoseconds of a timespec. Holds until the year 2262, like every other signed 64-bit count of nanoseconds since 1970.
inline int64_t NanosOf(const timespec& t) { return static_cast<int64_t>(t.tv_sec) * 1000000000 + t.tv_nsec; }

// One environment's clocks. The fast calls write into `scratch_`, a BigInt64Array made once per environment: a BigInt
// return costs about 35 ns more than a store into an array that JavaScript already holds.
class Clocks {
 public:
  void Define(Napi::Env env, Napi::Object exports);

 private:
  static Napi::Value Gettime(const Napi::CallbackInfo& info);
  static Napi::Value ReadClock(const Napi::CallbackInfo& info);
  static Napi::Value ReadBracket(const Napi::CallbackInfo& info);
  static Napi::Value Adjtimex(const Napi::CallbackInfo& info);

  Napi::Reference<Napi::BigInt64Array> scratch_;
  int64_t* out_ = nullptr;
};

}  // namespace momentd

#endif
