/** The real CPU on the kernel VM's page tables. */
@NullMarked
package dev.kmemu.testkit;

import org.jspecify.annotations.NullMarked;
