/** Tests of {@code report.html}. */
@NullMarked
package dev.kmemu.campaign.report.html;

import org.jspecify.annotations.NullMarked;
