# SPDX-License-Identifier: BSD-3-Clause
"""For 'make man': Sphinx makes a man page of fwregs.1.rst. All other pages are Markdown."""

project = 'fwregs'
root_doc = 'fwregs.1'
exclude_patterns = ['*.md']
# document, name, description, authors, section
man_pages = [('fwregs.1', 'fwregs', 'the firmware that KVM/arm64 shows a guest', [], 1)]
