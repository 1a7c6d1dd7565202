// SPDX-License-Identifier: BSD-3-Clause
/*
 * Writes the messages of the guest that moves to a serial line, for other VMMs than that of fwregs.
 * They need a PL011 where QEMU's machine "virt" has it, and RAM from RAM_BASE, with the guest
 * where it is linked. The lines are
 *
 *	answer NAME X0 X1 X2 X3		of each call in the first round, or
 *	answer NAME served|refused	if answers of the call differ
 *	round N
 *	changed NAME was X is Y		and other errors
 */
#include "move.h"

#define PL011_DR	0x09000000ULL
#define PL011_FR	0x09000018ULL
#define PL011_FR_TXFF	(1 << 5)

static void put(char c)
{
	while (*(volatile uint32_t *)PL011_FR & PL011_FR_TXFF)
		;
	*(volatile uint32_t *)PL011_DR = c;
}

static void print(const char *text)
{
	while (*text)
		put(*text++);
}

static void print_decimal(uint64_t value)
{
	if (value >= 10)
		print_decimal(value / 10);
	put('0' + value % 10);
}

static void print_hex(uint64_t value)
{
	int shift = 60;

	while (shift && !(value >> shift))
		shift -= 4;
	print(" 0x");
	for (; shift >= 0; shift -= 4)
		put("0123456789abcdef"[value >> shift & 0xf]);
}

static void print_answers(const struct result *answers)
{
	unsigned int i, j;

	for (i = 0; i < NR_CALLS; i++) {
		print("answer ");
		print(calls[i].name);
		if (call_varies(&calls[i]))
			print(answers[i].x[0] == (uint64_t)-1 ? " refused" : " served");
		for (j = 0; j < 4 && !call_varies(&calls[i]); j++)
			print_hex(answers[i].x[j]);
		put('\n');
	}
}

/* Of a single vCPU, since several would mix their lines */
void tell(uint64_t vcpu, enum move_message kind, uint64_t what)
{
	static const char *const wrong[] = {
		[MOVE_MEMORY] = "memory lost in round",
		[MOVE_REGISTERS] = "register lost its value, number",
		[MOVE_TIME] = "time went back by",
		[MOVE_NO_CPU] = "CPU_ON failed:",
	};

	switch (kind) {
	case MOVE_ROUND:
		if (what == 1)
			print_answers(((struct move_area *)MOVE_AREA(vcpu))->first);
		print("round ");
		print_decimal(what);
		put('\n');
		break;
	case MOVE_CALL:
		print("changed ");
		print(calls[what].name);
		break;
	case MOVE_WAS:
		print(" was");
		print_hex(what);
		break;
	case MOVE_IS:
		print(" is");
		print_hex(what);
		put('\n');
		break;
	default:
		print(wrong[kind]);
		print_hex(what);
		put('\n');
	}
}
