/** Kernel threads of which one runs at a time, in an order that a script decides. */
@NullMarked
package dev.kmemu.campaign.sched;

import org.jspecify.annotations.NullMarked;
