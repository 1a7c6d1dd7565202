# SPDX-License-Identifier: BSD-3-Clause
# The only entry point. 'make help' says what there is.

BASE ?= 6.12
BASES ?= $(patsubst patches/%/base,%,$(wildcard patches/*/base))
BUILD ?= $(CURDIR)/build

override BUILD := $(abspath $(BUILD))
override UNPATCHED := $(if $(filter-out 0 no,$(UNPATCHED)),1)

export BASES BUILD
# make's own flags are not for the makes that the scripts start
unexport MAKEFLAGS MFLAGS

# Each step uses all the cores by itself
.NOTPARALLEL:
.PHONY: help setup tree refresh kernel selftests programs initramfs boot run check test bench mutants clean

help:
	@echo 'make run                    the main job, from nothing: builds a patched kernel, boots it on an'
	@echo '                            emulated host and shows how a guest is pinned'
	@echo 'make test                   all tests (TESTS="t/t2*" for some of them, BASES="6.12" for some bases)'
	@echo 'make check BASE=6.12        rebuild, boot, selftests and conformance of one base'
	@echo 'make bench BASE=6.12        counts the instructions of hypercalls and ioctls, patched and unpatched'
	@echo 'make mutants BASE=6.12      break each rule of the contract and see a test fail (long)'
	@echo
	@echo 'make tree BASE=6.12         build/6.12/tree: a git tree with the series as commits'
	@echo '                            (SRC= a tarball or a git tree instead of the Debian package)'
	@echo 'make refresh BASE=6.12      the commits of that tree back to patches/6.12 (FORCE=1: even if these changed)'
	@echo 'make kernel BASE=6.12       build/6.12/Image (UNPATCHED=1: build/6.12-unpatched/Image)'
	@echo 'make selftests BASE=6.12    build/6.12/selftests (UNPATCHED=1 as above)'
	@echo 'make programs               build/fwregs, build/conformance: static arm64 programs'
	@echo 'make boot BASE=6.12         boots it, into a shell or RUN=DIR: runs DIR/run there'
	@echo '                            (UNPATCHED=1, APPEND= kernel arguments, QEMU= QEMU arguments,'
	@echo '                            CPU= emulated CPU, SMP= CPUs, TIMEOUT= seconds)'
	@echo 'make setup                  installs the tools that are missing; every target but refresh does it'
	@echo 'make clean                  removes build/'
	@echo
	@echo 'bases: $(BASES)'

setup:
	@scripts/setup.sh

tree: setup
	@scripts/tree.sh $(BASE) $(UNPATCHED)

refresh:
	@scripts/refresh.sh $(BASE)

kernel: tree
	@scripts/kernel.sh $(BASE) $(UNPATCHED)

selftests: tree kernel
	@scripts/selftests.sh $(BASE) $(UNPATCHED)

programs: setup
	@scripts/programs.sh

initramfs: programs
	@scripts/initramfs.sh $(BASE) $(UNPATCHED)

boot: selftests initramfs
	@scripts/boot.sh $(BASE) $(UNPATCHED)

run: override UNPATCHED :=
run: kernel initramfs
	@RUN=scripts/story LOG=$(BUILD)/$(BASE)/run.log scripts/boot.sh $(BASE)

check: override UNPATCHED :=
check: selftests initramfs
	@scripts/check.sh $(BASE)

test: setup
	@scripts/test.sh $(TESTS)

bench: setup
	@scripts/bench.sh $(BASE)

mutants: setup
	@scripts/mutants.sh $(BASE)

clean:
	@scripts/clean.sh
