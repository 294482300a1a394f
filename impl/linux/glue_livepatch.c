/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * kernel/livepatch/core.c, unmodified, and the patches of kernel_livepatch.h. A patch is what the
 * module of a livepatch holds: its description, and the replacements. It is made when that module is
 * loaded, and its memory goes with the module, when livepatch has given its reference back.
 */
#include "kernel.h"
#include "kernel_livepatch.h"

#include "kernel/livepatch/core.c"

int rk_init_livepatch(void) { return klp_init(); }

struct rk_patch {
  struct module module;
  struct klp_modinfo info; /* no section of it waits for a relocation */
  struct klp_patch patch;
  /* Each list ends with an empty one. */
  struct klp_object objects[RK_PATCH_FUNCTIONS + 1];
  struct klp_func functions[RK_PATCH_FUNCTIONS][RK_PATCH_FUNCTIONS + 1];
  /* In the order in which they were named. */
  struct klp_object *object_of[RK_PATCH_FUNCTIONS];
  struct klp_func *function[RK_PATCH_FUNCTIONS];
};
static struct rk_patch *rk_patches[RK_PATCHES];

/* --- replacements ------------------------------------------------------------------------------ */

static int rk_redirected = -1;
static noinline void rk_replacement_0(void) { rk_redirected = 0; }
static noinline void rk_replacement_1(void) { rk_redirected = 1; }
static noinline void rk_replacement_2(void) { rk_redirected = 2; }
static noinline void rk_replacement_3(void) { rk_redirected = 3; }
static void (*const rk_replacements[RK_PATCHES])(void) = {rk_replacement_0, rk_replacement_1,
                                                          rk_replacement_2, rk_replacement_3};

int rk_take_redirected(void) {
  int redirected = rk_redirected;
  rk_redirected = -1;
  return redirected;
}

int rk_is_replacement(unsigned long address) {
  int p;
  for (p = 0; p < RK_PATCHES; p++)
    if (address == (unsigned long)rk_replacements[p]) return 1;
  return 0;
}

/* --- a patch's module -------------------------------------------------------------------------- */

static int rk_pre_patch(struct klp_object *object) {
  int error = rk_fault_error(RK_KLP_CALLBACK);
  if (!rk_passes_fault(RK_KLP_CALLBACK)) return 0;
  return error ? error : -EINVAL;
}

/* The object for `module`, a new one when there is none yet. */
static unsigned rk_object_of(struct rk_patch *made, const char *module) {
  unsigned o;
  for (o = 0; made->objects[o].funcs; o++) {
    const char *name = made->objects[o].name;
    if (name == module || (name && module && !strcmp(name, module))) return o;
  }
  made->objects[o].name = module;
  made->objects[o].funcs = made->functions[o];
  made->objects[o].callbacks.pre_patch = rk_pre_patch;
  return o;
}

static struct rk_patch *rk_patch_make(int p, const struct rk_patch_function *functions,
                                      unsigned count, int replace) {
  struct rk_patch *made = kzalloc(sizeof(*made), GFP_KERNEL);
  unsigned i;
  sprintf(made->module.name, "livepatch_%d", p);
  made->module.state = MODULE_STATE_COMING;
  made->module.klp = true;
  made->module.klp_info = &made->info;
  made->patch.mod = &made->module;
  made->patch.objs = made->objects;
  made->patch.replace = replace;
  for (i = 0; i < count; i++) {
    unsigned o = rk_object_of(made, functions[i].module);
    struct klp_func *func = made->functions[o];
    while (func->old_name) func++;
    func->old_name = functions[i].name;
    func->new_func = rk_replacements[p];
    made->object_of[i] = &made->objects[o];
    made->function[i] = func;
  }
  return made;
}

/* What happens meanwhile: the only task passes the idle loop, and work is done. */
static void rk_transit(void) {
  int p;
  if (klp_transition_patch) klp_update_patch_state(&init_task);
  rk_grace_period();
  for (p = 0; p < RK_PATCHES; p++) {
    if (!rk_patches[p] || atomic_read(&rk_patches[p]->module.refcnt)) continue;
    kfree(rk_patches[p]);
    rk_patches[p] = NULL;
  }
}

int rk_patch_enable(int p, const struct rk_patch_function *functions, unsigned count,
                    int replace) {
  int rc;
  rk_patches[p] = rk_patch_make(p, functions, count, replace);
  rc = klp_enable_patch(&rk_patches[p]->patch);
  if (!rc) rk_patches[p]->module.state = MODULE_STATE_LIVE;
  rk_transit();
  return rc;
}

int rk_patch_disable(int p) {
  ssize_t rc = enabled_store(&rk_patches[p]->patch.kobj, &enabled_kobj_attr, "0", 1);
  rk_transit();
  return rc < 0 ? rc : 0;
}

/* --- what can be seen -------------------------------------------------------------------------- */

int rk_patch_is_loaded(int p) { return rk_patches[p] != NULL; }

int rk_patch_number(const struct klp_func *func) {
  int p;
  for (p = 0; p < RK_PATCHES; p++) {
    const struct rk_patch *patch = rk_patches[p];
    if (patch && (void *)func >= (void *)patch && (void *)func < (void *)(patch + 1)) return p;
  }
  return -1;
}

unsigned rk_patch_order(unsigned char order[RK_PATCHES]) {
  struct klp_patch *patch;
  unsigned count = 0;
  klp_for_each_patch(patch) {
    int p;
    for (p = 0; p < RK_PATCHES; p++)
      if (rk_patches[p] && patch == &rk_patches[p]->patch && count < RK_PATCHES) order[count++] = p;
  }
  return count;
}

void rk_patch_info_of(int p, struct rk_patch_info *info) {
  struct rk_patch *patch = rk_patches[p];
  unsigned char order[RK_PATCHES];
  unsigned count = rk_patch_order(order), i;
  memset(info, 0, sizeof(*info));
  for (i = 0; i < count; i++)
    if (order[i] == p) info->enabled = 1;
  for (i = 0; patch && i < RK_PATCH_FUNCTIONS && patch->function[i]; i++) {
    if (klp_is_object_loaded(patch->object_of[i])) info->bound |= 1u << i;
    if (patch->function[i]->patched) info->patched |= 1u << i;
  }
}
