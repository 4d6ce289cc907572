#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(kind) (1u << (kind))
#define CHANGES                                                                              \
  (BIT(fault_create) | BIT(fault_write) | BIT(fault_sync) | BIT(fault_size) | BIT(fault_name))

// An error is met only by calls that can have it (their man pages, section ERRORS).
static const struct error {
  const char *name;
  int value;
  unsigned kinds;
} errors[] = {
    {"EIO", EIO,
     CHANGES | BIT(fault_open) | BIT(fault_read) | BIT(fault_unlink) | BIT(fault_lock) |
         BIT(fault_status)},
    {"ENOSPC", ENOSPC, CHANGES},
    {"EDQUOT", EDQUOT, CHANGES},
    {"EROFS", EROFS, CHANGES | BIT(fault_unlink)},
    {"EACCES", EACCES,
     BIT(fault_create) | BIT(fault_open) | BIT(fault_name) | BIT(fault_unlink) |
         BIT(fault_status)},
    {"EMFILE", EMFILE, BIT(fault_create) | BIT(fault_open)},
    {"EINTR", EINTR,
     BIT(fault_create) | BIT(fault_open) | BIT(fault_read) | BIT(fault_write) | BIT(fault_size)},
    {"ENOLCK", ENOLCK, BIT(fault_lock)},
    {"ENOMEM", ENOMEM, BIT(fault_map) | BIT(fault_open) | BIT(fault_status)},
    {"SHORT", ENOSPC, BIT(fault_write)},
    {"KILL", 0, CHANGES | BIT(fault_unlink) | BIT(fault_lock)},
};

static const struct error *chosen;
static unsigned long chosen_call;
static int goes_on, is_short, kills;
static atomic_ulong unreported_calls;
static struct fault_report *report;

__attribute__((constructor)) static void choose(void) {
  const char *name = getenv("FAULT_ERROR"), *at = getenv("FAULT_AT"), *on = getenv("FAULT_ON");
  const char *path = getenv("FAULT_REPORT");
  if (name == 0) return;
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    if (strcmp(errors[i].name, name) == 0) chosen = &errors[i];
  if (chosen == 0) {
    fprintf(stderr, "fault shim: no such error: %s\n", name);
    abort();
  }
  chosen_call = at ? strtoul(at, 0, 10) : 0;
  goes_on = on != 0 && strcmp(on, "1") == 0;
  is_short = strcmp(name, "SHORT") == 0;
  kills = strcmp(name, "KILL") == 0;
  if (path == 0) return;
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void *memory = (void *)syscall(
      SYS_mmap, 0, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED, file, (off_t)0);
  syscall(SYS_close, file);
  // Shared memory: the count survives whatever ends the process.
  if (memory != MAP_FAILED) report = memory;
}

static unsigned long count_call(void) {
  if (report == 0) return atomic_fetch_add(&unreported_calls, 1) + 1;
  return __atomic_add_fetch(&report->calls, 1, __ATOMIC_SEQ_CST);
}

enum fault_verdict fault_decide(enum fault_kind kind, const char *call, const char *path) {
  if (chosen == 0 || (chosen->kinds & BIT(kind)) == 0 || !shim_means(path)) return fault_none;
  unsigned long number = count_call();
  if (chosen_call == 0 || number < chosen_call) return fault_none;
  int is_first = number == chosen_call;
  if (!is_first && !goes_on && !(is_short && number == chosen_call + 1)) return fault_none;
  if (report) {
    __atomic_add_fetch(&report->faults, 1, __ATOMIC_SEQ_CST);
    if (is_first) snprintf(report->first, sizeof report->first, "%s %s", call, path);
  }
  if (kills) syscall(SYS_kill, getpid(), SIGKILL);
  if (is_short && is_first) return fault_halve;
  errno = chosen->value;
  return fault_fail;
}
