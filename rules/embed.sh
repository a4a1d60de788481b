#!/bin/sh
# Tables (files NAME.tsv) as C source on standard output: src/base/table.h.
set -eu
echo '/* Made by rules/embed.sh. */'
echo '#include "base/table.h"'
i=0
for file in "$@"; do
	echo "static const uint8_t text_${i}[] = {"
	od -An -v -tx1 "$file" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
	echo '0 };'
	i=$((i + 1))
done
echo 'const struct wt_table_text wt_table_texts[] = {'
i=0
for file in "$@"; do
	echo "	{ \"$(basename "$file" .tsv)\", text_$i, sizeof(text_$i) - 1 },"
	i=$((i + 1))
done
echo '	{ 0 },'
echo '};'
