// What the files of the shim share; nothing here is seen by others.
#pragma once

#include "fault_shim.h"

#include <stddef.h>

#define EXPORT __attribute__((visibility("default")))

/// True when the shim acts in this process, and that path is meant.
int shim_means(const char *path);
/// The path that a descriptor was opened by, or the part of it that fits. Returns 0 when there is none.
int shim_path(int fd, char *path, size_t size);
/// The path of `name` in the directory `fd`, as openat(2) finds it.
const char *shim_path_at(int fd, const char *name, char *path, size_t size);

/// True when a call on this descriptor is meant; `path` (PATH_MAX) is then what it was opened by.
int shim_means_fd(int fd, char *path);
/// True when a change of that path is to be written down.
int shim_records(const char *path);
/// 0 where there is no such file.
uint64_t shim_inode_of(int fd);
uint64_t shim_inode_at(const char *path);
/// Writes down that something happened that the log has no words for.
void shim_add_unknown(const char *call);

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
