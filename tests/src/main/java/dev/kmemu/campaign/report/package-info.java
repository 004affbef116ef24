/** What a campaign tells other programs. */
@NullMarked
package dev.kmemu.campaign.report;

import org.jspecify.annotations.NullMarked;
