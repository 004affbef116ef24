/**
 * Assertions on what a guest CPU sees and on what the kernel VM has built, in AssertJ's style. A
 * failure shows the page walk of the address. {@link dev.kmemu.testkit.assertions.KmemuAssertions}
 * is where to begin.
 */
@NullMarked
package dev.kmemu.testkit.assertions;

import org.jspecify.annotations.NullMarked;
