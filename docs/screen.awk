# SPDX-License-Identifier: BSD-3-Clause
# Makes an SVG picture of a terminal from text. Commands ("$ ...") and headings ("== ...") have other
# colours.

function escape(text)
{
	gsub(/&/, "\\&amp;", text)
	gsub(/</, "\\&lt;", text)
	gsub(/>/, "\\&gt;", text)
	return text
}

{
	lines[NR] = $0
	if (length($0) > columns)
		columns = length($0)
}

END {
	# A character of this font is 0.6 of its size wide
	size = 13
	height = 17
	width = int(columns * size * 0.602) + 32
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n",
		width, NR * height + 32, width, NR * height + 32
	print "<!-- SPDX-License-Identifier: BSD-3-Clause -->"
	print "<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#1b1f24\"/>"
	printf "<g font-family=\"monospace\" font-size=\"%d\" fill=\"#d0d7de\" xml:space=\"preserve\">\n", size
	for (i = 1; i <= NR; i++) {
		if (lines[i] == "")
			continue
		colour = lines[i] ~ /^== / ? " fill=\"#79c0ff\"" : lines[i] ~ /^\$ / ? " fill=\"#7ee787\"" : ""
		printf "<text x=\"16\" y=\"%d\"%s textLength=\"%.1f\">%s</text>\n", 16 + i * height - 4, colour,
			length(lines[i]) * size * 0.6, escape(lines[i])
	}
	print "</g>"
	print "</svg>"
}
