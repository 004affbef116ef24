/** Tests of campaigns that several processes do together. */
@NullMarked
package dev.kmemu.cluster;

import org.jspecify.annotations.NullMarked;
