/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What can be seen of ftrace (kernel.h): the end of glue_ftrace.c, which has the statics of the
 * kernel's file in reach.
 */

static unsigned char rk_flags(unsigned long flags) {
  unsigned char out = 0;
  if (flags & FTRACE_FL_DISABLED) out |= RK_REC_DISABLED;
  if (flags & FTRACE_FL_REGS) out |= RK_REC_REGS;
  if (flags & FTRACE_FL_TRAMP) out |= RK_REC_TRAMP;
  if (flags & FTRACE_FL_IPMODIFY) out |= RK_REC_IPMODIFY;
  if (flags & FTRACE_FL_ENABLED) out |= RK_REC_ENABLED;
  if (flags & FTRACE_FL_REGS_EN) out |= RK_REC_REGS_EN;
  if (flags & FTRACE_FL_TRAMP_EN) out |= RK_REC_TRAMP_EN;
  if (flags & (FTRACE_FL_DIRECT | FTRACE_FL_DIRECT_EN)) out |= RK_REC_OTHER;
  return out;
}

__attribute__((no_sanitize("address"))) static void rk_site(struct rk_record *record) {
  static const unsigned char nop[5] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
  const unsigned char *at = (const unsigned char *)record->ip;
  unsigned long target;
  int owner;
  record->owner = 0;
  record->site = RK_SITE_OTHER;
  if (!memcmp(at, nop, 5)) {
    record->site = RK_SITE_NOP;
    return;
  }
  if (at[0] != 0xe8) return;
  target = record->ip + 5 + *(const int *)(at + 1);
  if (target == (unsigned long)ftrace_caller) record->site = RK_SITE_CALL;
  if (target == (unsigned long)ftrace_regs_caller) record->site = RK_SITE_CALL_REGS;
  owner = rk_tramp_owner(target);
  if (owner >= 0) {
    record->site = RK_SITE_TRAMPOLINE;
    record->owner = owner;
  }
}

unsigned rk_records(struct rk_record *records, unsigned capacity) {
  struct ftrace_page *page;
  struct dyn_ftrace *rec;
  unsigned count = 0;
  do_for_each_ftrace_rec(page, rec) {
    if (count < capacity) {
      struct rk_record *out = &records[count];
      out->ip = rec->ip;
      out->count = ftrace_rec_count(rec);
      out->flags = rk_flags(rec->flags);
      rk_site(out);
    }
    count++;
  }
  while_for_each_ftrace_rec();
  return count;
}

unsigned rk_groups(struct rk_group *groups, unsigned capacity) {
  struct ftrace_page *page;
  unsigned count = 0;
  for (page = ftrace_pages_start; page; page = page->next) {
    if (count < capacity) {
      groups[count].first = page->index ? page->records[0].ip : 0;
      groups[count].used = page->index;
      groups[count].order = page->order;
    }
    count++;
  }
  return count;
}

int rk_is_registered(int o) { return (rk_ops[o]->flags & FTRACE_OPS_FL_ENABLED) != 0; }

int rk_pair(int o) {
  int i;
  if (!rk_ops[o]->func_hash) return o;
  for (i = 0; i < o; i++)
    if (rk_ops[i]->func_hash == rk_ops[o]->func_hash) return i;
  return o;
}

/* Adds the addresses of `hash` behind the first `used`; returns how many there are then. */
static unsigned rk_hash(struct ftrace_hash *hash, struct rk_hash_info *out, unsigned long *ips,
                        unsigned used, unsigned capacity) {
  struct ftrace_func_entry *entry;
  unsigned long i;
  out->count = out->cleared = 0;
  out->mod = hash && (hash->flags & FTRACE_HASH_FL_MOD) != 0;
  if (!hash || !hash->count) return used;
  for (i = 0; i < 1UL << hash->size_bits; i++) {
    hlist_for_each_entry(entry, &hash->buckets[i], hlist) {
      if (!entry->ip) {
        out->cleared++;
        continue;
      }
      if (used < capacity) ips[used] = entry->ip;
      used++;
      out->count++;
    }
  }
  return used;
}

unsigned rk_ops_infos(struct rk_ops_info ops[RK_OPS], unsigned long *ips, unsigned capacity) {
  unsigned used = 0;
  int o;
  for (o = 0; o < RK_OPS; o++) {
    struct rk_ops_info *out = &ops[o];
    struct ftrace_ops_hash *pair = rk_ops[o]->func_hash;
    struct trace_array *array = rk_tracers[o];
    out->registered = rk_is_registered(o);
    out->pair = rk_pair(o);
    used = rk_hash(pair ? pair->filter_hash : NULL, &out->hashes[RK_FILTER], ips, used, capacity);
    used = rk_hash(pair ? pair->notrace_hash : NULL, &out->hashes[RK_NOTRACE], ips, used, capacity);
    out->has_cached[RK_FILTER] = array && !list_empty(&array->mod_trace);
    out->has_cached[RK_NOTRACE] = array && !list_empty(&array->mod_notrace);
  }
  return used;
}

int rk_cached(int o, int which, unsigned n, const char **function, const char **module) {
  struct trace_array *array = rk_tracers[o];
  struct ftrace_mod_load *item;
  if (!array) return 0;
  list_for_each_entry(item, which ? &array->mod_notrace : &array->mod_trace, list) {
    if (n--) continue;
    *function = item->func;
    *module = item->module;
    return 1;
  }
  return 0;
}

/* RK_ALL_OPS: nobody's. */
static unsigned rk_number(const struct ftrace_ops *ops) {
  int n = rk_index(ops);
  if (n < RK_OPS) return n;
  n = rk_klp_number(ops);
  if (n < RK_KLP_OPS) return RK_OPS + n;
  for (n = 0; n < RK_KPROBE_OPS; n++)
    if (ops == rk_kprobe_ops(n)) return RK_FIRST_KPROBE_OPS + n;
  return RK_ALL_OPS;
}

unsigned rk_order(unsigned char order[RK_ALL_OPS]) {
  struct ftrace_ops *ops;
  unsigned count = 0;
  for (ops = ftrace_ops_list; ops != &ftrace_list_end && count < RK_ALL_OPS;
       ops = rk_next_listed(ops)) {
    order[count++] = rk_number(ops);
  }
  return count;
}

int rk_kprobe_ops_registered(int which) {
  return (rk_kprobe_ops(which)->flags & FTRACE_OPS_FL_ENABLED) != 0;
}

unsigned rk_kprobe_ops_filter(int which, unsigned long *ips, unsigned capacity) {
  struct ftrace_ops_hash *pair = rk_kprobe_ops(which)->func_hash;
  struct rk_hash_info info;
  return rk_hash(pair ? pair->filter_hash : NULL, &info, ips, 0, capacity);
}

void rk_get_globals(struct rk_globals *globals) {
  globals->dead = ftrace_disabled != 0;
  globals->enabled = ftrace_enabled != 0;
  globals->groups = rk_live[RK_TAG_GROUP];
  globals->pages = rk_live[RK_TAG_PAGES];
  globals->hash_entries = rk_live[RK_TAG_HASH_ENTRY];
  globals->cached = rk_live[RK_TAG_CACHED];
  globals->records = ftrace_update_tot_cnt;
}
