/// A library for LD_PRELOAD: it stands between one program and libc, makes chosen calls fail, and writes
/// down what reaches the files. The environment says what it does; without FAULT_PATHS it does nothing.
///
///   FAULT_PATHS    paths, separated by colons: only these, what is in them, and files whose names go on with "-" after
///                  one of them are meant
///   FAULT_PROGRAM  the name of the program that it acts in, "taro" by default; it is silent in its jobs
///
/// Faults (faults.c):
///   FAULT_ERROR    EIO, ENOSPC, EDQUOT, EROFS, EACCES, EMFILE, EINTR, ENOLCK, ENOMEM; SHORT: a write writes half, and
///                  the next finds no space; KILL: the process is killed in place of the call
///   FAULT_AT       which of the calls that this error can meet fails, from 1; 0 or absent: none, they are counted
///   FAULT_ON       "1": from that call on, all of them fail
///   FAULT_REPORT   a file of `struct fault_report`, which has to be there
///
/// Recording (recording.c):
///   FAULT_LOG      a file that gets one `struct fault_record` for each call that changed something, in the order of
///                  the calls, of all processes that name the same file
#pragma once

#include <stddef.h>
#include <stdint.h>

enum fault_kind {
  fault_open = 1,
  fault_create,
  fault_read,
  fault_write,
  fault_sync,
  fault_size,
  fault_name,
  fault_unlink,
  fault_lock,
  fault_map,
  fault_status,
};

struct fault_report {
  /// Calls that the error can meet.
  uint64_t calls;
  /// Calls that were made to fail.
  uint64_t faults;
  /// The first of these: its name, a blank, and the file's.
  char first[256];
};

enum fault_operation {
  /// `path`, `inode`: made empty. Without a path it has no name yet.
  fault_log_create = 1,
  fault_log_mkdir,
  fault_log_mkfifo,
  /// `inode`, `offset`, `data`.
  fault_log_write,
  /// `inode`; `offset` is the new size.
  fault_log_size,
  /// `inode` of a file; it has succeeded.
  fault_log_sync,
  /// `path` of a directory.
  fault_log_sync_names,
  /// `path`, and the new one in `data`.
  fault_log_rename,
  /// The same, or without a path the first name of a file that had none.
  fault_log_link,
  /// `path`.
  fault_log_unlink,
  /// What follows happens after the process has started a child.
  fault_log_spawn,
  /// The process says `data` on stdout: whoever reads it may believe it.
  fault_log_say,
  /// The process ends with the exit code `offset`.
  fault_log_exit,
  /// A change that a replay does not know: `path` is the call.
  fault_log_unknown,
};

/// Followed by the path and the data, without padding.
struct fault_record {
  uint32_t operation;
  uint32_t pid;
  uint64_t inode;
  uint64_t offset;
  uint32_t path_length;
  uint32_t data_length;
};
