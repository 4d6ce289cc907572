#define _GNU_SOURCE
#include "clinux.h"
#include "limits.h"
#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { room = 64 << 10, line_patience_ms = 100, most_copies = 2 };

struct flow {
  struct clinux_copy copy;
  int is_open;
  int is_file;
  // Of `bytes`: the first `ready` can be written, what follows is the beginning of a line.
  size_t ready, filled;
  // When that is written without its end, in milliseconds of the monotonic clock; 0 while nothing waits.
  int64_t due;
  char bytes[room];
};
// Not on the stack: the child may have a thread's.
static struct flow flows[most_copies];

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1;
}

static void end_flow(struct flow *flow) {
  flow->is_open = 0;
  close(flow->copy.from);
}

// What can be written without waiting for the line's end.
static void count_ready(struct flow *flow, int patience_is_over) {
  flow->ready = flow->filled;
  if (!flow->copy.whole_lines || patience_is_over || flow->filled == room) return;
  const char *end = memrchr(flow->bytes, '\n', flow->filled);
  flow->ready = end ? (size_t)(end - flow->bytes) + 1 : 0;
}

static void read_from(struct flow *flow) {
  const ssize_t count = read(flow->copy.from, flow->bytes + flow->filled, room - flow->filled);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count <= 0) {
    // The last line may have no end.
    flow->ready = flow->filled;
    if (flow->filled == 0) end_flow(flow);
    return;
  }
  flow->filled += (size_t)count;
  if (flow->copy.to < 0) flow->filled = 0;
  count_ready(flow, 0);
}

// Returns how many bytes are gone; -1 when the place takes none any more. Pieces that a pipe takes at once (pipe(7),
// PIPE_BUF), lest the other stream wait too.
static ssize_t write_some(struct flow *flow, const char *bytes, size_t count) {
  if (!flow->is_file && count > PIPE_BUF) count = PIPE_BUF;
  const ssize_t written = write(flow->copy.to, bytes, count);
  if (written >= 0) return written;
  return errno == EINTR || errno == EAGAIN ? 0 : -1;
}

static void write_to(struct flow *flow) {
  struct clinux_copy *copy = &flow->copy;
  if (copy->pending_count > 0) {
    const ssize_t count = write_some(flow, copy->pending, copy->pending_count);
    if (count < 0) return end_flow(flow);
    copy->pending += count;
    copy->pending_count -= (size_t)count;
    return;
  }
  const ssize_t count = write_some(flow, flow->bytes, flow->ready);
  if (count < 0) return end_flow(flow);
  flow->ready -= (size_t)count;
  flow->filled -= (size_t)count;
  memmove(flow->bytes, flow->bytes + count, flow->filled);
}

static int wants_to_write(const struct flow *flow) { return flow->copy.pending_count > 0 || flow->ready > 0; }

static void copy_until_end(int count) {
  for (;;) {
    struct pollfd polled[most_copies];
    int is_any = 0, patience = -1;
    for (int i = 0; i < count; i++) {
      struct flow *flow = &flows[i];
      const int writes = wants_to_write(flow);
      polled[i].fd = !flow->is_open ? -1 : writes ? flow->copy.to : flow->copy.from;
      polled[i].events = writes ? POLLOUT : POLLIN;
      polled[i].revents = 0;
      if (!flow->is_open) continue;
      is_any = 1;
      if (writes || flow->filled == 0) {
        flow->due = 0;
        continue;
      }
      // Its own, whatever the other one does.
      const int64_t now = now_ms();
      if (flow->due == 0) flow->due = now + line_patience_ms;
      const int left = flow->due > now ? (int)(flow->due - now) : 0;
      if (patience < 0 || left < patience) patience = left;
    }
    if (!is_any) return;
    const int ready = poll(polled, (nfds_t)count, patience);
    for (int i = 0; i < count; i++) {
      struct flow *flow = &flows[i];
      if (!flow->is_open) continue;
      if (ready > 0 && polled[i].revents != 0) {
        if (wants_to_write(flow)) write_to(flow); else read_from(flow);
      }
      if (flow->due > 0 && !wants_to_write(flow) && now_ms() >= flow->due) count_ready(flow, 1);
    }
  }
}

// Everything but stdout and stderr where something is copied to, and the pipes.
static void close_others(int count) {
  int highest = 2;
  for (int i = 0; i < count; i++)
    if (flows[i].copy.from > highest) highest = flows[i].copy.from;
  for (int fd = 0; fd <= highest; fd++) {
    int is_used = 0;
    for (int i = 0; i < count; i++) is_used |= fd == flows[i].copy.from || fd == flows[i].copy.to;
    if (!is_used) close(fd);
  }
  closefrom(highest + 1);
}

// The words that the process was started with are where ps(1) looks (proc(5), cmdline).
static void show_name(const char *name) {
  const int count = clinux_argument_count();
  if (count < 1) return;
  char *start = (char *)clinux_argument(0);
  const char *last = clinux_argument(count - 1);
  const size_t size = (size_t)(last + strlen(last) - start);
  memset(start, 0, size);
  const size_t length = strlen(name);
  memcpy(start, name, length < size ? length : size);
}

pid_t clinux_leave_copier(struct clinux_copy *copies, int count, const char *name) {
  if (count > most_copies) {
    errno = EINVAL;
    return -1;
  }
  const pid_t pid = fork();
  if (pid != 0) return pid;
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, 0);
  setsid();
  prctl(PR_SET_NAME, "taro-copier");
  show_name(name);
  for (int i = 0; i < count; i++) {
    struct flow *flow = &flows[i];
    struct stat info;
    flow->copy = copies[i];
    flow->is_open = 1;
    flow->is_file = flow->copy.to >= 0 && fstat(flow->copy.to, &info) == 0 && S_ISREG(info.st_mode);
  }
  close_others(count);
  // What it writes is the job's.
  clinux_restore_file_size_limit();
  // No file system is kept from being unmounted.
  if (chdir("/") != 0) { /* it stays */ }
  copy_until_end(count);
  _exit(0);
}
