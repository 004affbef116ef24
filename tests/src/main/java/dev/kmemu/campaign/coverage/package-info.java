/** What campaigns have covered. */
@NullMarked
package dev.kmemu.campaign.coverage;

import org.jspecify.annotations.NullMarked;
