#include "clinux_limits.h"
#include "limits.h"

#include <sys/resource.h>

enum { most_limits = 8 };
// Written once, before there is a second thread, and read from then on.
static struct {
  int resource;
  struct rlimit callers;
} lifted[most_limits];
static int lifted_count;
static uint64_t callers_file_size = UINT64_MAX;

static void lift(int resource, rlim_t needed) {
  struct rlimit callers;
  if (lifted_count == most_limits || getrlimit(resource, &callers) != 0) return;
  if (callers.rlim_cur >= needed) return;
  const rlim_t hard = callers.rlim_max;
  struct rlimit own = {needed, hard > needed ? hard : needed};
  if (setrlimit(resource, &own) != 0) {
    // Above the hard limit is for who has CAP_SYS_RESOURCE.
    if (callers.rlim_cur == hard) return;
    own.rlim_cur = own.rlim_max = hard;
    if (setrlimit(resource, &own) != 0) return;
  }
  lifted[lifted_count].resource = resource;
  lifted[lifted_count].callers = callers;
  lifted_count++;
  if (resource == RLIMIT_FSIZE) callers_file_size = callers.rlim_cur;
}

void clinux_lift_limits(int file_size_alone) {
  lift(RLIMIT_FSIZE, RLIM_INFINITY);
  if (file_size_alone) return;
  lift(RLIMIT_CPU, RLIM_INFINITY);
  lift(RLIMIT_AS, RLIM_INFINITY);
  lift(RLIMIT_DATA, RLIM_INFINITY);
  // The usual ones, and not more: the kernel's tables and the room of the stack grow with use alone.
  lift(RLIMIT_NOFILE, 1024);
  lift(RLIMIT_STACK, 8 << 20);
}

uint64_t clinux_callers_file_size(void) { return callers_file_size; }

int clinux_restore_limits(void) {
  for (int i = 0; i < lifted_count; i++)
    if (setrlimit(lifted[i].resource, &lifted[i].callers) != 0) return -1;
  return 0;
}

int clinux_restore_file_size_limit(void) {
  for (int i = 0; i < lifted_count; i++)
    if (lifted[i].resource == RLIMIT_FSIZE) return setrlimit(RLIMIT_FSIZE, &lifted[i].callers);
  return 0;
}
