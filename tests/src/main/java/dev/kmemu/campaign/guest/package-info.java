/** A guest that does nothing but accesses, of which none ends it. */
@NullMarked
package dev.kmemu.campaign.guest;

import org.jspecify.annotations.NullMarked;
