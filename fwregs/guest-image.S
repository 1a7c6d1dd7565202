/* SPDX-License-Identifier: BSD-3-Clause */
/* The guest's flat image, as part of the VMM */

	.section .rodata
	.balign	8
	.globl	guest_image, guest_image_end
guest_image:
	.incbin	GUEST_IMAGE
guest_image_end:

	.section .note.GNU-stack, "", %progbits
