/**
 * Campaigns: random operations against a model. A {@link dev.kmemu.campaign.Suite} knows the
 * operations, a {@link dev.kmemu.campaign.Stage} does them and compares, and a {@link
 * dev.kmemu.campaign.Script} is what a failure is kept as.
 */
@NullMarked
package dev.kmemu.campaign;

import org.jspecify.annotations.NullMarked;
