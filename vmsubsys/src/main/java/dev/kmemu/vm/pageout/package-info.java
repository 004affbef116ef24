/** The pageout daemon's scans of the paging queues. */
@NullMarked
package dev.kmemu.vm.pageout;

import org.jspecify.annotations.NullMarked;
