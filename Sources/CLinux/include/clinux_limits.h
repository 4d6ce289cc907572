#pragma once

#include <stdint.h>

// What the caller allows is for the job (setrlimit(2)); this process gets what it needs for itself, as far as it may.
// Call it once, before there is a second thread. What clinux_spawn starts gets the caller's limits.
void clinux_lift_limits(int file_size_alone);

// How large a file may become by the caller's limit; UINT64_MAX where that was not lifted, and the kernel sees to it.
uint64_t clinux_callers_file_size(void);
