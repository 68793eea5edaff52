/* SPDX-License-Identifier: Apache-2.0
 *
 * phcbench - the C program the addon is measured against: the bracket of the narrowest of n readings, many times.
 *   phcbench DEVICE METHOD SAMPLES ROUNDS      METHOD: extended-raw, extended-realtime, gettime; prints one width in ns a line
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

struct pct { int64_t sec; uint32_t nsec, reserved; };
struct extended { uint32_t n; int32_t clock; uint32_t reserved[2]; struct pct ts[25][3]; };
#define EXTENDED _IOWR('=', 9, struct extended)

static int64_t ns(struct pct t) { return t.sec * 1000000000 + t.nsec; }
static int64_t now(clockid_t c) { struct timespec t; if (clock_gettime(c, &t)) exit(1); return t.tv_sec * 1000000000LL + t.tv_nsec; }

int main(int argc, char **argv)
{
	if (argc != 5) return 2;
	int fd = open(argv[1], O_RDONLY), samples = atoi(argv[3]), rounds = atoi(argv[4]);
	int gettime = !strcmp(argv[2], "gettime"), raw = !strcmp(argv[2], "extended-raw");
	if (fd < 0) return perror(argv[1]), 1;
	clockid_t clock = (~(clockid_t)fd << 3) | 3;
	for (int r = 0; r < rounds; r++) {
		int64_t best = INT64_MAX;
		struct extended x = { .n = samples, .clock = raw ? CLOCK_MONOTONIC_RAW : CLOCK_REALTIME };
		if (!gettime && ioctl(fd, EXTENDED, &x)) return perror("PTP_SYS_OFFSET_EXTENDED"), 1;
		for (int i = 0; i < samples; i++) {
			int64_t a, b;
			if (gettime) { a = now(CLOCK_MONOTONIC_RAW); now(clock); b = now(CLOCK_MONOTONIC_RAW); }
			else { a = ns(x.ts[i][0]); b = ns(x.ts[i][2]); }
			if (b - a >= 0 && b - a < best) best = b - a;
		}
		printf("%lld\n", (long long)best);
	}
	return 0;
}
