/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The modules, as the other kernel-side files see them. */
#ifndef RECOUNT_IMPL_LINUX_MODULES_H_
#define RECOUNT_IMPL_LINUX_MODULES_H_

#include <linux/module.h>
#include <linux/notifier.h>

/* What rk_module_create() was given; -1 for a module that holds a livepatch. */
int rk_module_number(const struct module *module);
/* The loader's chain. */
extern struct blocking_notifier_head rk_module_chain;

#endif /* RECOUNT_IMPL_LINUX_MODULES_H_ */
