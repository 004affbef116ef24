/** A campaign that several processes do together, through Hazelcast. */
@NullMarked
package dev.kmemu.cluster;

import org.jspecify.annotations.NullMarked;
