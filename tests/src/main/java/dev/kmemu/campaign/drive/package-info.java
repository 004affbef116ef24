/**
 * Carries campaigns through. Work is given out by ranges of run numbers; what comes of a range is a
 * value, and a {@link dev.kmemu.campaign.drive.CampaignState} takes each range once, in any order
 * and from any thread or machine.
 */
@NullMarked
package dev.kmemu.campaign.drive;

import org.jspecify.annotations.NullMarked;
