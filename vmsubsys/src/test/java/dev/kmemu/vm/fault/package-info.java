/** Tests of the fault code's parts. */
@NullMarked
package dev.kmemu.vm.fault;

import org.jspecify.annotations.NullMarked;
