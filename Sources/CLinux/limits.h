#pragma once

// In a child: it gets the caller's limits. Async-signal-safe. Return 0 or -1.
int clinux_restore_limits(void);
int clinux_restore_file_size_limit(void);
