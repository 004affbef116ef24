/** Tests of {@code report.heat}. */
@NullMarked
package dev.kmemu.campaign.report.heat;

import org.jspecify.annotations.NullMarked;
