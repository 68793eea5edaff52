/* SPDX-License-Identifier: Apache-2.0
 *
 * xstate - lets a User-Mode-Linux kernel run on a processor with a larger register file than it was built for.
 *
 * UML saves a process's vector registers in 2,696 bytes (AVX-512 and protection keys). On a processor with AMX the host's
 * ptrace wants all 11,008 bytes when they are set, and answers EFAULT otherwise. This preload sets the first part and keeps the
 * rest as the host has it: the tile registers, which a guest cannot use.
 *   gcc -O2 -shared -fPIC -o xstate.so xstate.c; LD_PRELOAD=./xstate.so linux.uml ...
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

long ptrace(enum __ptrace_request request, ...)
{
	static long (*real)(enum __ptrace_request, pid_t, void *, void *);
	static char whole[1 << 16];
	va_list list;
	va_start(list, request);
	pid_t pid = va_arg(list, pid_t);
	void *addr = va_arg(list, void *), *data = va_arg(list, void *);
	va_end(list);
	if (!real) real = (long (*)(enum __ptrace_request, pid_t, void *, void *))dlsym(RTLD_NEXT, "ptrace");
	if (request != PTRACE_SETREGSET || addr != (void *)NT_X86_XSTATE) return real(request, pid, addr, data);

	struct iovec *part = data, all = { whole, sizeof whole };
	if (real(PTRACE_GETREGSET, pid, addr, &all) < 0 || all.iov_len <= part->iov_len) return real(request, pid, addr, data);
	memcpy(whole, part->iov_base, part->iov_len);
	/* XSTATE_BV, the first word of the header at 512, says which parts are there: none beyond protection keys (bit 9). */
	whole[512 + 1] &= 0x03;
	memset(whole + 512 + 2, 0, 6);
	return real(request, pid, addr, &all);
}
