# SPDX-License-Identifier: BSD-3-Clause
# Programs for an arm64 host, linked statically so that they run on any, and fwregs for this
# machine, which reads reports. scripts/programs.sh calls it at the top of the
# checkout. OUT: for objects. BIN: for arm64 programs. LIBS: json-c and zlib for arm64.
# NATIVE_OUT: for this machine's objects and program. SANITIZE: flags, for either of them.

CROSS_COMPILE ?= aarch64-linux-gnu-
CC := $(CROSS_COMPILE)gcc
OBJCOPY := $(CROSS_COMPILE)objcopy
BUILD ?= build
OUT ?= $(BUILD)/programs
BIN ?= $(BUILD)
LIBS ?= $(BUILD)/arm64-libs
NATIVE_OUT ?= $(BUILD)/native
NATIVE_CC ?= gcc
SANITIZE ?=
# A program with sanitizers cannot be static
STATIC := $(if $(SANITIZE),,-static)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
COMMON := -O2 $(WARN) $(if $(SANITIZE),-g) -MMD -MP
CFLAGS := -std=gnu11 $(COMMON) -D_GNU_SOURCE $(SANITIZE) -Ilib -Itool -Ivmm -I. -pthread
GUEST_CFLAGS := -std=gnu11 $(COMMON) -ffreestanding -mgeneral-regs-only -mstrict-align -fno-pic \
	-fno-stack-protector -I.

# Commands that do not ask KVM, and those that do
PLAIN := $(addprefix tool/,main options cli file json report state fleet matrix matrix-html \
	builtin-baseline builtin-matrix) lib/fwregs
KVM := $(addprefix tool/,probe builtin-list builtin-guest builtin-report builtin-check) \
	$(addprefix vmm/,vmm pinned machine builtin-save)

objects = $(addprefix $(OUT)/,$(addsuffix .o,$(1)))
native = $(addprefix $(NATIVE_OUT)/,$(addsuffix .o,$(1)))
image = $(OUT)/vmm/guest/$(1)-image.o

PROGRAMS := fwregs conformance order regdump bench stress faults races

.PHONY: all native
all: $(addprefix $(BIN)/,$(PROGRAMS)) $(OUT)/console-guest.elf
native: $(NATIVE_OUT)/fwregs

$(BIN)/fwregs: $(call objects,$(PLAIN) $(KVM)) $(call image,call-guest) $(call image,move-guest)
$(BIN)/fwregs: LDLIBS := -L$(LIBS)/lib -ljson-c -lz
$(BIN)/conformance: $(call objects,vmm/vmm $(basename $(wildcard t/conformance/*.c))) \
	$(call image,call-guest)
$(call objects,t/conformance/bases): $(OUT)/bases.h
$(call objects,t/conformance/bases): CFLAGS += -I$(OUT)
$(BIN)/order: $(call objects,t/order vmm/vmm)
$(BIN)/regdump: $(call objects,t/regdump vmm/vmm vmm/pinned tool/cli lib/fwregs) $(call image,call-guest)
$(BIN)/bench: $(call objects,bench/bench vmm/vmm tool/cli lib/fwregs) $(call image,bench-guest)
$(BIN)/stress: $(call objects,$(addprefix verify/stress/,stress history rules vm) \
	verify/list verify/model vmm/vmm) \
	$(call image,stress-guest)
$(BIN)/faults: $(call objects,$(addprefix verify/,stress/faults stress/vm list) vmm/vmm) \
	$(call image,stress-guest)
$(BIN)/races: $(call objects,$(addprefix verify/races/,races meet vm) \
	verify/list verify/model vmm/vmm tool/cli lib/fwregs) $(call image,races-guest)

$(addprefix $(BIN)/,$(PROGRAMS)):
	$(CC) $(STATIC) $(SANITIZE) -o $@ $(filter %.o,$^) $(LDLIBS) -pthread

$(NATIVE_OUT)/fwregs: $(call native,$(PLAIN))
	$(NATIVE_CC) $(SANITIZE) -o $@ $^ -ljson-c -lz

# The directory changes when a base is added or removed
$(OUT)/bases.h: scripts/bases.sh scripts/base-lib.sh patches $(wildcard patches/*/base)
	@mkdir -p $(@D)
	scripts/bases.sh header >$@

# The library builds as any VMM would build it
%/lib/fwregs.o: CFLAGS := -std=c11 -pedantic $(COMMON) $(SANITIZE)

$(OUT)/libfwregs.a: $(OUT)/lib/fwregs.o
	$(CROSS_COMPILE)ar rcs $@ $<

$(NATIVE_OUT)/libfwregs.a: $(NATIVE_OUT)/lib/fwregs.o
	ar rcs $@ $<

$(OUT)/vmm/guest/%.o: vmm/guest/%.c
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -c -o $@ $<

$(OUT)/vmm/guest/%.o: vmm/guest/%.S
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -c -o $@ $<

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -isystem $(LIBS)/include -c -o $@ $<

$(NATIVE_OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(NATIVE_CC) $(CFLAGS) -c -o $@ $<

# Guests: flat images in their VMM, and an ELF file that runs at its addresses for other VMMs
guest_objects = $(addprefix $(OUT)/vmm/guest/,$(addsuffix .o,$(1)))
$(OUT)/call-guest.elf: $(call guest_objects,call)
$(OUT)/move-guest.elf: $(call guest_objects,move-start move hvc message)
$(OUT)/console-guest.elf: $(call guest_objects,move-start move hvc console)
$(OUT)/bench-guest.elf: $(call guest_objects,bench-guest)
$(OUT)/stress-guest.elf: $(call guest_objects,stress-guest)
$(OUT)/races-guest.elf: $(call guest_objects,races-guest)

$(OUT)/%.elf: vmm/guest/guest.lds
	$(CC) -nostdlib -static -no-pie -Wl,--build-id=none -T $< -o $@ $(filter %.o,$^)

$(OUT)/%.bin: $(OUT)/%.elf
	$(OBJCOPY) -O binary $< $@

$(call image,%): vmm/guest-image.S $(OUT)/%.bin
	@mkdir -p $(@D)
	$(CC) $(IMAGE_NAME) -DGUEST_IMAGE='"$(OUT)/$*.bin"' -c -o $@ $<

# Has a name of its own, as it is in one program with the other guest
$(call image,move-guest): IMAGE_NAME := -DGUEST=move_guest_image

.SECONDARY:
.DELETE_ON_ERROR:

-include $(shell find $(OUT) $(NATIVE_OUT) -name '*.d' 2>/dev/null)
