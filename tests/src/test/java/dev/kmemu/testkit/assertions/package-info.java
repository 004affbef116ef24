/** Tests of the assertions and of what they say when they fail. */
@NullMarked
package dev.kmemu.testkit.assertions;

import org.jspecify.annotations.NullMarked;
