# SPDX-License-Identifier: BSD-3-Clause
# The only entry point. 'make help' says what there is.

BASE ?= 6.12
TOPICS = $(shell cut -d ' ' -f 2 patches/steps | uniq)
ALL_BASES = $(patsubst patches/%/base,%,$(wildcard patches/*/base))
BASES ?= $(ALL_BASES)
BUILD ?= $(CURDIR)/build

override BUILD := $(abspath $(BUILD))
override UNPATCHED := $(if $(filter-out 0 no,$(UNPATCHED)),1)
# One of the builds that the scripts know by name, see variant() in scripts/lib.sh
WHICH = $(or $(VARIANT),$(UNPATCHED))
# Which mutants, a part of their descriptions; 1 is all
BROKEN = $(if $(filter 1 yes,$(MUTANTS)),.,$(filter-out 0 no,$(MUTANTS)))

export BASES BUILD
# make's own flags are not for the makes that the scripts start
unexport MAKEFLAGS MFLAGS

# Each step uses all the cores by itself
.NOTPARALLEL:
.PHONY: help setup tree refresh port compare series docs sizes kernel selftests programs initramfs man install boot run migrate qemu-migrate check test test-all test-debug prove fuzz fuzz-files bench mutants races clean

help:
	@echo 'make run                    build a patched kernel, boot it on an emulated host, and show how a guest'
	@echo '                            is pinned'
	@echo 'make test                   run the tests (TESTS="t/t2*": some of them; BASES="6.1 7.3": some bases; a single'
	@echo '                            base is tested in depth)'
	@echo 'make test-all               run all of each test, which takes hours (see t/README.md)'
	@echo 'make migrate FROM=7.3 TO=5.10'
	@echo '                            move a VM from one kernel to another and back, pinned to what both have'
	@echo 'make qemu-migrate FROM=7.3 TO=6.12'
	@echo '                            the same with an unmodified QEMU, under host-wide ceilings (CEILINGS=)'
	@echo 'make check BASE=6.12        build and boot a base, run conformance and its selftests'
	@echo 'make prove BASE=6.12        prove the rules of the ABI for hypercalls.c, and show that each proof notices'
	@echo '                            mutants (PROPERTY="set-answers": some properties; PROOFS=1: no mutants)'
	@echo 'make fuzz BASE=6.12         fuzz hypercalls.c against a model of the ABI (FUZZ_RUNS= inputs, FUZZ_SEED=;'
	@echo '                            REPLAY="FILE...": run these inputs and print their operations)'
	@echo 'make fuzz-files             fuzz the readers of STATE and REPORT files (READER=state or report; FUZZ_RUNS=,'
	@echo '                            FUZZ_SEED=)'
	@echo 'make test-debug BASE=6.12   run selftests, conformance, a million random operations and fault injection on'
	@echo '                            kernels with KASAN, lockdep and so on, and KCSAN (long; STRESS_OPS=,'
	@echo '                            STRESS_SEED=; MUTANTS=1: mutants that they have to notice)'
	@echo 'make bench BASE=6.12        count the instructions of hypercalls and ioctls, patched and unpatched'
	@echo 'make races BASE=6.12        preempt each ioctl by the others, at each instruction (MUTANTS=1: mutants that'
	@echo '                            the races have to notice)'
	@echo 'make mutants BASE=6.12      break each rule of the ABI, and check that a test notices (long; MUTANTS= a part'
	@echo '                            of their descriptions)'
	@echo
	@echo 'make tree BASE=6.12         make build/6.12/tree, a git tree with the series as commits'
	@echo '                            (SRC= a tarball or a git tree instead of the Debian package)'
	@echo 'make refresh BASE=6.12      write the commits of that tree to patches/6.12 (FORCE=1: even if these changed)'
	@echo 'make port FROM=7.3 TO=7.2 PACKAGE=linux-source-7.2'
	@echo '                            start patches/7.2 with the steps of 7.3 (SUITES= of Debian, if not those of'
	@echo '                            FROM; SRC= as above; see docs/porting.md)'
	@echo 'make compare A=6.12 B=7.3   print what the port of the series from A to B changed, step by step'
	@echo 'make series BASE=7.3 TOPIC=capability'
	@echo '                            write a topic as mails for git send-email to build/7.3/series-capability'
	@echo '                            (topics: $(TOPICS))'
	@echo 'make sizes                  print the number of patches and lines of each topic of each base (BASES=)'
	@echo 'make kernel BASE=6.12       build build/6.12/Image (UNPATCHED=1: build/6.12-unpatched/Image;'
	@echo '                            VARIANT=debug: build/6.12-debug/Image, with kernel/debug.config)'
	@echo 'make selftests BASE=6.12    build build/6.12/selftests (UNPATCHED=1 as above)'
	@echo 'make programs               build static arm64 programs, as build/fwregs and build/conformance, and'
	@echo '                            build/native/fwregs for this machine'
	@echo 'make man                    make build/man/fwregs.1'
	@echo 'make docs                   update docs/run.svg, and the tables in the pages from patches/*/base and results/'
	@echo 'make install                install fwregs for this machine, man page, completion, library'
	@echo '                            (PREFIX=/usr/local, DESTDIR=)'
	@echo 'make boot BASE=6.12         boot a base into a shell (RUN=DIR: run DIR/run instead)'
	@echo '                            (UNPATCHED=1, APPEND= kernel arguments, QEMU= QEMU arguments,'
	@echo '                            CPU= emulated CPU, SMP= CPUs, TIMEOUT= seconds)'
	@echo 'make setup                  install missing tools; run, test and test-all do it, too'
	@echo 'make clean                  remove build/'
	@echo
	@echo 'bases: $(ALL_BASES)'

setup:
	@scripts/setup.sh

tree:
	@scripts/tree.sh $(BASE) $(WHICH)

refresh:
	@scripts/refresh.sh $(BASE)

port:
	@scripts/port.sh "$(FROM)" "$(TO)" "$(PACKAGE)" $(SUITES)

compare:
	@$(foreach base,$(A) $(B),scripts/tree.sh $(base) &&) scripts/compare.sh "$(A)" "$(B)"

series: override WHICH :=
series: tree
	@scripts/series.sh $(BASE) $(TOPIC)

sizes:
	@scripts/sizes.sh $(BASES)

kernel: tree
	@scripts/kernel.sh $(BASE) $(WHICH)

selftests: tree kernel
	@scripts/selftests.sh $(BASE) $(WHICH)

programs:
	@scripts/programs.sh

man:
	@scripts/man.sh

PREFIX ?= /usr/local
install:
	@DESTDIR="$(DESTDIR)" scripts/install.sh "$(PREFIX)"

initramfs: programs
	@scripts/initramfs.sh $(BASE) $(WHICH)

boot: selftests initramfs
	@scripts/boot.sh $(BASE) $(WHICH)

story = RUN=initramfs/story LOG=$(BUILD)/$(BASE)/run.log scripts/boot.sh $(BASE)
run docs: override WHICH :=
run: setup kernel initramfs
	@$(story)

docs: kernel initramfs
	@$(story) >$(BUILD)/$(BASE)/screen && docs/generate.sh screen $(BUILD)/$(BASE)/screen && docs/generate.sh pages README.md docs/*.md

migrate: programs
	@$(foreach base,$(FROM) $(TO),$(MAKE) -s initramfs kernel BASE=$(base) WHICH= &&) scripts/migrate.sh "$(FROM)" "$(TO)"

CEILINGS ?= kvm.fw_bmap_regs=3 kvm.psci_version=1.0
qemu-migrate: programs
	@$(foreach base,$(FROM) $(TO),$(MAKE) -s initramfs kernel BASE=$(base) WHICH= &&) \
		scripts/qemu-root.sh && scripts/qemu-migrate.sh "$(FROM)" "$(TO)" $(CEILINGS)

# What these targets find is kept in results/, unless it is about a part
result = scripts/result.sh $(BASE) $@

check:
	@$(result) verify/stress/run.sh $(BASE) ''

test: setup
	@scripts/test.sh $(TESTS)

test-all: setup
	@ALL=1 scripts/test.sh $(TESTS)

prove:
	@$(if $(PROPERTY)$(PROOFS),,$(result)) verify/cbmc/run.sh $(BASE) $(PROPERTY)

fuzz:
	@$(if $(REPLAY),,$(result)) verify/fuzz/run.sh $(BASE) $(REPLAY)

fuzz-files:
	@verify/fuzz/files.sh $(READER)

test-debug:
	@$(if $(BROKEN),MUTANTS="$(BROKEN)" verify/stress/mutants.sh,$(result) verify/stress/run.sh) $(BASE)

bench:
	@$(result) bench/run.sh $(BASE)

mutants:
	@$(if $(MUTANTS),,$(result)) t/conformance/mutants.sh $(BASE)

races:
	@$(if $(BROKEN),MUTANTS="$(BROKEN)" verify/races/mutants.sh,$(result) verify/races/run.sh) $(BASE)

clean:
	@scripts/clean.sh
