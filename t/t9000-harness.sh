#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The harness itself: trees and patches on a kernel of three lines, and its error messages. t9100 has
# the tests that need an emulated host.
. "$(dirname "$0")/lib.sh"

# A checkout with one base, 0.1, whose kernel is a git tree
co=$trash/checkout
src=$trash/src
export BUILD="$trash/build"
tree=$BUILD/0.1/tree

quiet_git()
{
	git -c user.name=test -c user.email=test@localhost -C "$@"
}

commit()
{
	quiet_git "$1" add -A && quiet_git "$1" commit -q -s -m "$2"
}

mkdir -p "$co/patches/0.1" "$src"
cp -r scripts kernel "$co/"
git init -q "$co"
git -C "$co" config user.name test
git -C "$co" config user.email test@localhost
printf 'package linux-source-0.1\nversion 0.1-1\nsuites bookworm\n' >"$co/patches/0.1/base"
for cover in 01 02; do
	printf 'Subject: [PATCH 0/0] A test\n\nThe text of %s.\n\nfoo (1):\n  bar\n' $cover \
		>"$co/patches/0.1/${cover}00-cover-letter.txt"
done
printf '%s\n' '0101 numbers Make-it-2' '0103 numbers Make-it-3' '0201 words Add-four' >"$co/patches/steps"
git init -q "$src"
printf 'one\ntwo\nthree\n' >"$src/file"
printf '/*\n' >"$src/.gitignore"
git -C "$src" add -f file .gitignore
quiet_git "$src" commit -q -m base

# Two patches for it
git clone -q "$src" "$trash/author"
sed -i 's/two/2/' "$trash/author/file"
git -C "$trash/author" add -f file && quiet_git "$trash/author" commit -q -s -m 'Make it 2'
sed -i 's/three/3/' "$trash/author/file"
git -C "$trash/author" add -f file && quiet_git "$trash/author" commit -q -s -m 'Make it 3'
two_patches()
{
	git -C "$trash/author" format-patch -q --no-signature -o "$co/patches/0.1" HEAD~2
	mv "$co/patches/0.1/0001-Make-it-2.patch" "$co/patches/0.1/0101-Make-it-2.patch"
	mv "$co/patches/0.1/0002-Make-it-3.patch" "$co/patches/0.1/0103-Make-it-3.patch"
}
two_patches

run()
{
	script=$1
	shift
	"$co/scripts/$script" "$@"
}

# A failed first attempt leaves nothing that breaks a second one
export SRC="$trash/nosuch"
ok 'SRC that is nothing is refused' fails 1 "SRC=$SRC is neither a tarball nor a git tree" run tree.sh 0.1
export SRC="$src"
ok 'an unknown base is refused' fails 1 "^tree.sh: unknown BASE '0.2', there are: 0.1$" run tree.sh 0.2
ok 'no base is refused' fails 1 "^tree.sh: unknown BASE ''" run tree.sh

mkdir "$trash/df"
printf '#!/bin/sh\necho fs blocks used free\necho x 1 1 17\n' >"$trash/df/df"
chmod +x "$trash/df/df"
no_space()
{
	PATH=$trash/df:$PATH run tree.sh 0.1
}
ok 'too little space is refused, with how much is needed' \
	fails 1 'a kernel tree and its build needs [0-9]+ MiB in .*, there are 17 MiB free' no_space

ok 'a tree from a git tree' run tree.sh 0.1
is_applied()
{
	[ "$(tr '\n' ' ' <"$tree/file")" = 'one 2 3 ' ] &&
	[ "$(git -C "$tree" rev-list --count base..HEAD)" -eq 2 ]
}
ok 'it has the series as commits' is_applied
ok 'the unpatched tree' run tree.sh 0.1 1
ok 'it is the base' cmp "$src/file" "$BUILD/0.1-unpatched/tree/file"

run refresh.sh 0.1 >/dev/null 2>&1
cp -r "$co/patches/0.1" "$trash/patches"
run refresh.sh 0.1 >/dev/null 2>&1
ok 'refresh after refresh changes nothing' diff -r "$trash/patches" "$co/patches/0.1"
ok 'refresh counts the patches in the cover letter' \
	grep -q 'PATCH 0/2' "$co/patches/0.1/0100-cover-letter.txt"
ok 'refresh keeps the text of the cover letter' \
	grep -q '^The text of 01' "$co/patches/0.1/0100-cover-letter.txt"

echo four >>"$tree/file"
ok 'refresh refuses what is not committed' fails 1 'has changes that are not committed' run refresh.sh 0.1
git -C "$tree" add -f file && quiet_git "$tree" commit -q -s -m 'Add four'
ok 'a commit in the tree stays there' run tree.sh 0.1
ok 'as it was' grep -q four "$tree/file"
ok 'clean refuses to remove it' fails 1 'has work of its own' run clean.sh
ok 'and does not' grep -q four "$tree/file"
cp "$tree/.git/config" "$trash/config"
git -C "$tree" config --remove-section fwregs
ok 'if nobody knows what the tree was made from, it stays there, too' \
	fails 1 'was made from something unknown, remove' run tree.sh 0.1
mv "$trash/config" "$tree/.git/config"

cp "$co/patches/0.1/0103-Make-it-3.patch" "$trash/0103"
sed -i 's/^+3$/+drei/' "$co/patches/0.1/0103-Make-it-3.patch"
ok 'new patches do not replace work in the tree' \
	fails 1 'has work of its own and patches/0.1 has changed' run tree.sh 0.1
ok 'which is still there' grep -q four "$tree/file"
ok 'nor does work in the tree replace new patches' \
	fails 1 'has changed since .* was made from it' run refresh.sh 0.1
ok 'which are still there' grep -q '^+drei$' "$co/patches/0.1/0103-Make-it-3.patch"
force()
{
	FORCE=1 run refresh.sh 0.1
}
ok 'unless it is said so' force
ok 'as a patch' grep -q '^+four$' "$co/patches/0.1/0201-Add-four.patch"

# Each topic is a separate series
topics_apart()
{
	cd "$co/patches/0.1" &&
	grep -x 'Subject: \[PATCH 1/2\] Make it 2' 0101-Make-it-2.patch &&
	grep -x 'Subject: \[PATCH 2/2\] Make it 3' 0103-Make-it-3.patch &&
	grep -x 'Subject: \[PATCH 1/1\] Add four' 0201-Add-four.patch &&
	grep -x 'Subject: \[PATCH 0/1\] A test' 0200-cover-letter.txt &&
	grep 'The text of 02' 0200-cover-letter.txt &&
	grep -x '      Add four' 0200-cover-letter.txt &&
	! grep 'Make it' 0200-cover-letter.txt &&
	! grep 'Add four' 0100-cover-letter.txt &&
	grep -x ' 1 file changed, 1 insertion(+)' 0200-cover-letter.txt
}
ok 'refresh counts and lists the patches of each topic' topics_apart
mv "$co/patches/0.1/0200-cover-letter.txt" "$trash/cover"
ok 'refresh wants a cover letter for each topic' \
	fails 1 '^refresh.sh: there is no .*/0200-cover-letter.txt, the cover letter of the topic words$' run refresh.sh 0.1
mv "$trash/cover" "$co/patches/0.1/0200-cover-letter.txt"

# The number of a patch is that of its step
quiet_git "$tree" commit -q -s --allow-empty -m 'Add five'
ok 'refresh refuses a commit that is no step' \
	fails 1 '^refresh.sh: Add-five is no step of patches/steps, add it there$' run refresh.sh 0.1
cp "$co/patches/steps" "$trash/steps"
echo '0102 numbers Add-five' >>"$co/patches/steps"
ok 'and one that is out of order' \
	fails 1 '^refresh.sh: Add-five, step 0102, comes after step 0201 in ' run refresh.sh 0.1
ok 'and leaves the patches as they were' ls "$co/patches/0.1/0201-Add-four.patch"
git -C "$tree" reset -q --hard HEAD~
cp "$trash/steps" "$co/patches/steps"

ok 'compare wants two bases' fails 1 '^compare.sh: A= and B= name the bases to compare$' run compare.sh 0.1
compares()
{
	run compare.sh 0.1 0.1 >"$trash/compare" && cat "$trash/compare" &&
	[ "$(grep -c '^0[12]0[13]: = ' "$trash/compare")" -eq 3 ]
}
ok 'a base compared with itself has the same steps' compares

# During a rebase or git am, HEAD is not the series
mkdir "$tree/.git/rebase-merge"
ok 'refresh refuses a tree in the middle of a rebase' \
	fails 1 'in the middle of something in .*rebase-merge' run refresh.sh 0.1
ok 'and so does tree' fails 1 'in the middle of something in .*rebase-merge' run tree.sh 0.1
rmdir "$tree/.git/rebase-merge"

sed -i 's/^-three$/-trois/' "$co/patches/0.1/0103-Make-it-3.patch"
tip=$(git -C "$tree" rev-parse HEAD)
ok 'a patch that does not apply is named, with the version' \
	fails 1 '^tree.sh: 0103-Make-it-3.patch does not apply to linux the git tree .*/src, see' run tree.sh 0.1
ok 'and the tree is as it was' [ "$(git -C "$tree" rev-parse HEAD)" = "$tip" ]
cp "$trash/0103" "$co/patches/0.1/0103-Make-it-3.patch"
sed -i 's/^index .*/index 1111111..2222222 100644/' "$co/patches/0.1/0103-Make-it-3.patch"
ok 'it applies again once it is mended' run tree.sh 0.1

# A hunk that needs fuzz does not apply
cp "$co/patches/0.1/0101-Make-it-2.patch" "$trash/0101"
sed -i 's/^ one$/ uno/' "$co/patches/0.1/0101-Make-it-2.patch"
ok 'a patch that would need fuzz does not apply' \
	fails 1 '0101-Make-it-2.patch does not apply' run tree.sh 0.1
cp "$trash/0101" "$co/patches/0.1/0101-Make-it-2.patch"

SRC="$trash/another"
ok 'another SRC does not go unnoticed' fails 1 'was made from SRC=.*/src, remove .* to have one from SRC=.*/another' run tree.sh 0.1
SRC="$src"
rm -rf "$tree"
ok 'a tree that was removed is made again' run tree.sh 0.1
ok 'and the unpatched tree beside it, too' run tree.sh 0.1 1
ok 'it is a tree of its own' [ "$(git -C "$BUILD/0.1-unpatched/tree" rev-parse --show-toplevel)" = "$BUILD/0.1-unpatched/tree" ]
ok 'clean removes what can be made again' run clean.sh
ok 'all of it' [ ! -e "$BUILD" ]

rm -rf "$BUILD"
git -C "$src" archive --prefix=linux-0.1/ HEAD | xz >"$trash/linux.tar.xz"
two_patches
rm -f "$co/patches/0.1/0201-Add-four.patch"
export SRC="$trash/linux.tar.xz"
ok 'a tree from a tarball' run tree.sh 0.1
ok 'it has the series as commits, too' is_applied
echo 'not a tarball' >"$trash/bad.tar.xz"
rm -rf "$BUILD"
export SRC="$trash/bad.tar.xz"
ok 'a bad tarball is named' fails 1 '^tree.sh: cannot unpack .*/bad.tar.xz: ' run tree.sh 0.1
ok 'and leaves no tree' [ ! -e "$tree" ]

unset SRC
ok 'a package that the mirror does not have is named' \
	fails 1 'the mirror has no linux-source-0.1 in bookworm any more' run tree.sh 0.1

# All tools except for some
mkdir "$trash/bin"
for tool in /usr/bin/* /bin/*; do
	case ${tool##*/} in
	qemu-system-aarch64|apt-get|spatch) continue ;;
	esac
	ln -sf "$tool" "$trash/bin/${tool##*/}"
done
few_tools()
{
	PATH=$trash/bin run "$@"
}
ok 'a missing tool is named' \
	fails 1 "^boot.sh: qemu-system-aarch64 is missing, 'make setup' installs it$" few_tools boot.sh 0.1
lines=2
ok 'elsewhere than on Debian, setup lists what to install' \
	fails 1 '^  qemu-system-arm$' few_tools setup.sh
ok 'and what it could not verify' fails 1 'Not verified here: ' few_tools setup.sh
lines=1

# The key of a kernel covers its sources, also files that git does not track. A dangling link is no
# error.
tree_key()
{
	sh -c '. "${0%/*}/lib.sh"; tree_key "$1"' "$co/scripts/key" "$trash/keyed" >"$trash/key$1"
}

keyed()
{
	git init -q "$trash/keyed" && echo 1 >"$trash/keyed/known" && commit "$trash/keyed" known &&
	tree_key 1 && echo 1 >"$trash/keyed/new" && tree_key 2 && echo 2 >"$trash/keyed/new" && tree_key 3 &&
	! cmp "$trash/key1" "$trash/key2" && ! cmp "$trash/key2" "$trash/key3" &&
	git clone -q "$src" "$trash/keyed/other" && ln -s nosuch "$trash/keyed/dangling" && tree_key 4
}
ok 'the key of a tree is about all files in it' keyed

# In a run of several tests, each build is checked once. A failed one is not up to date.
looks()
(
	mkdir -p "$trash/fake" "$trash/made/0.1" "$trash/made/0.1-unpatched"
	for script in tree kernel selftests programs initramfs; do
		echo 'exit' >"$trash/fake/$script.sh"
		chmod +x "$trash/fake/$script.sh"
	done
	cat >"$trash/fake/initramfs.sh" <<-END
	echo \$1\$2 >>"$trash/looks"
	[ ! -e "$trash/broken" ] && : >"$trash/made/0.1\${2:+-unpatched}/initramfs.cpio"
	END
	scripts=$trash/fake build=$trash/made
	# Not the run that this test is part of
	unset STARTED
	(have_kernel 0.1 && have_kernel 0.1 && echo "two looks" >>"$trash/looks")
	export STARTED="$trash/started"
	: >"$STARTED"
	: >"$trash/broken"
	(have_kernel 0.1)
	rm "$trash/broken"
	(have_kernel 0.1 && have_kernel 0.1 && have_kernel 0.1 1)
	printf '%s\n' 0.1 0.1 'two looks' 0.1 0.1 0.11 | diff - "$trash/looks"
)
ok 'what has been made in a run is looked at once' looks

ok 'boot without a kernel' fails 1 'there is no .*/0.1/Image, make it with' run boot.sh 0.1

done_testing
