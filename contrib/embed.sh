#!/bin/sh
# What `wardtap export setup` sends, as C source on standard output: src/app/setup.h.
# Usage: contrib/embed.sh PRODUCT... (folders beside this file, each with a setup.list)
set -eu
cd "$(dirname "$0")"
echo '/* Made by contrib/embed.sh. */'
echo '#include "app/setup.h"'
i=0
for product in "$@"; do
	grep '^PUT ' "$product/setup.list" | while read -r _ path file; do
		echo "static const uint8_t text_${product}_${i}[] = {"
		od -An -v -tx1 "$product/$file" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
		echo '0 };'
		i=$((i + 1))
	done
done
echo 'const struct wt_setup_step wt_setup_steps[] = {'
for product in "$@"; do
	grep '^PUT ' "$product/setup.list" | while read -r _ path file; do
		echo "	{ \"$product\", \"/$path\", text_${product}_${i}, sizeof(text_${product}_${i}) - 1 },"
		i=$((i + 1))
	done
done
echo '	{ 0 },'
echo '};'
