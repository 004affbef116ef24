/** Tests of the guest programs' images and of the Java view of their protocol. */
@NullMarked
package dev.kmemu.firmware;

import org.jspecify.annotations.NullMarked;
