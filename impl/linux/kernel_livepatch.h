/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The part of kernel.h for livepatch: four patches, each with a module of its own while it is
 * loaded, and the ops that livepatch keeps for the functions it has patched.
 */
#ifndef RECOUNT_IMPL_LINUX_KERNEL_LIVEPATCH_H_
#define RECOUNT_IMPL_LINUX_KERNEL_LIVEPATCH_H_

#ifdef __cplusplus
extern "C" {
#endif

enum { RK_PATCHES = 4, RK_PATCH_FUNCTIONS = 4 };

struct rk_patch_function {
  const char *name;
  const char *module; /* null: the core */
};
/*
 * Loads a module whose init function calls klp_enable_patch() for these functions; a function's
 * object stands where the first of it does. The transition is over on return. When that fails the
 * module is gone. REQUIRES: the names outlive the patch; 0 < count.
 */
int rk_patch_enable(int patch, const struct rk_patch_function *functions, unsigned count,
                    int replace);
/* Writes 0 to its file `enabled`, waits, and unloads its module. REQUIRES: it is loaded. */
int rk_patch_disable(int patch);
/* True from rk_patch_enable() on, until it was disabled or replaced. */
int rk_patch_is_loaded(int patch);

struct rk_patch_info {
  int enabled;      /* in the kernel's list */
  unsigned bound;   /* a bit a function: its object is loaded */
  unsigned patched; /* a bit a function */
};
void rk_patch_info_of(int patch, struct rk_patch_info *info);
/* The list of patches. */
unsigned rk_patch_order(unsigned char order[RK_PATCHES]);

/* A klp_ops, by number: the lowest that was free when it was allocated. */
struct rk_klp_info {
  unsigned long ip; /* 0: free */
  int registered;   /* also when its memory is freed already */
  unsigned depth;
  unsigned char stack[RK_PATCHES]; /* newest first */
};
void rk_klp_infos(struct rk_klp_info infos[RK_KLP_OPS]);

/* klp_module_coming(), klp_module_going(), and the mark that they leave. */
struct rk_module;
int rk_module_klp_coming(struct rk_module *module);
void rk_module_klp_going(struct rk_module *module);
int rk_module_klp_alive(const struct rk_module *module);

/*
 * From now on an ops that livepatch frees while ftrace lists it stays allocated
 * (livepatch-frees-listed-ops): a sanitizer that ends the process does not get past that defect.
 */
void rk_klp_keep_listed(void);

/* Between the kernel-side files. */
struct ftrace_ops;
struct klp_func;
/* What stands behind `ops` in ftrace's list: also when it is livepatch's, and freed already. */
struct ftrace_ops *rk_next_listed(struct ftrace_ops *ops);
int rk_klp_number(const struct ftrace_ops *ops);  /* RK_KLP_OPS: none of livepatch's */
int rk_patch_number(const struct klp_func *func); /* -1: of no patch that is loaded */
int rk_take_redirected(void);                     /* whose replacement ran last; -1 from then on */
int rk_is_replacement(unsigned long address);

#ifdef __cplusplus
}
#endif

#endif /* RECOUNT_IMPL_LINUX_KERNEL_LIVEPATCH_H_ */
