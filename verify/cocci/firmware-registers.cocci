// SPDX-License-Identifier: BSD-3-Clause
/// A firmware register of KVM/arm64 handled outside the tables, or a bitmap written
/// outside the lock.
///
/// The tables of hypercalls.c are the only place that tells one firmware register from
/// another. What the bitmaps are is decided before the first KVM_RUN and under
/// kvm_arch::config_lock.
// Confidence: High
// Options: --no-includes --include-headers
// Requires: 1.1.1
// Keywords: kvm, arm64, hypercalls
// URL: Documentation/virt/kvm/arm/fw-pseudo-registers.rst
//
// 1. The id of a register (KVM_REG_ARM_STD_BMAP, KVM_REG_ARM_PSCI_VERSION, ...) is named
//    in C code in two places only:
//     - the argument of kvm_fw_bmap(), with which a call asks for its bit
//     - the cases of get_kernel_wa_level(), which is the base's own: it tells the levels
//       of the host's mitigations apart, and nothing about how they are got and set
//    The rows of the tables paste the names together, so that they do not count. The
//    coprocessors (KVM_REG_ARM_FW, KVM_REG_ARM_FW_FEAT_BMAP) are no registers: guest.c
//    sends all of one kind to hypercalls.c by them. KVM_REG_ARM_FW_REG(n) and
//    KVM_REG_ARM_FW_FEAT_BMAP_REG(n) may be named, as the start of a range and to list
//    what there is, but not in a case or a comparison. Numbers instead of names are
//    reported where they show: FW_REG_NUM() compared, bmap[2], an id in hexadecimal.
//
// 2. What is in struct kvm_smccc_features is written with the lock held, and having asked
//    kvm_vm_has_ran_once() since it was taken. A write is an assignment of any kind,
//    a macro that assigns its argument, and anything that gets an address, except for
//    functions that are known to read. Two kinds of functions do not take the lock:
//     - kvm_arm_init_hypercalls(), when no other CPU knows the VM. It may be called by
//       kvm_arch_init_vm() alone.
//     - helpers, which get the struct kvm_smccc_features from their caller or have
//       lockdep_assert_held() of the lock. Their callers need the lock.
//    The lock counts if it is taken with mutex_lock(), guard() or scoped_guard().
//
// 3. kvm_vm_has_ran_once() is asked under the lock, by functions that have to do with
//    struct kvm_smccc_features or with the SMCCC filter. Without it, the answer is old.
//
// 4. What the rules above are about and spatch did not parse, or that is hidden in a
//    macro, is reported as well.
//
// What it cannot see: whose lock it is (the VM's own or another's), a lock that a callee
// takes or releases, a write through a copy of an address that was taken under the lock,
// a condition that ignores the answer of kvm_vm_has_ran_once(), whether the caller of a
// helper with lockdep_assert_held() has asked it, a register by a number that is in a
// variable, and calls of helpers through pointers. Calls in other files are seen if all
// files are given to one spatch, as scripts/lint.sh does and coccicheck does not.
//
// The lock of bases before 6.4 is kvm::lock: -D lock=lock

virtual report

@initialize:python@
@@
import re

# The names that the rules are about. They are told by their places, to see that none is missed.
REGISTER = r"KVM_REG_ARM_(?:PSCI_VERSION|SMCCC_ARCH_WORKAROUND_[0-9]+|(?!FW_FEAT)\w+_BMAP(?:_[0-9]+)?)"
FIELD = (r"(?:bmap|nr_visible|nr_offered|std_bmap|std_hyp_bmap|vendor_hyp_bmap|vendor_hyp_bmap_2|"
         r"smccc_feat|smccc_filter)")
OF_INTEREST = re.compile(r"\b(" + REGISTER + r")\b|(?:->|(?<=[\w\])])\.)\s*(" + FIELD + r")\b|"
                         r"\bstruct\s+kvm_smccc_features\s*\*\s*(?!const\b)(\w+)\b(?!\s*\()")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'", re.S)
MACRO = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)

reported = set()

def report_at(p, message):
    if (p.file, p.line, message) not in reported:
        reported.add((p.file, p.line, message))
        coccilib.report.print_report(p, message)

def report_line(name, line, message):
    print("%s:%d:0-0: %s" % (name, line, message))

def is_register(name):
    return re.fullmatch(REGISTER, name)

def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))

parsed = set()

def seen(p):
    parsed.add((p.file, int(p.line), int(p.column)))

# What is of interest in a file, but not in what spatch has seen of it
def report_missed(name):
    with open(name, errors="replace") as source:
        text = COMMENT.sub(blank, source.read())
    macros = [m.span() for m in MACRO.finditer(text)]
    for m in OF_INTEREST.finditer(text):
        start = m.start(m.lastindex)
        line = text.count("\n", 0, start) + 1
        column = start - (text.rfind("\n", 0, start) + 1)
        token = m.group(m.lastindex)
        if any(first <= start < last for first, last in macros):
            report_line(name, line, token + " is in a macro, where its use cannot be checked")
        elif (name, line, column) not in parsed:
            report_line(name, line, token + " is in something that spatch cannot parse")

// The name of the lock, for the rules to have it whether it was given or not

@script:python the@
l << virtual.lock = "config_lock";
lock;
@@
coccinelle.lock = l
parsed.clear()

//----------------------------------------------------------
//  1. Registers outside the tables
//----------------------------------------------------------

@asked_bit@
identifier R =~ "^KVM_REG_ARM_";
expression V;
position p;
@@
kvm_fw_bmap(V, R@p)

@level_case exists@
identifier R =~ "^KVM_REG_ARM_";
position p;
@@
get_kernel_wa_level(...)
{
... when any
switch (...) { case R@p: ... }
... when any
}

@in_case exists@
identifier R =~ "^KVM_REG_ARM_";
position p != level_case.p;
@@
switch (...) { case R@p: ... }

@script:python depends on report@
p << in_case.p;
r << in_case.R;
@@
if is_register(r):
    report_at(p[0], r + " has a case of its own, it belongs in a table")

@compared@
identifier R =~ "^KVM_REG_ARM_";
expression V;
binary operator b = {==, !=, <, <=, >, >=};
position p;
@@
\(V b R@p\|R@p b V\)

@script:python depends on report@
p << compared.p;
r << compared.R;
@@
if is_register(r):
    report_at(p[0], "an id is compared with " + r + ", it belongs in a table")

@named@
identifier R =~ "^KVM_REG_ARM_";
position p != {asked_bit.p, level_case.p, in_case.p, compared.p};
@@
R@p

@script:python depends on report@
p << named.p;
r << named.R;
@@
if is_register(r):
    report_at(p[0], r + " is named outside the tables")

// By their numbers. Here it is a call of a macro, or a constant.

@number_case exists@
identifier M = {KVM_REG_ARM_FW_REG, KVM_REG_ARM_FW_FEAT_BMAP_REG, FW_REG_NUM};
position p;
@@
switch (...) { case M@p(...): ... }

@script:python depends on report@
p << number_case.p;
m << number_case.M;
@@
report_at(p[0], m + "() is in a case, registers belong in a table")

@number_compared@
identifier M = {KVM_REG_ARM_FW_REG, KVM_REG_ARM_FW_FEAT_BMAP_REG, FW_REG_NUM};
expression V;
binary operator b = {==, !=, <, <=, >, >=};
position p;
@@
\(V b M@p(...)\|M@p(...) b V\)

@script:python depends on report@
p << number_compared.p;
m << number_compared.M;
@@
report_at(p[0], m + "() is compared, registers belong in a table")

@number_switch exists@
expression V;
position p;
@@
switch (FW_REG_NUM@p(...)) { case V: ... }

@script:python depends on report@
p << number_switch.p;
@@
report_at(p[0], "there is a switch of FW_REG_NUM(), registers belong in a table")

@number_index@
expression S;
constant C;
position p;
@@
\(S->bmap@p[C]\|S.bmap@p[C]\)

@script:python depends on report@
p << number_index.p;
c << number_index.C;
@@
report_at(p[0], "bmap[" + c + "] is a register by its number, kvm_fw_bmap() has the name")

@literal@
constant C =~ "^0[xX]60300000001[46]000";
position p;
@@
C@p

@script:python depends on report@
p << literal.p;
c << literal.C;
@@
report_at(p[0], c + " is the id of a register, it belongs in a table")

//----------------------------------------------------------
//  2. Writes without the lock
//----------------------------------------------------------

// What writes, by the place of the field's name, or of the pointer to the struct. The
// field names of the base without the series are among them.

@assigned@
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
assignment operator op;
expression S, V;
position p;
@@
\(S->F@p\|S.F@p\|S->F@p[...]\|S.F@p[...]\) op V

@stepped_after@
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
expression S, I;
position p;
@@
\(\(S->F@p\|S.F@p\|S->F@p[I]\|S.F@p[I]\)++\|\(S->F@p\|S.F@p\|S->F@p[I]\|S.F@p[I]\)--\)

@stepped_before@
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
expression S, I;
position p;
@@
\(++\(S->F@p\|S.F@p\|S->F@p[I]\|S.F@p[I]\)\|--\(S->F@p\|S.F@p\|S->F@p[I]\|S.F@p[I]\)\)

@by_macro@
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
identifier M = {WRITE_ONCE, swap, get_user, __get_user, unsafe_get_user};
expression S, I;
position p;
@@
M(...,\(S->F@p\|S.F@p\|S->F@p[I]\|S.F@p[I]\),...)

@overwritten@
struct kvm_smccc_features *P;
expression V;
position p;
@@
 *P@p = V

// An address may be given to these, and be in a pointer that says what it is

@read_first@
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
identifier f = {memcmp, memchr_inv, find_first_bit, find_next_bit, bitmap_empty, bitmap_weight};
expression S, I;
position p;
@@
f(\(&S->F@p\|&S.F@p\|&S->F@p[I]\|&S.F@p[I]\|S->F@p\|S.F@p\),...)

@read_second@
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
identifier f = {memcmp, memcpy, memmove, bitmap_copy, copy_to_user, test_bit};
expression S, I, V;
position p;
@@
f(V,\(&S->F@p\|&S.F@p\|&S->F@p[I]\|&S.F@p[I]\|S->F@p\|S.F@p\),...)

@read_pointer@
struct kvm_smccc_features *P;
identifier f = {memcmp, memcpy, memmove, copy_to_user};
expression V;
position p;
@@
f(V, P@p, ...)

@in_pointer@
struct kvm_smccc_features *P;
expression S;
position p;
@@
P = &\(S->smccc_feat@p\|S.smccc_feat@p\)

@in_declaration@
identifier I;
expression S;
position p;
@@
struct kvm_smccc_features *I = &\(S->smccc_feat@p\|S.smccc_feat@p\);

@addressed@
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
expression S, I;
position p != {read_first.p, read_second.p, in_pointer.p, in_declaration.p};
@@
 &\(S->F@p\|S.F@p\|S->F@p[I]\|S.F@p[I]\)

@array_given@
identifier F = {bmap};
expression S;
identifier f != {READ_ONCE, ARRAY_SIZE};
position p != {read_first.p, read_second.p};
@@
f(...,\(S->F@p\|S.F@p\),...)

@array_kept@
identifier F = {bmap};
expression S, V;
position p;
@@
V = \(S->F@p\|S.F@p\)

@array_declared@
identifier F = {bmap};
identifier I;
expression S;
type T;
position p;
@@
T I = \(S->F@p\|S.F@p\);

@array_moved@
identifier F = {bmap};
expression S, V;
position p;
@@
\(S->F@p + V\|S.F@p + V\)

@given@
struct kvm_smccc_features *P;
identifier f;
position p != read_pointer.p;
@@
f(...,P@p,...)

// All of them in one

@not_write@
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
expression S;
position p != {assigned.p, stepped_after.p, stepped_before.p, by_macro.p, addressed.p, array_given.p,
	      array_kept.p, array_declared.p, array_moved.p};
@@
\(S->F@p\|S.F@p\)

@not_given@
struct kvm_smccc_features *P;
position p != {overwritten.p, given.p};
@@
P@p

@write@
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
struct kvm_smccc_features *P;
expression S;
position w != {not_write.p, not_given.p};
@@
\(S->F@w\|S.F@w\|P@w\)

// Those that do not take the lock: creation of the VM, and helpers

@helper@
identifier f, I;
position h, p;
@@
f@h(..., struct kvm_smccc_features *I@p, ...) { ... }

@script:python@
p << helper.p;
@@
seen(p[0])

@declared@
identifier the.lock;
identifier f;
expression L;
position d;
@@
f@d(...)
{
... when any
lockdep_assert_held(\(&L->lock\|&L.lock\))
... when any
}

// In the block of a scoped_guard(), which is not a loop, but looks like one to spatch

@scoped exists@
identifier the.lock;
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
iterator name scoped_guard;
symbol mutex;
struct kvm_smccc_features *P;
expression S, L;
position w != {not_write.p, not_given.p};
position g;
@@
scoped_guard@g(mutex, \(&L->lock\|&L.lock\))
{
... when any
\(S->F@w\|S.F@w\|P@w\)
... when any
}

@bare@
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
struct kvm_smccc_features *P;
expression S;
position w != {not_write.p, not_given.p, scoped.w};
@@
\(S->F@w\|S.F@w\|P@w\)

// No lock on a way from the beginning of the function to the write

@unlocked exists@
identifier the.lock;
identifier f != kvm_arm_init_hypercalls;
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
symbol mutex;
struct kvm_smccc_features *P;
expression S, L;
position bare.w;
position start != {helper.h, declared.d};
@@
f@start(...)
{
... when != mutex_lock(\(&L->lock\|&L.lock\))
    when != guard(mutex)(\(&L->lock\|&L.lock\))
    when any
\(S->F@w\|S.F@w\|P@w\)
... when any
}

@script:python depends on report@
w << bare.w;
f << unlocked.f;
l << the.lock;
@@
report_at(w[0], f + "() writes the bitmaps without " + l)

// The lock is gone. This goes for helpers and VM creation as well.

@released exists@
identifier the.lock;
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
symbol mutex;
struct kvm_smccc_features *P;
expression S, L;
position bare.w;
position u;
@@
mutex_unlock@u(\(&L->lock\|&L.lock\))
... when != mutex_lock(\(&L->lock\|&L.lock\))
    when != guard(mutex)(\(&L->lock\|&L.lock\))
    when any
\(S->F@w\|S.F@w\|P@w\)

@script:python depends on report@
w << bare.w;
u << released.u;
l << the.lock;
@@
report_at(w[0], "the bitmaps are written after " + l + " is released")

// Nobody has asked whether the VM may still be changed

@unasked exists@
identifier the.lock;
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
symbol mutex;
struct kvm_smccc_features *P;
expression S, L;
position write.w;
position t;
@@
(
mutex_lock@t(\(&L->lock\|&L.lock\))
|
guard@t(mutex)(\(&L->lock\|&L.lock\))
)
... when != kvm_vm_has_ran_once(...)
    when != test_bit(KVM_ARCH_FLAG_HAS_RAN_ONCE, ...)
    when any
\(S->F@w\|S.F@w\|P@w\)

@script:python depends on report@
w << write.w;
t << unasked.t;
@@
report_at(w[0], "the bitmaps are written without kvm_vm_has_ran_once() under the lock")

@unasked_scoped exists@
identifier the.lock;
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
iterator name scoped_guard;
symbol mutex;
struct kvm_smccc_features *P;
expression S, L;
position scoped.w, scoped.g;
position t;
@@
scoped_guard@g@t(mutex, \(&L->lock\|&L.lock\))
{
... when != kvm_vm_has_ran_once(...)
    when != test_bit(KVM_ARCH_FLAG_HAS_RAN_ONCE, ...)
    when any
\(S->F@w\|S.F@w\|P@w\)
... when any
}

@script:python depends on report@
w << scoped.w;
t << unasked_scoped.t;
@@
report_at(w[0], "the bitmaps are written without kvm_vm_has_ran_once() under the lock")

// Calls of helpers that say that the lock is held. Of helpers that get the struct, the
// argument of the call is a write, above.

@declared_write exists@
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat};
identifier f;
struct kvm_smccc_features *P;
expression S;
position declared.d, write.w;
@@
f@d(...)
{
... when any
\(S->F@w\|S.F@w\|P@w\)
... when any
}

@called exists@
identifier the.lock;
identifier declared_write.f;
identifier caller;
symbol mutex;
expression L;
position start != {helper.h, declared.d};
position c;
@@
caller@start(...)
{
... when != mutex_lock(\(&L->lock\|&L.lock\))
    when != guard(mutex)(\(&L->lock\|&L.lock\))
    when any
f@c(...)
... when any
}

@script:python depends on report@
c << called.c;
f << declared_write.f;
l << the.lock;
@@
report_at(c[0], f + "() is called without " + l)

@called_late exists@
identifier the.lock;
identifier declared_write.f;
symbol mutex;
expression L;
position c;
@@
mutex_unlock(\(&L->lock\|&L.lock\))
... when != mutex_lock(\(&L->lock\|&L.lock\))
    when != guard(mutex)(\(&L->lock\|&L.lock\))
    when any
f@c(...)

@script:python depends on report@
c << called_late.c;
f << declared_write.f;
l << the.lock;
@@
report_at(c[0], f + "() is called after " + l + " is released")

// What needs no lock because the VM is new is for new VMs

@init exists@
identifier f != kvm_arch_init_vm;
position c;
@@
f(...)
{
... when any
kvm_arm_init_hypercalls@c(...)
... when any
}

@script:python depends on report@
c << init.c;
f << init.f;
@@
report_at(c[0], f + "() calls kvm_arm_init_hypercalls(), which is for new VMs")

//----------------------------------------------------------
//  3. A question without the lock
//----------------------------------------------------------

@firmware exists@
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat, smccc_filter};
identifier f;
struct kvm_smccc_features *P;
expression S;
position fw != {helper.h, declared.d};
@@
f@fw(...)
{
... when any
\(S->F\|S.F\|P\)
... when any
}

@scoped_question exists@
identifier the.lock;
iterator name scoped_guard;
symbol mutex;
expression L;
position a;
@@
scoped_guard(mutex, \(&L->lock\|&L.lock\))
{
... when any
kvm_vm_has_ran_once@a(...)
... when any
}

@stale exists@
identifier the.lock;
identifier f;
symbol mutex;
expression L;
position firmware.fw;
position a != scoped_question.a;
@@
f@fw(...)
{
... when != mutex_lock(\(&L->lock\|&L.lock\))
    when != guard(mutex)(\(&L->lock\|&L.lock\))
    when any
kvm_vm_has_ran_once@a(...)
... when any
}

@script:python depends on report@
a << stale.a;
f << stale.f;
l << the.lock;
@@
report_at(a[0], f + "() asks kvm_vm_has_ran_once() without " + l)

@stale_late exists@
identifier the.lock;
identifier f;
symbol mutex;
expression L;
position firmware.fw;
position a != scoped_question.a;
@@
f@fw(...)
{
... when any
mutex_unlock(\(&L->lock\|&L.lock\))
... when != mutex_lock(\(&L->lock\|&L.lock\))
    when != guard(mutex)(\(&L->lock\|&L.lock\))
    when any
kvm_vm_has_ran_once@a(...)
... when any
}

@script:python depends on report@
a << stale_late.a;
f << stale_late.f;
l << the.lock;
@@
report_at(a[0], f + "() asks kvm_vm_has_ran_once() after " + l + " is released")

//----------------------------------------------------------
//  4. What was not seen
//----------------------------------------------------------

@any_id@
identifier R =~ "^KVM_REG_ARM_";
position p;
@@
R@p

@script:python@
p << any_id.p;
@@
seen(p[0])

@any_field@
identifier F = {bmap, nr_visible, nr_offered, std_bmap, std_hyp_bmap, vendor_hyp_bmap,
		vendor_hyp_bmap_2, smccc_feat, smccc_filter};
expression S;
position p;
@@
\(S->F@p\|S.F@p\)

@script:python@
p << any_field.p;
@@
seen(p[0])

@any_pointer@
identifier I;
position p;
@@
struct kvm_smccc_features *I@p;

@script:python@
p << any_pointer.p;
@@
seen(p[0])

@any_pointer_set@
identifier I;
expression V;
position p;
@@
struct kvm_smccc_features *I@p = V;

@script:python@
p << any_pointer_set.p;
@@
seen(p[0])

@any_prototype@
identifier f, I;
type T;
position p;
@@
T f(..., struct kvm_smccc_features *I@p, ...);

@script:python@
p << any_prototype.p;
@@
seen(p[0])

@script:python depends on report@
l << the.lock;
@@
for name in cocci.files():
    report_missed(name)
