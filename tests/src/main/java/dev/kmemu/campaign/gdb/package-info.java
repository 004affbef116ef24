/** The gdb suite: packets to a live stub, whose answers and machine are compared with a model. */
@NullMarked
package dev.kmemu.campaign.gdb;

import org.jspecify.annotations.NullMarked;
