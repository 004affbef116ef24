/** Tests of JUnit Jupiter's side of the testkit. */
@NullMarked
package dev.kmemu.testkit.junit;

import org.jspecify.annotations.NullMarked;
