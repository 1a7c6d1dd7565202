// SPDX-License-Identifier: BSD-3-Clause
/*
 * For LD_PRELOAD: memory that a program maps in multiples of 2 MiB is in huge pages, on a
 * machine that has them for those who ask (see "madvise" in the kernel's
 * admin-guide/mm/transhuge.rst). GCC maps all that it works with in pieces of 2 MiB and does not
 * ask. What comes from malloc() is glibc's business, by its tunable glibc.malloc.hugetlb.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HUGE_PAGE ((size_t)2 << 20)

static void *map(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	return (void *)syscall(SYS_mmap, addr, length, prot, flags, fd, offset);
}

/* A huge page is an aligned one, which older kernels do not care for: map more, and cut */
static void *map_huge(size_t length, int prot, int flags)
{
	char *start = map(NULL, length + HUGE_PAGE, prot, flags, -1, 0);
	size_t before = -(uintptr_t)start % HUGE_PAGE;

	if (start == MAP_FAILED)
		return start;
	if (before)
		munmap(start, before);
	start += before;
	munmap(start + length, HUGE_PAGE - before);
	/* Without them, it is memory all the same */
	madvise(start, length, MADV_HUGEPAGE);
	return start;
}

void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	if (addr || !length || length % HUGE_PAGE || prot != (PROT_READ | PROT_WRITE) ||
	    flags != (MAP_PRIVATE | MAP_ANONYMOUS))
		return map(addr, length, prot, flags, fd, offset);
	return map_huge(length, prot, flags);
}

/* Of the same type where off_t has 64 bits, which is what it is built for */
void *mmap64(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
	__attribute__((alias("mmap")));
