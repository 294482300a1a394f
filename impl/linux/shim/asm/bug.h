/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Stands before arch/x86/include/asm/bug.h. A warning there is an undefined instruction and a table
 * that the trap handler reads; here it is a call, with file and line, and BUG() a panic.
 */
#ifndef _ASM_X86_BUG_H
#define _ASM_X86_BUG_H
#include <asm-generic/bug.h>
#endif
