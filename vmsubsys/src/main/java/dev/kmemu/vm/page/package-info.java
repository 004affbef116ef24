/** Physical pages: the vm_page array, its queues, allocation and wiring. */
@NullMarked
package dev.kmemu.vm.page;

import org.jspecify.annotations.NullMarked;
