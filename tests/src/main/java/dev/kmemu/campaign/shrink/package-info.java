/** Makes failing scripts short. */
@NullMarked
package dev.kmemu.campaign.shrink;

import org.jspecify.annotations.NullMarked;
