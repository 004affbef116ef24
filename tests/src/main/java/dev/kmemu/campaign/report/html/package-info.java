/** A campaign's report as one HTML file, which needs neither a network nor scripts to be read. */
@NullMarked
package dev.kmemu.campaign.report.html;

import org.jspecify.annotations.NullMarked;
