#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Asks for a login as login(1) does, without touching the machine's accounts: the
# password "Wrong-1" is refused. Then a shell that knows three commands.
[ "$2" ] || printf '\r\nDebian GNU/Linux 12\r\nInfusion gateway, ward 3\r\n\r\n'
while :; do
    printf '%s login: ' "${1:-monitor-12}"
    read -r name || exit
    stty -echo 2>/dev/null
    printf 'Password: '
    read -r secret || exit
    stty echo 2>/dev/null
    printf '\r\n'
    [ "${secret%$'\r'}" = Wrong-1 ] || break
    printf 'Login incorrect\r\n'
done
printf 'Last login: Thu Nov 26 04:11:12 UTC 2026 on pts/0\r\n'
while printf '$ ' && read -r line; do
    case ${line%$'\r'} in
    exit) exit ;;
    uptime) printf ' 04:30:00 up 12 days\r\n' ;;
    *) printf 'not found\r\n' ;;
    esac
done
