/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Locks, RCU and work. One thread runs, so a lock only has to be taken and given back in pairs, and
 * a grace period is the end of the call (rk_grace_period). What is queued runs then, in order.
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/swait.h>
#include <linux/workqueue.h>

#include "host.h"
#include "kernel.h"

unsigned long rk_irq_flags = X86_EFLAGS_IF;
int __preempt_count;
struct cpumask __cpu_online_mask = {{1}};
struct cpumask __cpu_possible_mask = {{1}};

/* kernel/locking/mutex.c: the owner is 1. A mutex taken twice would hang for ever. */
void __mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key) {
  memset(lock, 0, sizeof(*lock));
}
void mutex_lock(struct mutex *lock) {
  if (atomic_long_read(&lock->owner)) host_die("a mutex is locked twice");
  atomic_long_set(&lock->owner, 1);
}
void mutex_unlock(struct mutex *lock) {
  if (!atomic_long_read(&lock->owner)) host_die("a mutex is unlocked that nobody holds");
  atomic_long_set(&lock->owner, 0);
}
bool mutex_is_locked(struct mutex *lock) { return atomic_long_read(&lock->owner) != 0; }

/* kernel/locking/rwsem.c */
void down_read(struct rw_semaphore *sem) {}
void up_read(struct rw_semaphore *sem) {}
void down_write(struct rw_semaphore *sem) {}
void up_write(struct rw_semaphore *sem) {}

/* kernel/sched/: nobody else is runnable. */
int __cond_resched(void) { return 0; }
void wait_for_completion(struct completion *done) {
  if (!done->done) host_die("waits for a completion that nobody signals");
}
void complete(struct completion *done) { done->done++; }
void __init_swait_queue_head(struct swait_queue_head *queue, const char *name,
                             struct lock_class_key *key) {
  INIT_LIST_HEAD(&queue->task_list);
}

/* kernel/rcu/: callbacks wait in a list. */
static struct rcu_head *first_callback;
static struct rcu_head **last_callback = &first_callback;

void call_rcu(struct rcu_head *head, rcu_callback_t function) {
  head->func = function;
  head->next = NULL;
  *last_callback = head;
  last_callback = &head->next;
}

/* kernel/workqueue.c: so does work. */
static struct work_struct *works[16];
static unsigned work_count;
struct workqueue_struct *system_wq;

bool queue_work_on(int cpu, struct workqueue_struct *queue, struct work_struct *work) {
  unsigned i;
  for (i = 0; i < work_count; i++)
    if (works[i] == work) return false;
  if (work_count == ARRAY_SIZE(works)) host_die("too much work is queued");
  works[work_count++] = work;
  return true;
}
bool queue_delayed_work_on(int cpu, struct workqueue_struct *queue, struct delayed_work *work,
                           unsigned long delay) {
  return queue_work_on(cpu, queue, &work->work);
}
struct workqueue_struct *alloc_workqueue(const char *format, unsigned flags, int most, ...) {
  static long queue;
  return (struct workqueue_struct *)&queue;
}
void destroy_workqueue(struct workqueue_struct *queue) {}

void rk_grace_period(void) {
  while (first_callback || work_count) {
    struct rcu_head *head = first_callback;
    if (head) {
      first_callback = head->next;
      if (!first_callback) last_callback = &first_callback;
      /* Below 4096 it is the offset of the head in a block to be freed: kfree_rcu(). */
      if ((unsigned long)head->func < 4096)
        kfree((char *)head - (unsigned long)head->func);
      else
        head->func(head);
      continue;
    }
    works[0]->func(works[0]);
    memmove(works, works + 1, --work_count * sizeof(works[0]));
  }
}

/* Nobody reads while the updater runs; callbacks still wait for the end of the call. */
void synchronize_rcu(void) {}
void synchronize_rcu_tasks_rude(void) {}

/* kernel/rcu/srcutiny.c: readers are counted, by an inline of the header's; whoever waits for one
 * that is still there would wait for ever. */
void synchronize_srcu(struct srcu_struct *srcu) {
  if (srcu->srcu_lock_nesting[0] || srcu->srcu_lock_nesting[1])
    host_die("waits for a reader of SRCU that does not leave");
}
int init_srcu_struct(struct srcu_struct *srcu) {
  memset(srcu, 0, sizeof(*srcu));
  return 0;
}
void __srcu_read_unlock(struct srcu_struct *srcu, int index) {
  if (srcu->srcu_lock_nesting[index] <= 0) host_die("SRCU is left that nobody reads");
  srcu->srcu_lock_nesting[index]--;
}

/* kernel/smp.c: this processor is all of them. */
void on_each_cpu_cond_mask(smp_cond_func_t condition, smp_call_func_t function, void *info,
                           bool wait, const struct cpumask *mask) {
  if (!condition || condition(0, info)) function(info);
}
int schedule_on_each_cpu(work_func_t function) {
  struct work_struct work;
  function(&work);
  return 0;
}
