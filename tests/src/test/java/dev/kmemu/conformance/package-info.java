/** That the suite accepts what is right and refuses what is broken. */
@NullMarked
package dev.kmemu.conformance;

import org.jspecify.annotations.NullMarked;
