/** Tests of {@code report.kva}. */
@NullMarked
package dev.kmemu.campaign.report.kva;

import org.jspecify.annotations.NullMarked;
