#pragma once

#include <stddef.h>
#include <sys/types.h>

// Whether two descriptors of this process are one open file description (kcmp(2)): 1 or 0; -1 where the kernel does
// not tell (no CONFIG_KCMP, a sandbox).
int clinux_is_same_open_file(int one, int other);
// The bytes that can be read from a pipe now, or -1.
int clinux_readable_bytes(int fd);
// The capacity of a pipe, or -1.
int clinux_pipe_size(int fd);
// writev(2) of two pieces: for a regular file one write, whatever others do to it meanwhile.
ssize_t clinux_write_both(int fd, const void *one, size_t one_count, const void *other, size_t other_count);

// How many bytes end with the last line feed in them; 0 where there is none.
ssize_t clinux_whole_lines(const void *bytes, size_t count);

// What a copier copies.
struct clinux_copy {
  int from;             // a pipe's reading end
  int to;               // -1: what is read is thrown away
  int whole_lines;      // to a file that others append to: a line goes in one write
  const char *pending;  // what was read before, and goes first
  size_t pending_count;
};

// Leaves a process behind that copies from pipes to where their bytes went before, until the last writer of each has
// gone. It takes only the descriptors it is given, is in a session of its own, and no signal but SIGKILL ends it: it is
// there for as long as somebody can write, and no longer. Where the place refuses a write, or nobody reads there, the
// pipe is closed, so that the writer is told as it would be without it.
//
// A thread of this process may hold any lock: the child makes async-signal-safe calls alone (signal-safety(7)).
// `name` is what ps(1) shows. Returns the child's pid, or -1.
pid_t clinux_leave_copier(struct clinux_copy *copies, int count, const char *name);
