/* SPDX-License-Identifier: BSD-3-Clause */
/* The guest's flat image, as part of the VMM */

#ifndef GUEST
#define GUEST	guest_image
#endif
#define END_OF(name)	name##_end
#define END__(name)	END_OF(name)
#define START	GUEST
#define END	END__(GUEST)

	.section .rodata
	.balign	8
	.globl	START, END
START:
	.incbin	GUEST_IMAGE
END:

	.section .note.GNU-stack, "", %progbits
