/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What differs between kernel versions, named by what it is. Include before anything of the kernel.
 */
#ifndef RECOUNT_IMPL_LINUX_FEATURES_H_
#define RECOUNT_IMPL_LINUX_FEATURES_H_

#include <generated/uapi/linux/version.h>

/* A module's memory is an array by kind, not a core and an init layout. */
#define RK_HAS_MODULE_MEM (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0))
/* Allocators are macros that count for their caller, around functions named *_noprof. */
#define RK_HAS_NOPROF (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0))
/* Memory for code comes from execmem_alloc(), not from module_alloc(). */
#define RK_HAS_EXECMEM (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0))
/* Walks over symbols ask for one name, or one module, and say no more of each than where it is. */
#define RK_HAS_NARROW_SYMBOL_WALKS (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0))
/* Handlers of sysctls get a const table. */
#define RK_HAS_CONST_SYSCTL (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0))

/* tracefs has touched_functions and available_filter_functions_addrs. */
#define RK_HAS_TOUCHED (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0))
/* The size of a sysctl table is passed, not found by its empty last entry. */
#define RK_HAS_SIZED_SYSCTL (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0))
/* The running task and the preemption count lie in one per-processor structure. */
#define RK_HAS_PCPU_HOT \
  (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0))

#endif /* RECOUNT_IMPL_LINUX_FEATURES_H_ */
