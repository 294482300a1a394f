/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What livepatch asks of the scheduler and of sysfs: there is no task but the first. */
#include "features.h"

#include <linux/kobject.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "host.h"

struct task_struct init_task = {
    .__state = 0,
    .comm = "swapper",
    .tasks = LIST_HEAD_INIT(init_task.tasks),
    .patch_state = -1, /* in no transition */
};
#if RK_HAS_PCPU_HOT
DEFINE_PER_CPU(struct pcpu_hot, pcpu_hot) = {.current_task = &init_task};
/* vmlinux.lds.h has the alias that tells the compiler it does not change. */
asm(".globl const_pcpu_hot\n.set const_pcpu_hot, pcpu_hot\n");
#else
DEFINE_PER_CPU(struct task_struct *, current_task) = &init_task;
#endif
enum system_states system_state = SYSTEM_RUNNING;
struct kobject *kernel_kobj;
const struct sysfs_ops kobj_sysfs_ops;

struct task_struct *idle_task(int cpu) { return &init_task; }
int wake_up_state(struct task_struct *task, unsigned state) { return 0; }
/* kernel/time/timer.c: no time passes. */
unsigned long round_jiffies_relative(unsigned long delay) { return delay; }
/* kernel/jump_label.c: a key is a counter, as without CONFIG_JUMP_LABEL. */
bool static_key_initialized = true;

/* lib/kobject.c: a reference count without a place in sysfs. */
void kobject_init(struct kobject *object, const struct kobj_type *type) {
  kref_init(&object->kref);
  object->ktype = type;
}
int kobject_add(struct kobject *object, struct kobject *parent, const char *format, ...) {
  return 0;
}
struct kobject *kobject_create_and_add(const char *name, struct kobject *parent) {
  struct kobject *object = kzalloc(sizeof(*object), GFP_KERNEL);
  kref_init(&object->kref);
  return object;
}
static void last_put(struct kref *count) {
  struct kobject *object = container_of(count, struct kobject, kref);
  if (object->ktype && object->ktype->release) object->ktype->release(object);
}
void kobject_put(struct kobject *object) {
  if (object) kref_put(&object->kref, last_put);
}
