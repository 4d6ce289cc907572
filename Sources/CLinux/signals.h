// What the C files share; nothing of it is for Swift.
#pragma once

#include <stdint.h>

// rt_sigprocmask(2) of the calling thread, 32 and 33 too. `before` may be null.
void clinux_change_mask(int how, uint64_t signals, uint64_t *before);
// Gives every signal that was changed here the disposition that this process was started with, and `defaults` theirs.
void clinux_restore_actions(uint64_t defaults);
