/** Where pages go and come from: swap, devices, memory that stays. */
@NullMarked
package dev.kmemu.vm.pager;

import org.jspecify.annotations.NullMarked;
