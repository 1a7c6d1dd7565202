// SPDX-License-Identifier: BSD-3-Clause
/*
 * ptp-time DEVICE: reads a PTP clock, such as /dev/ptp0, and is successful if it has a time. In a
 * guest, that is a call VENDOR_HYP_KVM_PTP to the firmware.
 */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>

/* The clock of a file that is open, as include/linux/posix-timers.h has it */
static clockid_t clock_of(int fd)
{
	return (clockid_t)(~(unsigned int)fd << 3 | 3);
}

int main(int argc, char **argv)
{
	struct timespec time;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: ptp-time DEVICE\n");
		return 2;
	}

	fd = open(argv[1], O_RDONLY);
	if (fd < 0 || clock_gettime(clock_of(fd), &time)) {
		perror(argv[1]);
		return 1;
	}

	return time.tv_sec || time.tv_nsec ? 0 : 1;
}
