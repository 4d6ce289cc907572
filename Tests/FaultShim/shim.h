// What the files of the shim share; nothing here is seen by others.
#pragma once

#include "fault_shim.h"

#include <stddef.h>

/// True when the shim acts in this process, and that path is meant.
int shim_means(const char *path);
/// The path that a descriptor was opened by, or the part of it that fits. Returns 0 when there is none.
int shim_path(int fd, char *path, size_t size);
/// The path of `name` in the directory `fd`, as openat(2) finds it.
const char *shim_path_at(int fd, const char *name, char *path, size_t size);

enum fault_verdict { fault_none, fault_fail, fault_halve };
/// Counts the call. fault_fail: it has to fail, errno is set.
enum fault_verdict fault_decide(enum fault_kind kind, const char *call, const char *path);

int recording(void);
/// Keeps the calls of all recorded processes apart, so that their order in the log is theirs. Nothing that waits for
/// another process may happen in between.
void recording_begin(void);
void recording_end(void);
/// Keeps errno.
void recording_add(
    enum fault_operation operation, uint64_t inode, uint64_t offset, const char *path,
    const void *data, size_t length);
