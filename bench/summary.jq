# SPDX-License-Identifier: BSD-3-Clause
# A report of the benchmark, summed up by kind of call: the least and the greatest number of
# instructions on both kernels, and of their difference

def signed: if . > 0 then "+\(.)" else "\(.)" end;
def span(f): "\(min | f)" + if min == max then "" else " to \(max | f)" end;

def kind($name; $pattern): [.counts[] | select("\(.what)\t\(.state)" | test($pattern)) | select(.unpatched)] |
	select(length > 0) |
	{
		what: $name,
		calls: length,
		unpatched: map(.unpatched) | span(.),
		patched: map(.patched) | span(.),
		difference: map(.patched - .unpatched) | span(signed)
	};

[
	kind("hypercall, served"; "^0x.*\tserved$"),
	kind("hypercall, disabled or without its register"; "^0x.*\t(off|register absent)$"),
	kind("hypercall that no register controls"; "^0x.*\tno register$"),
	kind("hypercall with an SMCCC filter"; "^0x.*\t.*filter"),
	kind("`KVM_GET_ONE_REG`, level register"; "^KVM_GET_ONE_REG\tKVM_REG_ARM_(PSCI|SMCCC)"),
	kind("`KVM_SET_ONE_REG`, level register"; "^KVM_SET_ONE_REG\tKVM_REG_ARM_(PSCI|SMCCC)"),
	kind("`KVM_GET_ONE_REG`, bitmap register"; "^KVM_GET_ONE_REG\t.*_BMAP(_2)?$"),
	kind("`KVM_SET_ONE_REG`, bitmap register"; "^KVM_SET_ONE_REG\t.*_BMAP(_2)?$"),
	kind("`KVM_GET_ONE_REG` and `KVM_SET_ONE_REG`, unknown register"; "^KVM_.ET_ONE_REG\t.*_REG\\("),
	kind("`KVM_SET_ONE_REG`, a bit outside the mask"; "^KVM_SET_ONE_REG\ta bad value$"),
	kind("`KVM_GET_REG_LIST`"; "^KVM_GET_REG_LIST\twhole$"),
	kind("`KVM_CREATE_VM` and `close()`"; "^KVM_CREATE_VM"),
	kind("`KVM_CHECK_EXTENSION`"; "^KVM_CHECK_EXTENSION.*\t((?!HVC_FW_REG).)*$"),
	kind("`KVM_ENABLE_CAP`"; "^KVM_ENABLE_CAP\t((?!HVC_FW_REG).)*$")
]
