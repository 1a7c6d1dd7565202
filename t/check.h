/* SPDX-License-Identifier: BSD-3-Clause */
/* What the unit tests in C check with: the first that is not true ends the program */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(cond)								\
	do {									\
		if (!(cond)) {							\
			printf("line %d: not true: %s\n", __LINE__, #cond);	\
			exit(1);						\
		}								\
	} while (0)

#endif
