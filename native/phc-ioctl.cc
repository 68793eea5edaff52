#include "phc-ioctl.h"

#include <cerrno>
#include <climits>
#include <cstring>

#include "clocks.h"

namespace momentd {

namespace {

constexpr int kInterruptionsMax = 16;

int64_t NanosOf(const PtpTime& t) { return t.seconds * 1000000000 + t.nanoseconds; }

int Ioctl(int fd, unsigned long request, void* argument) {
  for (int i = 0; i < kInterruptionsMax; i++) {
    if (ioctl(fd, request, argument) >= 0) return 0;
    if (errno != EINTR) return errno;
  }
  return EINTR;
}

int IoctlValue(int fd, unsigned long request, unsigned long value) {
  return Ioctl(fd, request, reinterpret_cast<void*>(value));
}

int Gettime(clockid_t clock, int64_t* out) {
  timespec t;
  if (clock_gettime(clock, &t) != 0) return errno;
  *out = momentd::NanosOf(t);
  return 0;
}

// Keeps the narrowest bracket, the first of equals.
class Narrowest {
 public:
  explicit Narrowest(Measurement* out) : out_(out) {
    out_->samples = out_->backwards = out_->widest = 0;
    out_->before = out_->device = out_->after = 0;
  }
  void Add(int64_t before, int64_t device, int64_t after) {
    out_->samples++;
    const int64_t width = after - before;
    if (width < 0) {
      out_->backwards++;
      return;
    }
    if (width > out_->widest) out_->widest = width;
    if (width >= width_) return;
    width_ = width;
    out_->before = before;
    out_->device = device;
    out_->after = after;
  }

 private:
  Measurement* out_;
  int64_t width_ = INT64_MAX;
};

int MeasurePrecise(int fd, Narrowest* narrowest) {
  PtpSysOffsetPrecise x{};
  const int error = Ioctl(fd, kSysOffsetPrecise, &x);
  if (error == 0) narrowest->Add(NanosOf(x.monotonic_raw), NanosOf(x.device), NanosOf(x.monotonic_raw));
  return error;
}

int MeasureExtended(int fd, uint32_t samples, clockid_t clock_id, Narrowest* narrowest) {
  PtpSysOffsetExtended x{};
  x.n_samples = samples;
  x.clock_id = clock_id;
  const int error = Ioctl(fd, kSysOffsetExtended, &x);
  if (error != 0) return error;
  for (uint32_t i = 0; i < samples; i++) narrowest->Add(NanosOf(x.ts[i][0]), NanosOf(x.ts[i][1]), NanosOf(x.ts[i][2]));
  return 0;
}

int MeasureBasic(int fd, uint32_t samples, Narrowest* narrowest) {
  PtpSysOffset x{};
  x.n_samples = samples;
  const int error = Ioctl(fd, kSysOffset, &x);
  if (error != 0) return error;
  for (uint32_t i = 0; i < samples; i++) {
    narrowest->Add(NanosOf(x.ts[2 * i]), NanosOf(x.ts[2 * i + 1]), NanosOf(x.ts[2 * i + 2]));
  }
  return 0;
}

int MeasureGettime(int fd, uint32_t samples, Narrowest* narrowest) {
  for (uint32_t i = 0; i < samples; i++) {
    int64_t before = 0, device = 0, after = 0;
    int error = Gettime(CLOCK_MONOTONIC_RAW, &before);
    if (error == 0) error = Gettime(DynamicClock(fd), &device);
    if (error == 0) error = Gettime(CLOCK_MONOTONIC_RAW, &after);
    if (error != 0) return error;
    narrowest->Add(before, device, after);
  }
  return 0;
}

}  // namespace

int ReadHostBracket(HostBracket* out) {
  int error = Gettime(CLOCK_MONOTONIC_RAW, &out->raw_before);
  if (error == 0) error = Gettime(CLOCK_REALTIME, &out->realtime);
  if (error == 0) error = Gettime(CLOCK_MONOTONIC_RAW, &out->raw_after);
  return error;
}

int GetCaps(int fd, PtpCaps* out) {
  *out = PtpCaps{};
  const int error = Ioctl(fd, kGetCaps2, out);
  // The second edition came with Linux 5.4; an unknown request is ENOTTY.
  return error == ENOTTY ? Ioctl(fd, kGetCaps, out) : error;
}

int GetPin(int fd, uint32_t index, PtpPin* out) {
  *out = PtpPin{};
  out->index = index;
  const int error = Ioctl(fd, kPinGetFunc, out);
  out->name[sizeof out->name - 1] = '\0';
  return error;
}

int SetPin(int fd, uint32_t index, uint32_t function, uint32_t channel) {
  PtpPin pin{};
  pin.index = index;
  pin.function = function;
  pin.channel = channel;
  return Ioctl(fd, kPinSetFunc, &pin);
}

int RequestExtts(int fd, uint32_t index, uint32_t flags) {
  PtpExttsRequest request{};
  request.index = index;
  request.flags = flags;
  const int error = Ioctl(fd, kExttsRequest2, &request);
  return error == ENOTTY ? Ioctl(fd, kExttsRequest, &request) : error;
}

int EnablePps(int fd, int on) { return IoctlValue(fd, kEnablePps, static_cast<unsigned long>(on)); }

int MaskEvents(int fd, const uint32_t* channels, size_t count) {
  int error = Ioctl(fd, kMaskClearAll, nullptr);
  for (size_t i = 0; error == 0 && i < count; i++) {
    unsigned int channel = channels[i];
    error = Ioctl(fd, kMaskEnableSingle, &channel);
  }
  return error;
}

int Measure(int fd, Method method, uint32_t samples, clockid_t clock_id, Measurement* out) {
  Narrowest narrowest(out);
  int error = ReadHostBracket(&out->outer_before);
  if (error != 0) return error;
  switch (method) {
    case Method::kPrecise:
      error = MeasurePrecise(fd, &narrowest);
      out->clock_id = CLOCK_MONOTONIC_RAW;
      break;
    case Method::kExtended:
      error = MeasureExtended(fd, samples, clock_id, &narrowest);
      out->clock_id = clock_id;
      break;
    case Method::kBasic:
      error = MeasureBasic(fd, samples, &narrowest);
      out->clock_id = CLOCK_REALTIME;
      break;
    case Method::kGettime:
      error = MeasureGettime(fd, samples, &narrowest);
      out->clock_id = CLOCK_MONOTONIC_RAW;
      break;
  }
  if (error != 0) return error;
  return ReadHostBracket(&out->outer_after);
}

const char* NameOf(Method method) {
  switch (method) {
    case Method::kPrecise:
      return "ioctl PTP_SYS_OFFSET_PRECISE";
    case Method::kExtended:
      return "ioctl PTP_SYS_OFFSET_EXTENDED";
    case Method::kBasic:
      return "ioctl PTP_SYS_OFFSET";
    case Method::kGettime:
      return "clock_gettime";
  }
  return "ioctl";
}

}  // namespace momentd
