/** What tests of kernel VM code stand on. */
@NullMarked
package dev.kmemu.testkit;

import org.jspecify.annotations.NullMarked;
