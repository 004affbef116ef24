/** Kernel services: panic, tokens, lockmgr locks, sleep queues, counters and sysctl. */
@NullMarked
package dev.kmemu.vm.kern;

import org.jspecify.annotations.NullMarked;
