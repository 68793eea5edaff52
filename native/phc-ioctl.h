// The kernel's PTP clock interface as plain functions on a descriptor: raw integers out, errno on failure, no policy.
//
// The structures are declared here and not taken from <linux/ptp_clock.h>, because the build machine's header may be older
// than the running kernel (the clock id of the extended offset came with Linux 6.12). Sizes and numbers are asserted.
#ifndef MOMENTD_PHC_IOCTL_H
#define MOMENTD_PHC_IOCTL_H

#include <sys/ioctl.h>
#include <time.h>

#include <cstdint>
#include <string>

#include "system-error.h"

namespace momentd {

// The kernel stops at 25 samples a call.
constexpr uint32_t kSamplesMax = 25;

struct PtpTime {
  int64_t seconds;  // carries the sign of the whole
  uint32_t nanoseconds;
  uint32_t reserved;
};
static_assert(sizeof(PtpTime) == 16, "struct ptp_clock_time");

struct PtpCaps {
  int32_t max_adj, n_alarm, n_ext_ts, n_per_out, pps, n_pins, cross_timestamping, adjust_phase, max_phase_adj;
  int32_t reserved[11];
};
static_assert(sizeof(PtpCaps) == 80, "struct ptp_clock_caps");

struct PtpSysOffset {
  uint32_t n_samples;
  uint32_t reserved[3];
  PtpTime ts[2 * kSamplesMax + 1];
};
static_assert(sizeof(PtpSysOffset) == 832, "struct ptp_sys_offset");

struct PtpSysOffsetExtended {
  uint32_t n_samples;
  int32_t clock_id;  // a reserved word before Linux 6.12, where anything but 0 is EINVAL
  uint32_t reserved[2];
  PtpTime ts[kSamplesMax][3];
};
static_assert(sizeof(PtpSysOffsetExtended) == 1216, "struct ptp_sys_offset_extended");

struct PtpSysOffsetPrecise {
  PtpTime device, realtime, monotonic_raw;
  uint32_t reserved[4];
};
static_assert(sizeof(PtpSysOffsetPrecise) == 64, "struct ptp_sys_offset_precise");

struct PtpPin {
  char name[64];
  uint32_t index, function, channel;
  uint32_t reserved[5];
};
static_assert(sizeof(PtpPin) == 96, "struct ptp_pin_desc");

struct PtpExttsRequest {
  uint32_t index, flags;
  uint32_t reserved[2];
};
static_assert(sizeof(PtpExttsRequest) == 16, "struct ptp_extts_request");

struct PtpExttsEvent {
  PtpTime time;
  uint32_t index, flags;
  uint32_t reserved[2];
};
static_assert(sizeof(PtpExttsEvent) == 32, "struct ptp_extts_event");

constexpr unsigned long kGetCaps = _IOR('=', 1, PtpCaps);
constexpr unsigned long kGetCaps2 = _IOR('=', 10, PtpCaps);
constexpr unsigned long kExttsRequest = _IOW('=', 2, PtpExttsRequest);
constexpr unsigned long kExttsRequest2 = _IOW('=', 11, PtpExttsRequest);
constexpr unsigned long kEnablePps = _IOW('=', 4, int);
constexpr unsigned long kSysOffset = _IOW('=', 5, PtpSysOffset);
constexpr unsigned long kPinGetFunc = _IOWR('=', 6, PtpPin);
constexpr unsigned long kPinSetFunc = _IOW('=', 7, PtpPin);
constexpr unsigned long kSysOffsetPrecise = _IOWR('=', 8, PtpSysOffsetPrecise);
constexpr unsigned long kSysOffsetExtended = _IOWR('=', 9, PtpSysOffsetExtended);
constexpr unsigned long kMaskClearAll = _IO('=', 19);
constexpr unsigned long kMaskEnableSingle = _IOW('=', 20, unsigned int);
static_assert(kGetCaps == 0x80503d01 && kGetCaps2 == 0x80503d0a, "PTP_CLOCK_GETCAPS");
static_assert(kExttsRequest == 0x40103d02 && kExttsRequest2 == 0x40103d0b, "PTP_EXTTS_REQUEST");
static_assert(kEnablePps == 0x40043d04, "PTP_ENABLE_PPS");
static_assert(kSysOffset == 0x43403d05, "PTP_SYS_OFFSET");
static_assert(kPinGetFunc == 0xc0603d06 && kPinSetFunc == 0x40603d07, "PTP_PIN_GETFUNC, PTP_PIN_SETFUNC");
static_assert(kSysOffsetPrecise == 0xc0403d08, "PTP_SYS_OFFSET_PRECISE");
static_assert(kSysOffsetExtended == 0xc4c03d09, "PTP_SYS_OFFSET_EXTENDED");
static_assert(kMaskClearAll == 0x3d13 && kMaskEnableSingle == 0x40043d14, "PTP_MASK_*");

// The dynamic POSIX clock of an open PTP device (clock_gettime(2), "Dynamic clocks").
inline clockid_t DynamicClock(int fd) { return static_cast<clockid_t>((~static_cast<unsigned>(fd) << 3) | 3); }

enum class Method : int { kPrecise = 0, kExtended = 1, kBasic = 2, kGettime = 3 };

// The host's two clocks around something, the bracketing one twice.
struct HostBracket {
  int64_t raw_before, realtime, raw_after;
};

// The narrowest of `samples` readings, with the host's clocks before and after the whole call. Nanoseconds.
struct Measurement {
  HostBracket outer_before;
  int64_t before, device, after;  // `before` and `after` on `clock_id`; equal for kPrecise
  HostBracket outer_after;
  int64_t samples;       // how many the kernel returned
  int64_t backwards;     // how many of them had after < before, which only a clock that stepped back can do
  int64_t widest;        // the widest bracket that was not backwards
  int64_t clock_id;      // CLOCK_REALTIME or CLOCK_MONOTONIC_RAW
};

// All return 0 or an errno; EINTR is retried, nothing else.
int ReadHostBracket(HostBracket* out);
int GetCaps(int fd, PtpCaps* out);
int GetPin(int fd, uint32_t index, PtpPin* out);
int SetPin(int fd, uint32_t index, uint32_t function, uint32_t channel);
int RequestExtts(int fd, uint32_t index, uint32_t flags);
int EnablePps(int fd, int on);
// Lets only these channels' events reach this descriptor; ENOTTY before Linux 6.7.
int MaskEvents(int fd, const uint32_t* channels, size_t count);
int Measure(int fd, Method method, uint32_t samples, clockid_t clock_id, Measurement* out);

// The name of the request a Measure of this method makes, for messages.
const char* NameOf(Method method);

}  // namespace momentd

#endif
