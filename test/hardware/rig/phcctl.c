/* SPDX-License-Identifier: Apache-2.0
 *
 * phcctl - does to a PTP clock what momentd never does: steps it, steers it, turns its pulse on.
 *   phcctl DEVICE step NANOSECONDS | freq PPB | pps 0|1
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/ptp_clock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/timex.h>
#include <time.h>

int main(int argc, char **argv)
{
	if (argc != 4) return fprintf(stderr, "phcctl DEVICE step NS | freq PPB | pps 0|1\n"), 2;
	int fd = open(argv[1], O_RDWR), e;
	if (fd < 0) return perror(argv[1]), 1;
	clockid_t clock = (~(clockid_t)fd << 3) | 3;
	long long v = atoll(argv[3]);
	struct timex t = { 0 };
	if (!strcmp(argv[2], "step")) {
		long long s = v / 1000000000, n = v % 1000000000;
		if (n < 0) n += 1000000000, s--;
		t.modes = ADJ_SETOFFSET | ADJ_NANO;
		t.time.tv_sec = s;
		t.time.tv_usec = n;
		e = clock_adjtime(clock, &t);
	} else if (!strcmp(argv[2], "freq")) {
		t.modes = ADJ_FREQUENCY;
		t.freq = v * 65536 / 1000; /* ppm with a 16-bit fraction */
		e = clock_adjtime(clock, &t);
	} else
		e = ioctl(fd, PTP_ENABLE_PPS, (int)v);
	if (e < 0) return perror(argv[2]), 1;
	return 0;
}
