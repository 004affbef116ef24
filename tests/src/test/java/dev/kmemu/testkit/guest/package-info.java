/** Tests of the guest CPU that tests are written with. */
@NullMarked
package dev.kmemu.testkit.guest;

import org.jspecify.annotations.NullMarked;
