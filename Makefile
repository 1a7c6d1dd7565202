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
	@echo 'make run                    the main job, from nothing: builds a patched kernel, boots it on an'
	@echo '                            emulated host and shows how a guest is pinned'
	@echo 'make test                   the tests (TESTS="t/t2*" for some of them, BASES="6.1 7.3" for some bases, BASES=6.12'
	@echo '                            for one of them in depth)'
	@echo 'make test-all               the same in depth for each base, which takes hours (see t/README.md)'
	@echo 'make migrate FROM=7.3 TO=5.10'
	@echo '                            a VM moves from one kernel to another and back, pinned to what both have'
	@echo 'make qemu-migrate FROM=7.3 TO=6.12'
	@echo '                            the same with a QEMU that knows nothing of this, below the ceilings CEILINGS='
	@echo 'make check BASE=6.12        rebuild, boot, selftests and conformance of one base'
	@echo 'make prove BASE=6.12        prove the rules of the contract for hypercalls.c, and see that each proof'
	@echo '                            fails where the rule is broken (PROPERTY="set-answers" for some of them)'
	@echo 'make fuzz BASE=6.12         fuzz hypercalls.c against a model of the contract (FUZZ_RUNS= inputs,'
	@echo '                            FUZZ_SEED=; REPLAY="FILE..." runs these inputs and shows what they do)'
	@echo 'make fuzz-files             fuzz the readers of STATE and REPORT files (FUZZ_RUNS=, FUZZ_SEED=)'
	@echo 'make test-debug BASE=6.12   selftests, conformance, a million random operations and fault'
	@echo '                            injection on kernels with KASAN, lockdep and so on, and KCSAN (long;'
	@echo '                            STRESS_OPS=, STRESS_SEED=; MUTANTS=1: with faults that they have to notice)'
	@echo 'make bench BASE=6.12        counts the instructions of hypercalls and ioctls, patched and unpatched'
	@echo 'make races BASE=6.12        preempts each ioctl by the others, at each instruction (MUTANTS=1: without'
	@echo '                            the locks, to see the tests fail)'
	@echo 'make mutants BASE=6.12      break each rule of the contract and see a test fail (long)'
	@echo
	@echo 'make tree BASE=6.12         build/6.12/tree: a git tree with the series as commits'
	@echo '                            (SRC= a tarball or a git tree instead of the Debian package)'
	@echo 'make refresh BASE=6.12      the commits of that tree back to patches/6.12 (FORCE=1: even if these changed)'
	@echo 'make port FROM=7.3 TO=7.2 PACKAGE=linux-source-7.2'
	@echo '                            starts patches/7.2 with the steps of 7.3 (SUITES= of Debian, if not those of'
	@echo '                            FROM; SRC= as above; see docs/porting.md)'
	@echo 'make compare A=6.12 B=7.3   what the port of the series from A to B changed, step by step'
	@echo 'make series BASE=7.3 TOPIC=capability'
	@echo '                            build/7.3/series-capability: a topic as mails, for git send-email ($(TOPICS))'
	@echo 'make sizes                  patches and lines of each topic of each base (BASES=)'
	@echo 'make kernel BASE=6.12       build/6.12/Image (UNPATCHED=1: build/6.12-unpatched/Image,'
	@echo '                            VARIANT=debug: with kernel/debug.config, build/6.12-debug/Image)'
	@echo 'make selftests BASE=6.12    build/6.12/selftests (UNPATCHED=1 as above)'
	@echo 'make programs               build/fwregs, build/conformance: static arm64 programs'
	@echo 'make man                    build/man/fwregs.1'
	@echo 'make docs                   docs/run.svg, and the tables in the pages, from patches/*/base and results/'
	@echo 'make install                fwregs for this machine, man page, completion, library (PREFIX=/usr/local,'
	@echo '                            DESTDIR=)'
	@echo 'make boot BASE=6.12         boots it, into a shell or RUN=DIR: runs DIR/run there'
	@echo '                            (UNPATCHED=1, APPEND= kernel arguments, QEMU= QEMU arguments,'
	@echo '                            CPU= emulated CPU, SMP= CPUs, TIMEOUT= seconds)'
	@echo 'make setup                  installs the tools that are missing; run, test and test-all do it, too'
	@echo 'make clean                  removes build/'
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
