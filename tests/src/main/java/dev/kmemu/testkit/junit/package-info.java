/**
 * JUnit Jupiter's side of the testkit: {@link dev.kmemu.testkit.junit.KmemuTest} gives each test a
 * fresh machine, and parameters of it.
 */
@NullMarked
package dev.kmemu.testkit.junit;

import org.jspecify.annotations.NullMarked;
